#include "src/source/flume_log.h"

enum { LENGTH = 4 };

void flume_log_init(struct flume_log *f)
{
	*f = (struct flume_log){ .buf.limit = FLUME_LOG_FRAMED_BYTES_MAX };
}

void flume_log_clear(struct flume_log *f)
{
	kith_buf_free(&f->buf);
}

bool flume_log_is_whole(const struct flume_log *f)
{
	return !f->why && (f->given || !f->buf.n);
}

static enum flume_log_step bad(struct flume_log *f, const char *why)
{
	f->why = why;
	return FLUME_LOG_BAD;
}

/* The first n bytes of the record, in one piece; NULL: there are not as many,
 * and all of in is kept. */
static const uint8_t *look(struct flume_log *f, struct kith_slice *in, size_t n)
{
	if (!f->buf.n && in->n >= n)
		return in->p;
	if (f->buf.n < n)
		kith_buf_take(&f->buf, in, n - f->buf.n);
	return f->buf.n >= n ? f->buf.p : NULL;
}

static uint64_t number_at(const uint8_t *p, size_t width)
{
	uint64_t n = 0;

	for (size_t i = 0; i < width; i++)
		n = n << 8 | p[i];
	return n;
}

/* Whether an offset of so many bytes stands behind n bytes and is right. */
static bool ends_right(const struct flume_log *f, const uint8_t *p, size_t n,
		       size_t width)
{
	return number_at(p + n, width) == f->offset + n + width;
}

static bool is_erased(struct kith_slice record)
{
	for (size_t i = 0; i < record.n; i++)
		if (record.p[i])
			return false;
	return record.n;
}

/* Passes over the record of n bytes in all. */
static void pass(struct flume_log *f, struct kith_slice *in, size_t n)
{
	f->offset += n;
	if (f->buf.n) {
		f->given = true;
		return;
	}
	in->p += n;
	in->n -= n;
}

/* The record with its frame, n bytes without the offset; learns the width of
 * offsets from the first one. */
static enum flume_log_step take(struct flume_log *f, struct kith_slice *in,
				size_t n, const uint8_t **p)
{
	static const size_t widths[] = { 4, 6, 8 };

	for (size_t i = 0; i < sizeof(widths) / sizeof(*widths); i++) {
		size_t width = widths[i];

		if (f->width && f->width != width)
			continue;
		*p = look(f, in, n + width);
		if (!*p)
			return FLUME_LOG_MORE;
		if (ends_right(f, *p, n, width)) {
			f->width = width;
			return FLUME_LOG_RECORD;
		}
	}
	return bad(f, "it does not end where it says");
}

enum flume_log_step flume_log_next(struct flume_log *f, struct kith_slice *in,
				   struct kith_slice *out)
{
	const uint8_t *p;
	enum flume_log_step step;
	size_t n;

	if (f->why)
		return FLUME_LOG_BAD;
	if (f->given)
		kith_buf_reset(&f->buf);
	f->given = false;
	p = look(f, in, LENGTH);
	if (!p)
		return f->buf.err ? bad(f, "out of memory") : FLUME_LOG_MORE;
	n = kith_be32(p);
	if (n > FLUME_LOG_RECORD_BYTES_MAX)
		return bad(f, "it is longer than any message");
	step = take(f, in, LENGTH + n + LENGTH, &p);
	if (f->buf.err)
		return bad(f, "out of memory");
	if (step != FLUME_LOG_RECORD)
		return step;
	if (kith_be32(p + LENGTH + n) != n)
		return bad(f, "its two lengths differ");
	*out = (struct kith_slice){ p + LENGTH, n };
	pass(f, in, 2 * LENGTH + n + f->width);
	return is_erased(*out) ? FLUME_LOG_ERASED : FLUME_LOG_RECORD;
}

bool flume_log_begins(struct kith_slice s, uint64_t offset, size_t width)
{
	size_t n = s.n < LENGTH ? 0 : kith_be32(s.p), frame = 2 * LENGTH + width;

	return n && n <= FLUME_LOG_RECORD_BYTES_MAX && s.n >= n + frame &&
	       kith_be32(s.p + LENGTH + n) == n &&
	       number_at(s.p + 2 * LENGTH + n, width) == offset + n + frame;
}
