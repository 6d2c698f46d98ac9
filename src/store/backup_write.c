#include <stdlib.h>

#include "src/store/backup_private.h"

static const char text_open[] =
	BACKUP_MAGIC_1
	"This file holds the secret key of a Scuttlebutt identity, and it is "
	"not sealed:\n"
	"whoever has it can write in that name.  Keep it where only you can "
	"read it.\n"
	"kith restore FILE makes a home of it; see kith-backup(5).\n";

static const char text_sealed[] =
	BACKUP_MAGIC_1
	"This file holds a Scuttlebutt identity and its store, sealed with a "
	"passphrase.\n"
	"kith restore FILE asks for it and makes a home of the file; see "
	"kith-backup(5).\n";

static_assert(sizeof(text_open) < AT_KIND && sizeof(text_sealed) < AT_KIND,
	      "the text stands before the kind");

struct backup_writer {
	struct backup_chain chain;
	struct kith_buf *out;
	uint16_t section; /* 0: none begun */
	bool first;
	size_t n;
	uint8_t content[BACKUP_CHUNK_BYTES_MAX];
};

static void put_sealed(struct backup_writer *w, const uint8_t *header,
		       bool end)
{
	struct backup_bound bound = backup_bind(&w->chain, header);
	uint8_t *to = kith_buf_reserve(w->out, w->n + SEAL_BYTES);

	if (!to)
		return;
	crypto_secretstream_xchacha20poly1305_push(
		&w->chain.stream, to, NULL, w->content, w->n, bound.b,
		sizeof(bound.b),
		end ? crypto_secretstream_xchacha20poly1305_TAG_FINAL : 0);
	w->out->n += w->n + SEAL_BYTES;
}

static void put_open(struct backup_writer *w)
{
	struct kith_slice chunk;

	kith_buf_put(w->out, (struct kith_slice){ w->content, w->n });
	if (w->out->err)
		return;
	chunk = kith_bytes(w->out);
	chunk.p += chunk.n - w->n - BACKUP_CHUNK_HEADER_BYTES;
	chunk.n = w->n + BACKUP_CHUNK_HEADER_BYTES;
	backup_link(&w->chain, chunk, w->chain.link);
	kith_buf_put(w->out, (struct kith_slice){ w->chain.link, HASH_BYTES });
}

static void put_chunk(struct backup_writer *w, unsigned flags)
{
	uint8_t header[BACKUP_CHUNK_HEADER_BYTES];

	if (w->first)
		flags |= FIRST;
	kith_put_be16(header, w->section);
	kith_put_be16(header + 2, (uint16_t)flags);
	kith_put_be32(header + 4, (uint32_t)w->n);
	kith_buf_put(w->out, (struct kith_slice){ header, sizeof(header) });
	if (w->chain.sealed)
		put_sealed(w, header, flags & END);
	else
		put_open(w);
	w->n = 0;
	w->first = false;
}

void backup_section(struct backup_writer *w, uint16_t section)
{
	if (w->section)
		put_chunk(w, LAST);
	w->section = section;
	w->first = true;
}

void backup_write(struct backup_writer *w, struct kith_slice bytes)
{
	while (bytes.n) {
		size_t room = sizeof(w->content) - w->n;
		size_t n = bytes.n < room ? bytes.n : room;

		if (!room) {
			put_chunk(w, 0);
			continue;
		}
		memcpy(w->content + w->n, bytes.p, n);
		w->n += n;
		bytes.p += n;
		bytes.n -= n;
	}
}

void backup_end(struct backup_writer *w)
{
	put_chunk(w, LAST | END);
}

static enum kith_err seal(struct backup_writer *w,
			  struct kith_slice passphrase,
			  uint8_t header[static BACKUP_HEADER_BYTES],
			  struct kith_error *e)
{
	uint8_t key[KEY_BYTES];
	enum kith_err err;

	randombytes_buf(header + AT_SALT, crypto_pwhash_SALTBYTES);
	err = backup_derive(passphrase, header, key, e);
	if (!err) {
		crypto_secretstream_xchacha20poly1305_init_push(
			&w->chain.stream, header + AT_STREAM, key);
		backup_check_of(key, header + AT_CHECK);
	}
	sodium_memzero(key, sizeof(key));
	return err;
}

static enum kith_err put_header(struct backup_writer *w,
				struct kith_slice passphrase,
				const struct kith_seal_cost *cost,
				int64_t made_us, struct kith_error *e)
{
	const char *text = passphrase.n ? text_sealed : text_open;
	uint8_t header[BACKUP_HEADER_BYTES] = { 0 };
	enum kith_err err = KITH_OK;

	memset(header, ' ', AT_KIND - 1);
	header[AT_KIND - 1] = '\n';
	memcpy(header, text, strlen(text));
	kith_put_be64(header + AT_MADE, (uint64_t)made_us);
	if (passphrase.n) {
		header[AT_KIND] = KIND_SEALED;
		kith_put_be32(header + AT_PASSES, cost->passes);
		kith_put_be64(header + AT_MEMORY, cost->memory_bytes);
		err = seal(w, passphrase, header, e);
	}
	backup_hash_header(header, header + AT_HASH);
	memcpy(w->chain.head, header + AT_HASH, HASH_BYTES);
	memcpy(w->chain.link, header + AT_HASH, HASH_BYTES);
	kith_buf_put(w->out, (struct kith_slice){ header, sizeof(header) });
	return err;
}

enum kith_err backup_writer_new(struct kith_slice passphrase,
				const struct kith_seal_cost *cost,
				int64_t made_us, struct kith_buf *out,
				struct backup_writer **w, struct kith_error *e)
{
	struct backup_writer *made = calloc(1, sizeof(*made));
	enum kith_err err;

	if (!made)
		return kith_fail(e, KITH_ENOMEM, 0, "out of memory");
	made->out = out;
	made->chain.sealed = passphrase.n > 0;
	err = put_header(made, passphrase, cost, made_us, e);
	if (err) {
		backup_writer_free(made);
		return err;
	}
	*w = made;
	return KITH_OK;
}

void backup_writer_free(struct backup_writer *w)
{
	if (!w)
		return;
	sodium_memzero(w, sizeof(*w));
	free(w);
}
