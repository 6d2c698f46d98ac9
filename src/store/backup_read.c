#include <stdlib.h>

#include "src/store/backup_private.h"

enum { MAGIC_BYTES = sizeof(BACKUP_MAGIC) - 1 };

enum state { HEADER, LOCKED, CHUNK_HEADER, CHUNK, ENDED, BROKEN };

struct backup_reader {
	struct backup_chain chain;
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
	size_t n = r->n < MAGIC_BYTES ? r->n : MAGIC_BYTES;

	return !memcmp(r->bytes, BACKUP_MAGIC, n);
}

static enum backup_step check_version(struct backup_reader *r)
{
	const uint8_t *digits = r->bytes + MAGIC_BYTES;

	if (!memcmp(r->bytes, BACKUP_MAGIC_1, sizeof(BACKUP_MAGIC_1) - 1))
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
	backup_hash_header(r->bytes, hash);
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
	enum kith_err err = backup_derive(passphrase, r->header, key, e);

	if (!err) {
		backup_check_of(key, check);
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
	struct backup_bound bound = backup_bind(&r->chain, r->bytes);
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

	backup_link(&r->chain, chunk, r->chain.link);
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
