#include <stdlib.h>

#include <sodium.h>

#include "src/depot/seal.h"

enum {
	BLOCK = DEPOT_BLOCK_BYTES,
	TEXT = DEPOT_BLOCK_TEXT_BYTES,
	/* Blocks that go to the medium and come from it at once. */
	BATCH = 64
};

struct sealed {
	struct folder base;
	struct folder *inner;
	const struct depot_seal *seal;
};

static struct sealed *of(struct folder *f)
{
	return (struct sealed *)(void *)f;
}

/* What can be done may turn out to be less when it is tried. */
static enum kith_err tried(struct sealed *s, enum kith_err err)
{
	s->base.can = s->inner->can;
	return err;
}

/* A block of nothing but zeros is no text of a depot. */
static size_t open_block(const struct depot_seal_file *key, uint64_t index,
			 const uint8_t *block, uint8_t *text)
{
	size_t n;

	if (depot_unseal_block(key, index, block, text, &n))
		return n;
	memset(text, 0, TEXT);
	return TEXT;
}

/* --- reading -------------------------------------------------------------- */

struct reader {
	struct folder_reader base;
	struct folder_reader *inner;
	struct depot_seal_file key;
	uint64_t index;	    /* of the next block */
	bool ended;
	size_t at, n;	    /* in text: what was given, what there is */
	size_t raw_at, raw; /* in blocks: what was opened, what there is */
	uint8_t text[TEXT];
	uint8_t blocks[BATCH * BLOCK];
};

static void reader_free(struct folder_reader *base)
{
	struct reader *r = (struct reader *)(void *)base;

	folder_reader_free(r->inner);
	sodium_memzero(&r->key, sizeof(r->key));
	free(r);
}

/* A whole block in front, or the end of the file.  What is left of a block that
 * was cut is nothing. */
static enum kith_err need_block(struct reader *r, struct kith_error *e)
{
	size_t got;

	if (r->raw - r->raw_at >= BLOCK)
		return KITH_OK;
	memmove(r->blocks, r->blocks + r->raw_at, r->raw - r->raw_at);
	r->raw -= r->raw_at;
	r->raw_at = 0;
	while (r->raw < BLOCK) {
		enum kith_err err = folder_reader_get(
			r->inner, r->blocks + r->raw,
			sizeof(r->blocks) - r->raw, &got, e);

		if (err)
			return err;
		if (!got) {
			r->ended = true;
			return KITH_OK;
		}
		r->raw += got;
	}
	return KITH_OK;
}

static enum kith_err next_text(struct reader *r, struct kith_error *e)
{
	enum kith_err err = need_block(r, e);

	if (err || r->ended)
		return err;
	r->n = open_block(&r->key, r->index++, r->blocks + r->raw_at, r->text);
	r->raw_at += BLOCK;
	r->at = 0;
	return KITH_OK;
}

static enum kith_err reader_get(struct folder_reader *base, uint8_t *to,
				size_t n, size_t *got, struct kith_error *e)
{
	struct reader *r = (struct reader *)(void *)base;
	size_t all = 0;

	while (all < n) {
		size_t more = r->n - r->at;

		if (!more) {
			/* Only the last one is short. */
			enum kith_err err = r->n && r->n < TEXT
						    ? KITH_OK
						    : next_text(r, e);

			if (err)
				return err;
			if (r->ended || r->at == r->n)
				break;
			continue;
		}
		more = more < n - all ? more : n - all;
		memcpy(to + all, r->text + r->at, more);
		r->at += more;
		all += more;
	}
	*got = all;
	return KITH_OK;
}

/* Passes the bytes of the first block that stand before the offset. */
static enum kith_err skip(struct reader *r, size_t n, struct kith_error *e)
{
	enum kith_err err = n ? next_text(r, e) : KITH_OK;

	if (err)
		return err;
	if (r->n < n)
		return kith_fail(e, KITH_EFORMAT, 0, "it is shorter than it "
				 "was");
	r->at = n;
	return KITH_OK;
}

static enum kith_err read_at(struct folder *f, const char *name,
			     uint64_t offset, struct folder_reader **out,
			     struct kith_error *e)
{
	struct sealed *s = of(f);
	struct reader *r = malloc(sizeof(*r));
	enum kith_err err;

