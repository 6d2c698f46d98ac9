#include "src/store/backup_file.h"

#include <assert.h>
#include <stdlib.h>

#include <sodium.h>

/* Places in the header. */
enum {
	AT_KIND = 256,
	AT_PASSES = 260,
	AT_MEMORY = 264,
	AT_SALT = 272,
	AT_STREAM = 288,
	AT_CHECK = 312,
	AT_MADE = 328,
	AT_HASH = 336,
	HASH_BYTES = 32,
	CHECK_BYTES = 16
};

enum { KIND_OPEN = 0, KIND_SEALED = 1 };

/* Flags of a chunk. */
enum { FIRST = 1, LAST = 2, END = 4 };

enum {
	KEY_BYTES = crypto_secretstream_xchacha20poly1305_KEYBYTES,
	SEAL_BYTES = crypto_secretstream_xchacha20poly1305_ABYTES,
	STREAM_BYTES = crypto_secretstream_xchacha20poly1305_HEADERBYTES
};

static_assert(AT_HASH + HASH_BYTES == BACKUP_HEADER_BYTES, "header");
static_assert(AT_STREAM + STREAM_BYTES == AT_CHECK, "stream header");
static_assert(AT_SALT + crypto_pwhash_SALTBYTES == AT_STREAM, "salt");

static const char magic[] = "kith backup ";

static const char text_open[] =
	"kith backup 1\n"
	"This file holds the secret key of a Scuttlebutt identity, and it is "
	"not sealed:\n"
	"whoever has it can write in that name.  Keep it where only you can "
	"read it.\n"
	"kith restore FILE makes a home of it; see kith-backup(5).\n";

static const char text_sealed[] =
	"kith backup 1\n"
	"This file holds a Scuttlebutt identity and its store, sealed with a "
	"passphrase.\n"
	"kith restore FILE asks for it and makes a home of the file; see "
	"kith-backup(5).\n";

/* What both sides keep of a file. */
struct chain {
	bool sealed;
	uint8_t head[HASH_BYTES]; /* the header's own hash */
	uint8_t link[HASH_BYTES]; /* open: the hash before */
	crypto_secretstream_xchacha20poly1305_state stream;
};

static void hash_header(const uint8_t header[static BACKUP_HEADER_BYTES],
			uint8_t out[static HASH_BYTES])
{
	crypto_generichash(out, HASH_BYTES, header, AT_HASH, NULL, 0);
}

/* Tells a wrong passphrase from a damaged file, at the price of a guess. */
static void check_of(const uint8_t key[static KEY_BYTES],
		     uint8_t out[static CHECK_BYTES])
{
	static const char purpose[] = "kith backup key check";

	crypto_generichash(out, CHECK_BYTES, (const uint8_t *)purpose,
			   sizeof(purpose) - 1, key, KEY_BYTES);
}

static enum kith_err derive(struct kith_slice passphrase,
			    const uint8_t header[static BACKUP_HEADER_BYTES],
			    uint8_t key[static KEY_BYTES],
			    struct kith_error *e)
{
	uint64_t memory = kith_be64(header + AT_MEMORY);

	if (!crypto_pwhash(key, KEY_BYTES, (const char *)passphrase.p,
			   passphrase.n, header + AT_SALT,
			   kith_be32(header + AT_PASSES), (size_t)memory,
			   crypto_pwhash_ALG_ARGON2ID13))
		return KITH_OK;
	return kith_fail(e, KITH_ENOMEM, 0, "the passphrase needs %llu MiB of "
			 "memory to be tried, which this machine does not give",
			 (unsigned long long)memory >> 20);
}

/* The next link of an open file's chain. */
static void link_open(struct chain *c, struct kith_slice chunk,
		      uint8_t out[static HASH_BYTES])
{
	crypto_generichash_state h;

	crypto_generichash_init(&h, NULL, 0, HASH_BYTES);
	crypto_generichash_update(&h, c->link, HASH_BYTES);
	crypto_generichash_update(&h, chunk.p, chunk.n);
	crypto_generichash_final(&h, out, HASH_BYTES);
}

/* What a sealed chunk is bound to: the file's header and its own. */
struct bound {
	uint8_t b[HASH_BYTES + BACKUP_CHUNK_HEADER_BYTES];
};

static struct bound bind_chunk(const struct chain *c, const uint8_t *header)
{
	struct bound out;

	memcpy(out.b, c->head, HASH_BYTES);
	memcpy(out.b + HASH_BYTES, header, BACKUP_CHUNK_HEADER_BYTES);
	return out;
}

/* --- writing --- */

struct backup_writer {
	struct chain chain;
	struct kith_buf *out;
	uint16_t section; /* 0: none begun */
	bool first;
	size_t n;
	uint8_t content[BACKUP_CHUNK_BYTES_MAX];
};

