#include "src/depot/stream.h"

#include <stdlib.h>

#include <sodium.h>

enum {
	BEFORE_BYTES = 256, /* that a place is known by */
	/* What a reader and a writer give to the medium at once: large enough
	 * that it costs nothing beside what the medium needs. */
	WINDOW_BYTES = 256 * 1024
};

/* --- places --------------------------------------------------------------- */

static void hash_before(struct kith_slice bytes, uint8_t out[static 16])
{
	if (bytes.n > BEFORE_BYTES) {
		bytes.p += bytes.n - BEFORE_BYTES;
		bytes.n = BEFORE_BYTES;
	}
	crypto_generichash(out, 16, bytes.p, bytes.n, NULL, 0);
}

/* --- reading -------------------------------------------------------------- */

struct depot_reader {
	struct folder_reader *file;
	struct depot_lines *lines;
	struct kith_slice rest; /* of the window: to be read */
	bool ended;		/* the file is */
	bool torn;		/* its end is */
	uint64_t bytes;
	/* Behind the last good line; hashed where its bytes may be gone from
	 * the window. */
	struct depot_place place;
	bool hashed;
	uint64_t window_end; /* offset of what comes behind the window */
	size_t held; /* bytes in it, with those of old ones in front */
	uint8_t window[BEFORE_BYTES + WINDOW_BYTES];
};

/* The bytes of the window before an offset that lies in it. */
static struct kith_slice window_before(const struct depot_reader *r,
				       uint64_t offset)
{
	size_t behind = (size_t)(r->window_end - offset);

	return (struct kith_slice){ r->window, r->held - behind };
}

static void settle(struct depot_reader *r)
{
	if (!r->hashed)
		hash_before(window_before(r, r->place.offset),
			    r->place.before);
	r->hashed = true;
}

/* Reads the next window; the last bytes of this one stay in front of it. */
static enum kith_err fill(struct depot_reader *r, struct kith_error *e)
{
	size_t keep = r->held < BEFORE_BYTES ? r->held : BEFORE_BYTES, got;
	enum kith_err err;

	settle(r);
	memmove(r->window, r->window + r->held - keep, keep);
	r->held = keep;
	err = folder_reader_get(r->file, r->window + keep, WINDOW_BYTES, &got,
				e);
	if (err)
		return err;
	r->held += got;
	r->window_end += got;
	r->bytes += got;
	r->rest = (struct kith_slice){ r->window + keep, got };
	r->ended = got == 0;
	return KITH_OK;
}

/* Reads the bytes before the place, and sees that they are those. */
static enum kith_err check_before(struct depot_reader *r, size_t n,
				  struct kith_error *e)
{
	uint8_t hash[16];
	size_t got;

	while (r->held < n) {
		enum kith_err err = folder_reader_get(
			r->file, r->window + r->held, n - r->held, &got, e);

		if (err)
			return err;
		if (!got)
			return KITH_EGAP;
		r->held += got;
		r->bytes += got;
	}
	hash_before((struct kith_slice){ r->window, n }, hash);
	if (!n || sodium_is_zero(r->place.before, sizeof(hash)) ||
	    !memcmp(hash, r->place.before, sizeof(hash)))
		return KITH_OK;
	return KITH_EGAP;
}

static enum kith_err begin_reading(struct depot_reader *r,
				   const struct depot *d, const char *name,
				   struct kith_error *e)
{
	uint64_t offset = r->place.offset;
	size_t before = offset < BEFORE_BYTES ? (size_t)offset : BEFORE_BYTES;
	struct kith_error why = { 0 };
	enum kith_err err;

	r->lines = depot_lines_new(offset);
	if (!r->lines)
		return kith_fail(e, KITH_ENOMEM, 0, "out of memory");
	err = folder_read(d->folder, name, offset - before, &r->file, &why);
	if (err == KITH_EFORMAT)
		return KITH_EGAP;
	if (err)
		return kith_fail(e, err, why.offset, "%s", why.text);
	r->window_end = offset;
	r->hashed = false;
	return check_before(r, before, e);
}