	if (!r)
		return kith_fail(e, KITH_ENOMEM, 0, "out of memory");
	r->base.folder = f;
	r->inner = NULL;
	r->index = offset / TEXT;
	r->ended = false;
	r->at = r->n = r->raw_at = r->raw = 0;
	depot_seal_file(s->seal, name, &r->key);
	err = folder_read(s->inner, name, r->index * BLOCK, &r->inner, e);
	if (!err)
		err = skip(r, (size_t)(offset % TEXT), e);
	if (err)
		reader_free(&r->base);
	else
		*out = &r->base;
	return err;
}

static enum kith_err size(struct folder *f, const char *name, uint64_t *bytes,
			  struct kith_error *e)
{
	struct folder_reader *r = NULL;
	uint8_t text[TEXT];
	uint64_t blocks;
	size_t got = 0;
	enum kith_err err = folder_size(of(f)->inner, name, &blocks, e);

	if (err)
		return err;
	blocks /= BLOCK;
	if (blocks) {
		blocks--;
		err = read_at(f, name, blocks * TEXT, &r, e);
		if (r)
			err = reader_get(r, text, sizeof(text), &got, e);
		folder_reader_free(r);
	}
	if (!err)
		*bytes = blocks * TEXT + got;
	return err;
}

static enum kith_err get(struct folder *f, const char *name,
			 struct kith_buf *out, struct kith_error *e)
{
	struct sealed *s = of(f);
	size_t room = out->limit - out->n;
	struct kith_buf raw = { .limit = (room / TEXT + 1) * BLOCK };
	struct depot_seal_file key;
	enum kith_err err = folder_get(s->inner, name, &raw, e);

	depot_seal_file(s->seal, name, &key);
	for (size_t i = 0; !err && (i + 1) * BLOCK <= raw.n; i++) {
		uint8_t text[TEXT];
		size_t n = open_block(&key, i, raw.p + i * BLOCK, text);

		kith_buf_put(out, (struct kith_slice){ text, n });
	}
	sodium_memzero(&key, sizeof(key));
	kith_buf_free(&raw);
	if (!err && out->err)
		err = kith_fail(e, out->err, 0, "%.60s is too large", name);
	return err;
}

/* --- writing -------------------------------------------------------------- */

struct writer {
	struct folder_writer base;
	struct folder_writer *inner;
	struct depot_seal_file key;
	uint64_t index; /* of the block that text will be */
	size_t n;	/* in text */
	size_t raw;	/* in blocks */
	uint8_t text[TEXT];
	uint8_t blocks[BATCH * BLOCK];
};

static struct writer *writer_of(struct folder_writer *base)
{
	return (struct writer *)(void *)base;
}

static void writer_free(struct writer *w)
{
	sodium_memzero(&w->key, sizeof(w->key));
	free(w);
}

static void writer_drop(struct folder_writer *base)
{
	struct writer *w = writer_of(base);

	folder_writer_drop(w->inner);
	writer_free(w);
}

static enum kith_err flush(struct writer *w, struct kith_error *e)
{
	enum kith_err err = KITH_OK;

	if (w->raw)
		err = folder_writer_put(
			w->inner, (struct kith_slice){ w->blocks, w->raw }, e);
	if (!err)
		w->raw = 0;
	return err;
}

static enum kith_err end_block(struct writer *w, struct kith_error *e)
{
	enum kith_err err = w->raw == sizeof(w->blocks) ? flush(w, e)
							: KITH_OK;

	if (err)
		return err;
	depot_seal_block(&w->key, w->index++,
			 (struct kith_slice){ w->text, w->n },
			 w->blocks + w->raw);
	w->raw += BLOCK;
	w->n = 0;
	return KITH_OK;
}

static enum kith_err writer_put(struct folder_writer *base,
				struct kith_slice bytes, struct kith_error *e)
{
	struct writer *w = writer_of(base);

	while (bytes.n) {
		size_t n = bytes.n < TEXT - w->n ? bytes.n : TEXT - w->n;
		enum kith_err err;

		memcpy(w->text + w->n, bytes.p, n);
		w->n += n;
		bytes.p += n;
		bytes.n -= n;
		err = w->n == TEXT ? end_block(w, e) : KITH_OK;
		if (err)
			return err;
	}
	return KITH_OK;
}

static enum kith_err writer_sync(struct folder_writer *base,
				 struct kith_error *e)
{
	struct writer *w = writer_of(base);
	enum kith_err err = flush(w, e);

	return err ? err : folder_writer_sync(w->inner, e);
}

static enum kith_err writer_finish(struct folder_writer *base,
				   struct kith_error *e)
{
	struct writer *w = writer_of(base);
	enum kith_err err = w->n ? end_block(w, e) : KITH_OK;

