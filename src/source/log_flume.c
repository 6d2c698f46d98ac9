/* The log of ssb-server and its kin, in place: flume/log.offset. */
#include <stdio.h>
#include <stdlib.h>

#include "feeds/json.h"
#include "feeds/ref.h"
#include "src/source/flume.h"
#include "src/source/lines.h"
#include "src/source/log_file.h"

#define PLACE "flume/log.offset"

enum { LENGTH = 4, TAIL_BYTES_MAX = LENGTH + 8 };

struct log_flume {
	struct log_file file;
	struct flume flume;
	uint64_t read;		/* bytes of the file that were read */
	struct kith_slice rest; /* of them, not used up yet */
	bool over;
	char text[KITH_ERROR_TEXT_BYTES]; /* of a finding */
};

static bool is_log(const char *name)
{
	return log_file_is(name, PLACE);
}

static void close_log(void *of)
{
	struct log_flume *l = of;

	log_file_close(&l->file);
	flume_clear(&l->flume);
	free(l);
}

static enum kith_err open_log(const char *name, const struct source_with *with,
			      void **out, struct kith_error *e)
{
	struct log_flume *l = calloc(1, sizeof(*l));
	enum kith_err err;

	if (!l)
		return kith_fail(e, KITH_ENOMEM, 0, "out of memory");
	flume_init(&l->flume);
	err = log_file_open_in(&l->file, name, PLACE, with, e);
	if (err)
		close_log(l);
	else
		*out = l;
	return err;
}

/* Goes on with the record at offset. */
static void go_on(struct log_flume *l, uint64_t offset, size_t width)
{
	flume_clear(&l->flume);
	flume_init(&l->flume);
	l->flume.offset = offset;
	l->flume.width = width;
	l->read = offset;
	l->rest = (struct kith_slice){ NULL, 0 };
}

static enum kith_err rewind_log(void *of, struct kith_error *e)
{
	struct log_flume *l = of;

	(void)e;
	go_on(l, 0, 0);
	l->over = false;
	return KITH_OK;
}

static enum source_step found(struct log_flume *l, struct source_finding *out,
			      uint64_t at, uint64_t after, const char *text)
{
	snprintf(l->text, sizeof(l->text), "%s", text);
	*out = (struct source_finding){ .file = l->file.path, .at = at,
					.next = after, .text = l->text };
	return SOURCE_FINDING;
}

/* --- behind damage --- */

static uint64_t number_at(const uint8_t *p, size_t width)
{
	uint64_t n = 0;

	for (size_t i = 0; i < width; i++)
		n = n << 8 | p[i];
	return n;
}

/* A whole record begins at p, where n bytes are and which is at offset: its
 * lengths agree, and it ends where it says. */
static bool begins(const uint8_t *p, size_t n, uint64_t offset, size_t width)
{
	size_t bytes = kith_be32(p), tail = LENGTH + width;

	if (!bytes || bytes > FLUME_RECORD_BYTES_MAX ||
	    n - LENGTH < bytes || n - LENGTH - bytes < tail)
		return false;
	return kith_be32(p + LENGTH + bytes) == bytes &&
	       number_at(p + LENGTH + bytes + LENGTH, width) ==
		       offset + LENGTH + bytes + tail;
}

/* Looks for a record from offset on; 0: there is none. */
static enum kith_err find_next(struct log_flume *l, uint64_t offset,
			       size_t width, uint64_t *out,
			       struct kith_error *e)
{
	enum { RECORD = LENGTH + FLUME_RECORD_BYTES_MAX + TAIL_BYTES_MAX };
	struct kith_slice s = { NULL, 1 };
	enum kith_err err = KITH_OK;

	*out = 0;
	while (!err && !*out && s.n) {
		size_t i = 0, last;

		err = log_file_read(&l->file, offset, LOG_FILE_PIECE_BYTES, &s,
				    e);
		if (err || s.n < LENGTH)
			break;
		/* One that begins further back may not be here whole. */
		last = s.n == LOG_FILE_PIECE_BYTES ? s.n - RECORD
						   : s.n - LENGTH + 1;
		while (i < last && !begins(s.p + i, s.n - i, offset + i, width))
			i++;
		if (i < last)
			*out = offset + i;
		else if (s.n < LOG_FILE_PIECE_BYTES)
			break;
		offset += i;
	}
	return err;
}