enum kith_err depot_reader_new(const struct depot *d,
			       const struct depot_writer_id *w,
			       enum depot_file file,
			       const struct depot_place *at,
			       struct depot_reader **out, struct kith_error *e)
{
	struct depot_reader *r = malloc(sizeof(*r));
	char name[FOLDER_NAME_BYTES];
	enum kith_err err;

	if (!r)
		return kith_fail(e, KITH_ENOMEM, 0, "out of memory");
	r->file = NULL;
	r->rest = (struct kith_slice){ r->window, 0 };
	r->ended = false;
	r->bytes = 0;
	r->place = *at;
	r->held = 0;
	r->torn = false;
	depot_name_file(name, w, file, at->number);
	err = begin_reading(r, d, name, e);
	if (err)
		depot_reader_free(r);
	else
		*out = r;
	return err;
}

static void move_place(struct depot_reader *r, uint64_t offset)
{
	r->place.offset = offset;
	r->hashed = false;
}

/* What the steps of lines mean at the end of the file: damage there has nothing
 * good behind it. */
static enum depot_read tell_end(struct depot_reader *r, enum depot_step step,
				struct depot_line *line)
{
	switch (step) {
	case DEPOT_LINE:
		move_place(r, line->next);
		return DEPOT_READ_LINE;
	case DEPOT_DAMAGE:
		r->torn = true;
		line->next = UINT64_MAX;
		return DEPOT_READ_DAMAGE;
	case DEPOT_MORE:
		break;
	}
	if (!r->torn) /* empty lines may follow the last one */
		move_place(r, r->window_end);
	return DEPOT_READ_END;
}

enum kith_err depot_reader_next(struct depot_reader *r, enum depot_read *what,
				struct depot_line *line, struct kith_error *e)
{
	while (!r->ended) {
		enum depot_step step = depot_lines_next(r->lines, &r->rest,
							line);
		enum kith_err err;

		if (step != DEPOT_MORE) {
			*what = step == DEPOT_LINE ? DEPOT_READ_LINE
						   : DEPOT_READ_DAMAGE;
			if (step == DEPOT_LINE)
				move_place(r, line->next);
			return KITH_OK;
		}
		err = fill(r, e);
		if (err)
			return err;
	}
	*what = tell_end(r, depot_lines_end(r->lines, line), line);
	return KITH_OK;
}

void depot_reader_place(const struct depot_reader *r, struct depot_place *out)
{
	*out = r->place;
	if (!r->hashed)
		hash_before(window_before(r, r->place.offset), out->before);
}

uint64_t depot_reader_bytes(const struct depot_reader *r)
{
	return r->bytes;
}

void depot_reader_free(struct depot_reader *r)
{
	if (!r)
		return;
	folder_reader_free(r->file);
	depot_lines_free(r->lines);
	free(r);
}

/* --- writing -------------------------------------------------------------- */

/* Kind, checksum and length of a line: they stand for the rest. */
static struct kith_slice head_of(const uint8_t *line, size_t bytes,
				 size_t json_bytes)
{
	return (struct kith_slice){ line, bytes - json_bytes - 1 };
}

uint32_t depot_line_sum(const struct crc32c *c, uint32_t sum,
			const struct depot_line *line)
{
	size_t bytes = (size_t)(line->next - line->offset);
	size_t head = bytes - 1 - line->json.n;

	return crc32c(c, sum, head_of(line->json.p - head, bytes,
				      line->json.n));
}

struct depot_writer {
	struct folder_writer *file;
	struct kith_buf lines; /* that the file does not have yet */
	struct crc32c crc;
	uint64_t bytes; /* of the file */
	uint32_t sum;	/* of lines put */
	bool sealed;
};

/* What a file is, for whoever finds it alone. */
static void put_header(struct depot_writer *w, const struct depot_writer_id *id,
		       enum depot_file file, uint32_t number)
{
	static const char *const files[] = {
		[DEPOT_SEGMENT] = "segment",
		[DEPOT_INDEX] = "index",
		[DEPOT_NOTES] = "notes",
	};
	uint8_t room[128];
	struct kith_buf json = { .p = room, .cap = sizeof(room),
				 .limit = sizeof(room) };

