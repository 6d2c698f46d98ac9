/* The log of ssb-server and its kin, in place: flume/log.offset. */
#include <stdio.h>
#include <stdlib.h>

#include "feeds/json.h"
#include "feeds/ref.h"
#include "src/source/flume_log.h"
#include "src/source/kind.h"
#include "src/source/lines.h"
#include "src/source/log_file.h"

#define PLACE "flume/log.offset"

struct of_flume {
	struct log_file file;
	struct flume_log log;
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
	struct of_flume *l = of;

	log_file_close(&l->file);
	flume_log_clear(&l->log);
	free(l);
}

static enum kith_err open_log(const char *name, const struct source_with *with,
			      void **out, struct kith_error *e)
{
	struct of_flume *l = calloc(1, sizeof(*l));
	enum kith_err err;

	if (!l)
		return kith_fail(e, KITH_ENOMEM, 0, "out of memory");
	flume_log_init(&l->log);
	err = log_file_open_in(&l->file, name, PLACE, with, e);
	if (err)
		close_log(l);
	else
		*out = l;
	return err;
}

/* Goes on with the record at offset. */
static void go_on(struct of_flume *l, uint64_t offset, size_t width)
{
	flume_log_clear(&l->log);
	flume_log_init(&l->log);
	l->log.offset = offset;
	l->log.width = width;
	l->read = offset;
	l->rest = (struct kith_slice){ NULL, 0 };
}

static enum kith_err rewind_log(void *of, struct kith_error *e)
{
	struct of_flume *l = of;

	(void)e;
	go_on(l, 0, 0);
	l->over = false;
	return KITH_OK;
}

static enum source_step found(struct of_flume *l, struct source_finding *out,
			      uint64_t at, uint64_t after, const char *text)
{
	snprintf(l->text, sizeof(l->text), "%s", text);
	*out = (struct source_finding){ .file = l->file.path, .at = at,
					.next = after, .text = l->text };
	return SOURCE_FINDING;
}

/* --- behind damage --- */

static struct kith_slice rest_of(struct kith_slice s, size_t from)
{
	return (struct kith_slice){ s.p + from, s.n - from };
}

/* The width with which a record begins at offset; 0: none does.  The width of
 * offsets is learnt by the first record; where that one is damaged, known is 0,
 * and all that there are are tried. */
static size_t begins(struct kith_slice s, uint64_t offset, size_t known)
{
	static const size_t widths[] = { 6, 4, 8 };

	for (size_t i = 0; i < sizeof(widths) / sizeof(*widths); i++)
		if ((!known || widths[i] == known) &&
		    flume_log_begins(s, offset, widths[i]))
			return widths[i];
	return 0;
}

/* Looks for a record behind the damaged one; *to 0: there is none. */
static enum kith_err skip(struct of_flume *l, uint64_t *to, size_t *width,
			  struct kith_error *e)
{
	enum { WHOLE = FLUME_LOG_FRAMED_BYTES_MAX };
	uint64_t offset = l->log.offset + 1;
	struct kith_slice s;
	enum kith_err err;
	size_t last;

	*to = 0;
	for (;; offset += last) {
		err = log_file_read(&l->file, offset, WHOLE, &s, e);
		if (err || !s.n)
			return err;
		/* One that begins further back may not be here whole. */
		last = s.n < WHOLE ? s.n : s.n - WHOLE + 1;
		for (size_t i = 0; i < last; i++) {
			*width = begins(rest_of(s, i), offset + i,
					l->log.width);
			if (*width) {
				*to = offset + i;
				return KITH_OK;
			}
		}
	}
}

static enum kith_err damaged(struct of_flume *l, enum source_step *step,
			     struct source_finding *finding,
			     struct kith_error *e)
{
	uint64_t at = l->log.offset, to = 0;
	char text[KITH_ERROR_TEXT_BYTES];
	size_t width = 0;
	enum kith_err err = skip(l, &to, &width, e);

	if (err)
		return err;
	if (l->log.why)
		snprintf(text, sizeof(text), "a record is damaged: %s",
			 l->log.why);
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
static enum kith_err end(struct of_flume *l, enum source_step *step,
			 struct source_finding *finding, struct kith_error *e)
{
	if (flume_log_is_whole(&l->log)) {
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

static enum source_step take(struct of_flume *l, struct kith_slice record,
			     uint64_t at, struct source_message *out,
			     struct source_finding *finding)
{
	*out = (struct source_message){ .at = at, .file = l->file.path };
	return read_record(record, out)
		       ? SOURCE_MESSAGE
		       : found(l, finding, at, l->log.offset,
			       "a record is no JSON object");
}

static enum kith_err next(void *of, enum source_step *step,
			  struct source_message *out,
			  struct source_finding *finding, struct kith_error *e)
{
	struct of_flume *l = of;
	struct kith_slice record;
	enum kith_err err = KITH_OK;

	while (!err && !l->over) {
		uint64_t at = l->log.offset;

		switch (flume_log_next(&l->log, &l->rest, &record)) {
		case FLUME_LOG_RECORD:
			*step = take(l, record, at, out, finding);
			return KITH_OK;
		case FLUME_LOG_ERASED:
			*step = found(l, finding, at, l->log.offset,
				      "a deleted record");
			finding->harmless = true;
			return KITH_OK;
		case FLUME_LOG_BAD:
			return damaged(l, step, finding, e);
		case FLUME_LOG_MORE:
			break;
		}
		err = log_file_read(&l->file, l->read, 1, &l->rest, e);
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