/* The width of offsets is learnt by the first record; where that one is
 * damaged, all that there are are tried. */
static enum kith_err skip(struct log_flume *l, uint64_t *to, size_t *width,
			  struct kith_error *e)
{
	static const size_t widths[] = { 6, 4, 8 };
	uint64_t from = l->flume.offset + 1;
	enum kith_err err = KITH_OK;

	*width = l->flume.width;
	if (*width)
		return find_next(l, from, *width, to, e);
	for (size_t i = 0; !err && !*to && i < 3; i++) {
		*width = widths[i];
		err = find_next(l, from, *width, to, e);
	}
	return err;
}

static enum kith_err damaged(struct log_flume *l, enum source_step *step,
			     struct source_finding *finding,
			     struct kith_error *e)
{
	uint64_t at = l->flume.offset, to = 0;
	char text[KITH_ERROR_TEXT_BYTES];
	size_t width;
	enum kith_err err = skip(l, &to, &width, e);

	if (err)
		return err;
	if (l->flume.why)
		snprintf(text, sizeof(text), "a record is damaged: %s",
			 l->flume.why);
	else
		snprintf(text, sizeof(text), "%s", to
			 ? "a record is damaged: it is longer than the file"
			 : "the last record is not whole");
	if (to)
		go_on(l, to, width);
	else
		l->over = true;
	*step = found(l, finding, at, to, text);
	return KITH_OK;
}

/* Where it ends for now may be inside a record: that program is writing, or
 * was killed; or its length is damaged. */
static enum kith_err end(struct log_flume *l, enum source_step *step,
			 struct source_finding *finding, struct kith_error *e)
{
	if (flume_is_whole(&l->flume)) {
		l->over = true;
		*step = SOURCE_END;
		return KITH_OK;
	}
	return damaged(l, step, finding, e);
}

/* --- records --- */

static bool read_record(struct kith_slice record, struct source_message *out)
{
	struct kith_slice object, key, value;
	size_t at = 0;
	double ms;

	if (!lines_value(record, &object, NULL))
		return false;
	out->value = object;
	while (json_next_member(record, &at, &key, &value)) {
		if (json_is(key, "key"))
			out->has_id = !kith_msg_parse(json_plain(value),
						      &out->id);
		else if (json_is(key, "timestamp") && json_number(value, &ms))
			out->received_us = source_received_us(ms);
	}
	return true;
}

static enum source_step take(struct log_flume *l, struct kith_slice record,
			     uint64_t at, struct source_message *out,
			     struct source_finding *finding)
{
	*out = (struct source_message){ .at = at, .file = l->file.path };
	return read_record(record, out)
		       ? SOURCE_MESSAGE
		       : found(l, finding, at, l->flume.offset,
			       "a record is no JSON object");
}

static enum kith_err next(void *of, enum source_step *step,
			  struct source_message *out,
			  struct source_finding *finding, struct kith_error *e)
{
	struct log_flume *l = of;
	struct kith_slice record;
	enum kith_err err = KITH_OK;

	while (!err && !l->over) {
		uint64_t at = l->flume.offset;

		switch (flume_next(&l->flume, &l->rest, &record)) {
		case FLUME_RECORD:
			*step = take(l, record, at, out, finding);
			return KITH_OK;
		case FLUME_ERASED:
			*step = found(l, finding, at, l->flume.offset,
				      "a deleted record");
			finding->harmless = true;
			return KITH_OK;
		case FLUME_BAD:
			return damaged(l, step, finding, e);
		case FLUME_MORE:
			break;
		}
		err = log_file_read(&l->file, l->read, LOG_FILE_PIECE_BYTES,
				    &l->rest, e);
		l->read += l->rest.n;
		if (!err && !l->rest.n)
			return end(l, step, finding, e);
	}
	*step = SOURCE_END;
	return err;
}

const struct source_row source_flume = {
	.kind = "flume",
	.is = is_log,
	.open = open_log,
	.close = close_log,
	.next = next,
	.rewind = rewind_log,
};
