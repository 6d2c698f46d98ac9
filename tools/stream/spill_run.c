#include "tools/stream/spill_private.h"

#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

int spill_compare(const struct spill_head *a, const struct spill_head *b)
{
	int order = memcmp(a->feed.b, b->feed.b, sizeof(a->feed.b));

	if (!order)
		order = (a->feed.format > b->feed.format) -
			(a->feed.format < b->feed.format);
	if (!order)
		order = (a->sequence > b->sequence) -
			(a->sequence < b->sequence);
	if (!order)
		order = (a->file > b->file) - (a->file < b->file);
	return order ? order : (a->line > b->line) - (a->line < b->line);
}

static enum kith_err fail(struct kith_error *e, const char *what,
			  const char *folder)
{
	enum kith_err err = errno == ENOSPC || errno == EDQUOT ||
					    errno == EFBIG
				    ? KITH_EFULL
				    : KITH_EIO;

	return kith_fail(e, err, 0, "%s%s: %s", what, folder, strerror(errno));
}

enum kith_err spill_run_create(const char *folder, struct spill_run *out,
			       struct kith_error *e)
{
	char name[PATH_MAX];
	int n = snprintf(name, sizeof(name), "%s/kith-spill-XXXXXX", folder);

	if (n < 0 || (size_t)n >= sizeof(name))
		return kith_fail(e, KITH_EIO, 0, "a folder's name is too long");
	*out = (struct spill_run){ .fd = mkstemp(name) };
	if (out->fd < 0)
		return fail(e, "no temporary file can be made in ", folder);
	unlink(name);
	return KITH_OK;
}

void spill_run_close(struct spill_run *r)
{
	close(r->fd);
}

enum kith_err spill_run_write(struct spill_run *r, const void *p, size_t n,
			      struct kith_error *e)
{
	const uint8_t *from = p;

	while (n) {
		ssize_t done = pwrite(r->fd, from, n, (off_t)r->bytes);

		if (done < 0 && errno == EINTR)
			continue;
		if (done <= 0)
			return fail(e, "a temporary file cannot be written",
				    "");
		from += done;
		n -= (size_t)done;
		r->bytes += (uint64_t)done;
	}
	return KITH_OK;
}

static enum kith_err read_at(const struct spill_run *r, uint64_t at,
			     uint8_t *to, size_t n, struct kith_error *e)
{
	while (n) {
		ssize_t done = pread(r->fd, to, n, (off_t)at);

		if (done < 0 && errno == EINTR)
			continue;
		if (done < 0)
			return fail(e, "a temporary file cannot be read", "");
		if (!done)
			return kith_fail(e, KITH_EIO, 0,
					 "a temporary file was cut off");
		to += done;
		n -= (size_t)done;
		at += (uint64_t)done;
	}
	return KITH_OK;
}

/* Has n bytes, at most a window of them, from r->at on in the window. */
static enum kith_err look(struct spill_run *r, size_t n, struct kith_error *e)
{
	uint64_t left = r->bytes - r->at;
	enum kith_err err;

	if (r->at >= r->base && r->at - r->base <= r->n &&
	    n <= r->n - (size_t)(r->at - r->base))
		return KITH_OK;
	r->n = 0;
	if (left > SPILL_WINDOW_BYTES)
		left = SPILL_WINDOW_BYTES;
	err = read_at(r, r->at, r->window, (size_t)left, e);
	if (err)
		return err;
	r->base = r->at;
	r->n = (size_t)left;
	return KITH_OK;
}

static enum kith_err read_head(struct spill_run *r, struct kith_error *e)
{
	enum kith_err err;

	if (r->at == r->bytes)
		return KITH_ENOENT;
	err = look(r, sizeof(r->head), e);
	if (!err)
		memcpy(&r->head, r->window + (r->at - r->base),
		       sizeof(r->head));
	return err;
}

enum kith_err spill_run_rewind(struct spill_run *r, uint8_t *window,
			       struct kith_error *e)
{
	r->window = window;
	r->at = r->base = r->n = 0;
	return read_head(r, e);
}

enum kith_err spill_run_value(struct spill_run *r, uint8_t *big,
			      struct kith_slice *value, struct kith_error *e)
{
	size_t n = spill_record_bytes(r->head.n);
	const uint8_t *record = big;
	enum kith_err err;

	if (n <= SPILL_WINDOW_BYTES) {
		err = look(r, n, e);
		record = r->window + (r->at - r->base);
	} else {
		err = read_at(r, r->at, big, n, e);
	}
	if (!err)
		*value = (struct kith_slice){ record + sizeof(r->head),
					      r->head.n };
	return err;
}

enum kith_err spill_run_skip(struct spill_run *r, struct kith_error *e)
{
	r->at += spill_record_bytes(r->head.n);
	return read_head(r, e);
}