static void put_sealed(struct backup_writer *w, const uint8_t *header,
		       bool end)
{
	struct bound bound = bind_chunk(&w->chain, header);
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
	link_open(&w->chain, chunk, w->chain.link);
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
	err = derive(passphrase, header, key, e);
	if (!err) {
		crypto_secretstream_xchacha20poly1305_init_push(
			&w->chain.stream, header + AT_STREAM, key);
		check_of(key, header + AT_CHECK);
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
	hash_header(header, header + AT_HASH);
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

/* --- reading --- */

enum state { HEADER, LOCKED, CHUNK_HEADER, CHUNK, ENDED, BROKEN };

struct backup_reader {
	struct chain chain;
	enum state state;
	struct kith_error error;
	uint64_t at; /* bytes taken so far */
	uint16_t section;
	bool inside; /* of a section, not at its end */
	uint8_t header[BACKUP_HEADER_BYTES];
	size_t n, want; /* in and of bytes */
	uint8_t bytes[BACKUP_CHUNK_HEADER_BYTES + BACKUP_CHUNK_BYTES_MAX +
		      BACKUP_TAG_BYTES_MAX];
};

struct backup_reader *backup_reader_new(void)
{
	struct backup_reader *r = calloc(1, sizeof(*r));

	if (r)
		r->want = BACKUP_HEADER_BYTES;
	return r;
}

void backup_reader_free(struct backup_reader *r)
{
	if (!r)
		return;
	sodium_memzero(r, sizeof(*r));
	free(r);
}

int64_t backup_made_us(const struct backup_reader *r)
{
	return (int64_t)kith_be64(r->header + AT_MADE);
}

void backup_error(const struct backup_reader *r, struct kith_error *e)
{
	if (r->state == BROKEN)
		kith_fail(e, r->error.code, r->error.offset, "%s",
			  r->error.text);
	else if (r->state == HEADER)
		kith_fail(e, KITH_EFORMAT, r->at,
			  "it is no backup that kith made");
	else
		kith_fail(e, KITH_EFORMAT, r->at, "it ends too early, after "
			  "%llu bytes: a part of it is missing",
			  (unsigned long long)r->at);
}

static enum backup_step bad(struct backup_reader *r, enum kith_err code,
			    const char *text)
{
	r->state = BROKEN;
	kith_fail(&r->error, code, r->at, "%s", text);
	return BACKUP_BAD;
}

static enum backup_step damaged(struct backup_reader *r)
{
	r->state = BROKEN;
	kith_fail(&r->error, KITH_EFORMAT, r->at, "it is damaged before byte "
		  "%llu", (unsigned long long)r->at);
	return BACKUP_BAD;
}

/* True once want bytes are there. */
static bool gather(struct backup_reader *r, struct kith_slice *in)
{
	size_t n = r->want - r->n;

	if (n > in->n)
		n = in->n;
	if (n)
		memcpy(r->bytes + r->n, in->p, n);
	r->n += n;
	r->at += n;
	in->p += n;
	in->n -= n;
	return r->n == r->want;
}

static void expect(struct backup_reader *r, enum state state, size_t want)
{
	r->state = state;
	r->n = 0;
	r->want = want;
}

/* True if what is there of the header can be the start of one: so that junk
 * is told at once, whatever its length. */
static bool may_be_ours(const struct backup_reader *r)
{
	size_t n = r->n < sizeof(magic) - 1 ? r->n : sizeof(magic) - 1;

	return !memcmp(r->bytes, magic, n);
}

static enum backup_step check_version(struct backup_reader *r)
{
	const uint8_t *digits = r->bytes + sizeof(magic) - 1;

	if (!memcmp(r->bytes, text_open, strlen("kith backup 1\n")))
		return BACKUP_MORE;
	if (digits[0] >= '1' && digits[0] <= '9')
		return bad(r, KITH_EFORMAT, "a newer kith made it: restore it "
			   "with that one");
	return bad(r, KITH_EFORMAT, "it is no backup that kith made");
}

static bool cost_is_fair(const uint8_t header[static BACKUP_HEADER_BYTES])
{
	struct kith_seal_cost cost = {
		.passes = kith_be32(header + AT_PASSES),
		.memory_bytes = kith_be64(header + AT_MEMORY),
	};

	return kith_seal_is_fair(&cost);
}

static enum backup_step take_header(struct backup_reader *r)
{
	uint8_t hash[HASH_BYTES];

	if (check_version(r) == BACKUP_BAD)
		return BACKUP_BAD;
	hash_header(r->bytes, hash);
	if (memcmp(hash, r->bytes + AT_HASH, HASH_BYTES) != 0)
		return damaged(r);
	memcpy(r->header, r->bytes, BACKUP_HEADER_BYTES);
	memcpy(r->chain.head, hash, HASH_BYTES);
	memcpy(r->chain.link, hash, HASH_BYTES);
	r->chain.sealed = r->header[AT_KIND] == KIND_SEALED;
	if (!r->chain.sealed) {
		if (r->header[AT_KIND] != KIND_OPEN)
			return bad(r, KITH_EFORMAT, "a newer kith made it: "
				   "restore it with that one");
		expect(r, CHUNK_HEADER, BACKUP_CHUNK_HEADER_BYTES);
		return BACKUP_MORE;
	}
	if (!cost_is_fair(r->header))
		return bad(r, KITH_ETOOBIG, "it asks for more memory or time "
			   "to try a passphrase than any kith does");
	r->state = LOCKED;
	return BACKUP_SEALED;
}

enum kith_err backup_unlock(struct backup_reader *r,
			    struct kith_slice passphrase, struct kith_error *e)
{
	uint8_t key[KEY_BYTES], check[CHECK_BYTES];
	enum kith_err err = derive(passphrase, r->header, key, e);

	if (!err) {
		check_of(key, check);
		if (sodium_memcmp(check, r->header + AT_CHECK, CHECK_BYTES))
			err = kith_fail(e, KITH_EDENIED, 0,
					"wrong passphrase");
	}
	if (!err && crypto_secretstream_xchacha20poly1305_init_pull(
			    &r->chain.stream, r->header + AT_STREAM, key))
		err = kith_fail(e, KITH_EFORMAT, 0, "it is damaged");
	if (!err)
		expect(r, CHUNK_HEADER, BACKUP_CHUNK_HEADER_BYTES);
	sodium_memzero(key, sizeof(key));
	sodium_memzero(check, sizeof(check));
	return err;
}

/* The header of a chunk, which is not checked yet, only whether it makes
 * sense. */
static enum backup_step take_chunk_header(struct backup_reader *r)
{
	uint32_t n = kith_be32(r->bytes + 4);

	if (n > BACKUP_CHUNK_BYTES_MAX)
		return damaged(r);
	r->state = CHUNK;
	r->want = BACKUP_CHUNK_HEADER_BYTES + n +
		  (r->chain.sealed ? (size_t)SEAL_BYTES : (size_t)HASH_BYTES);
	return BACKUP_MORE;
}

/* A message of the stream begins with its sealed tag; the plain text takes the
 * exact place of the sealed one behind that. */
static bool open_sealed(struct backup_reader *r, size_t n, bool end)
{
	struct bound bound = bind_chunk(&r->chain, r->bytes);
	uint8_t *message = r->bytes + BACKUP_CHUNK_HEADER_BYTES;
	uint8_t tag;

	return !crypto_secretstream_xchacha20poly1305_pull(
		       &r->chain.stream, message + 1, NULL, &tag, message,
		       n + SEAL_BYTES, bound.b, sizeof(bound.b)) &&
	       tag == (end ? crypto_secretstream_xchacha20poly1305_TAG_FINAL
			   : 0);
}

static bool check_open(struct backup_reader *r, size_t n)
{
	struct kith_slice chunk = { r->bytes, BACKUP_CHUNK_HEADER_BYTES + n };

	link_open(&r->chain, chunk, r->chain.link);
	return !memcmp(r->chain.link, r->bytes + chunk.n, HASH_BYTES);
}

/* Whether the chunk continues the section, or begins one after its end. */
static bool in_order(const struct backup_reader *r, uint16_t section,
		     bool first)
{
	return first ? !r->inside : r->inside && section == r->section;
}

static enum backup_step take_chunk(struct backup_reader *r,
				   struct backup_piece *out)
{
	uint16_t section = kith_be16(r->bytes);
	uint16_t flags = kith_be16(r->bytes + 2);
	size_t n = kith_be32(r->bytes + 4);
	bool end = flags & END;

	if (!(r->chain.sealed ? open_sealed(r, n, end) : check_open(r, n)))
		return damaged(r);
	*out = (struct backup_piece){
		.section = section,
		.first = flags & FIRST,
		.last = flags & LAST,
		.bytes = { r->bytes + BACKUP_CHUNK_HEADER_BYTES +
				   r->chain.sealed, n },
	};
	if (!in_order(r, section, out->first) || (end && !out->last))
		return damaged(r);
	r->section = section;
	r->inside = !out->last;
	if (end)
		r->state = ENDED;
	else
		expect(r, CHUNK_HEADER, BACKUP_CHUNK_HEADER_BYTES);
	return BACKUP_PIECE;
}

enum backup_step backup_next(struct backup_reader *r, struct kith_slice *in,
			     struct backup_piece *out)
{
	enum backup_step step = BACKUP_MORE;

	while (step == BACKUP_MORE) {
		if (r->state == BROKEN)
			return BACKUP_BAD;
		if (r->state == LOCKED)
			return BACKUP_SEALED;
		if (r->state == ENDED)
			return in->n ? bad(r, KITH_EFORMAT,
					   "something follows its end")
				     : BACKUP_END;
		if (!gather(r, in)) {
			if (r->state == HEADER && !may_be_ours(r))
				return bad(r, KITH_EFORMAT, "it is no backup "
					   "that kith made");
			return BACKUP_MORE;
		}
		if (r->state == HEADER)
			step = take_header(r);
		else if (r->state == CHUNK_HEADER)
			step = take_chunk_header(r);
		else
			step = take_chunk(r, out);
	}
	return step;
}