	if (!err)
		err = flush(w, e);
	if (err) {
		writer_drop(base);
		return err;
	}
	err = tried(of(base->folder), folder_writer_finish(w->inner, e));
	writer_free(w);
	return err;
}

/* The bytes of the block that keep ends in: it is written anew. */
static enum kith_err keep_text(struct sealed *s, const char *name,
			       uint64_t keep, struct writer *w,
			       struct kith_error *e)
{
	struct folder_reader *r = NULL;
	size_t n = (size_t)(keep % TEXT), got = 0;
	enum kith_err err;

	if (!n)
		return KITH_OK;
	err = read_at(&s->base, name, keep - n, &r, e);
	if (!err)
		err = folder_reader_get(r, w->text, n, &got, e);
	folder_reader_free(r);
	if (!err && got < n)
		err = kith_fail(e, KITH_EFORMAT, 0, "it is shorter than it "
				"was");
	w->n = n;
	return err;
}

static enum kith_err write_from(struct folder *f, const char *name,
				uint64_t keep, struct folder_writer **out,
				struct kith_error *e)
{
	struct sealed *s = of(f);
	struct writer *w = malloc(sizeof(*w));
	enum kith_err err;

	if (!w)
		return kith_fail(e, KITH_ENOMEM, 0, "out of memory");
	w->base.folder = f;
	w->inner = NULL;
	w->index = keep / TEXT;
	w->n = w->raw = 0;
	depot_seal_file(s->seal, name, &w->key);
	err = keep_text(s, name, keep, w, e);
	if (!err)
		err = tried(s, folder_write(s->inner, name, w->index * BLOCK,
					    &w->inner, e));
	if (err)
		writer_drop(&w->base);
	else
		*out = &w->base;
	return err;
}

static enum kith_err put(struct folder *f, const char *name,
			 struct kith_slice bytes, struct kith_error *e)
{
	struct sealed *s = of(f);
	size_t blocks = bytes.n / TEXT + (bytes.n % TEXT != 0);
	struct kith_buf raw = { .limit = blocks * BLOCK };
	struct depot_seal_file key;
	enum kith_err err;

	if (blocks && !kith_buf_reserve(&raw, blocks * BLOCK))
		return kith_fail(e, raw.err, 0, "out of memory");
	depot_seal_file(s->seal, name, &key);
	for (size_t i = 0; i < blocks; i++) {
		size_t n = bytes.n < TEXT ? bytes.n : TEXT;

		depot_seal_block(&key, i, (struct kith_slice){ bytes.p, n },
				 raw.p + raw.n);
		raw.n += BLOCK;
		bytes.p += n;
		bytes.n -= n;
	}
	err = tried(s, folder_put(s->inner, name, kith_bytes(&raw), e));
	sodium_memzero(&key, sizeof(key));
	kith_buf_free(&raw);
	return err;
}

/* --- what needs no key ---------------------------------------------------- */

static enum kith_err rename_to(struct folder *f, const char *from,
			       const char *to, struct kith_error *e)
{
	return tried(of(f), folder_rename(of(f)->inner, from, to, e));
}

static enum kith_err remove_name(struct folder *f, const char *name,
				 struct kith_error *e)
{
	return tried(of(f), folder_remove(of(f)->inner, name, e));
}

static enum kith_err list(struct folder *f, const char *name,
			  struct folder_list *out, struct kith_error *e)
{
	return folder_list(of(f)->inner, name, out, e);
}

static uint64_t room(struct folder *f)
{
	uint64_t bytes = folder_room(of(f)->inner);

	return bytes == UINT64_MAX ? bytes : bytes / BLOCK * TEXT;
}

static void free_view(struct folder *f)
{
	free(of(f));
}

struct folder *depot_seal_folder(struct folder *inner,
				 const struct depot_seal *seal)
{
	static const struct folder_ops ops = {
		.size = size,
		.read = read_at,
		.reader_get = reader_get,
		.reader_free = reader_free,
		.write = write_from,
		.writer_put = writer_put,
		.writer_sync = writer_sync,
		.writer_finish = writer_finish,
		.writer_drop = writer_drop,
		.get = get,
		.put = put,
		.rename = rename_to,
		.remove = remove_name,
		.list = list,
		.room = room,
		.free = free_view,
	};
	struct sealed *s = malloc(sizeof(*s));

	if (!s)
		return NULL;
	s->base = (struct folder){ &ops, inner->can, inner->where };
	s->inner = inner;
	s->seal = seal;
	return &s->base;
}