	kith_buf_text(&json, "{\"depot\":1,\"file\":\"");
	kith_buf_text(&json, files[file]);
	kith_buf_text(&json, "\",\"number\":");
	kith_buf_uint(&json, number);
	kith_buf_text(&json, ",\"writer\":\"");
	kith_buf_text(&json, id->name);
	kith_buf_text(&json, "\"}");
	depot_line_print(&w->crc, &w->lines, DEPOT_HEADER, kith_bytes(&json));
}

enum kith_err depot_writer_new(const struct depot *d,
			       const struct depot_writer_id *w,
			       enum depot_file file, uint32_t number,
			       uint64_t keep, struct depot_writer **out,
			       struct kith_error *e)
{
	struct depot_writer *made = malloc(sizeof(*made));
	char name[FOLDER_NAME_BYTES];
	enum kith_err err;

	if (!made)
		return kith_fail(e, KITH_ENOMEM, 0, "out of memory");
	*made = (struct depot_writer){
		.lines.limit = WINDOW_BYTES + DEPOT_LINE_BYTES_MAX,
		.bytes = keep,
		.sealed = d->seal,
	};
	crc32c_init(&made->crc);
	depot_name_file(name, w, file, number);
	err = kith_buf_reserve(&made->lines, made->lines.limit)
		      ? folder_write(d->folder, name, keep, &made->file, e)
		      : kith_fail(e, KITH_ENOMEM, 0, "out of memory");
	if (err) {
		depot_writer_drop(made);
		return err;
	}
	if (!keep)
		put_header(made, w, file, number);
	*out = made;
	return KITH_OK;
}

static enum kith_err flush(struct depot_writer *w, struct kith_error *e)
{
	enum kith_err err = KITH_OK;

	if (w->lines.n)
		err = folder_writer_put(w->file, kith_bytes(&w->lines), e);
	if (err)
		return err;
	w->bytes += w->lines.n;
	kith_buf_reset(&w->lines);
	return KITH_OK;
}

enum kith_err depot_writer_put(struct depot_writer *w, char kind,
			       struct kith_slice json, struct kith_error *e)
{
	size_t before = w->lines.n;

	depot_line_print(&w->crc, &w->lines, kind, json);
	if (w->lines.err)
		return kith_fail(e, w->lines.err, 0, "no line can hold it");
	w->sum = crc32c(&w->crc, w->sum,
			head_of(w->lines.p + before, w->lines.n - before,
				json.n));
	return w->lines.n < WINDOW_BYTES ? KITH_OK : flush(w, e);
}

/* Empty lines up to the end of a block of a sealed depot. */
static enum kith_err flush_block(struct depot_writer *w, struct kith_error *e)
{
	uint64_t over = (w->bytes + w->lines.n) % DEPOT_BLOCK_TEXT_BYTES;

	for (; w->sealed && over && over < DEPOT_BLOCK_TEXT_BYTES; over++)
		kith_buf_byte(&w->lines, '\n');
	return flush(w, e);
}

enum kith_err depot_writer_sync(struct depot_writer *w, struct kith_error *e)
{
	enum kith_err err = flush_block(w, e);

	return err ? err : folder_writer_sync(w->file, e);
}

uint32_t depot_writer_sum(const struct depot_writer *w)
{
	return w->sum;
}

uint64_t depot_writer_bytes(const struct depot_writer *w)
{
	return w->bytes + w->lines.n;
}

enum kith_err depot_writer_finish(struct depot_writer *w, uint64_t *bytes,
				  struct kith_error *e)
{
	enum kith_err err = flush_block(w, e);
	uint64_t all = w->bytes;

	if (!err) {
		err = folder_writer_finish(w->file, e);
		w->file = NULL;
	}
	depot_writer_drop(w);
	if (!err)
		*bytes = all;
	return err;
}

void depot_writer_drop(struct depot_writer *w)
{
	if (!w)
		return;
	folder_writer_drop(w->file);
	kith_buf_free(&w->lines);
	free(w);
}
