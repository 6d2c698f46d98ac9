/* The source "lines": a file of JSON texts, one a line or over several, bare
 * values or {key,value,timestamp}; or standard input, which is copied to a
 * temporary file first, so that it can be gone through more than once. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "feeds/json.h"
#include "feeds/peek.h"
#include "feeds/ref.h"
#include "src/source/look.h"
#include "src/source/source.h"
#include "src/source/temporary.h"
#include "src/source/texts.h"

enum { COPY_BYTES = 32 * 1024, NAME_BYTES = 4096 };

/* What a double of milliseconds may be to fit into microseconds. */
#define RECEIVED_MS_MAX 8e15

struct ndjson {
	const struct source_with *with;
	char name[NAME_BYTES]; /* to open */
	int copy;	       /* of standard input, or -1 */
	struct texts texts;
	bool open, over;
	uint64_t bytes; /* of it, as last told */
};

static bool is(const char *name)
{
	struct stat st;

	return !strcmp(name, "-") ||
	       (!stat(name, &st) && !S_ISDIR(st.st_mode));
}

static bool stops(void *of)
{
	const struct ndjson *n = of;
	const struct source_with *w = n->with;

	return w->tick && !w->tick(w->arg, n->bytes, 0);
}

static enum kith_err stopped(struct kith_error *e)
{
	return kith_fail(e, KITH_EBUSY, 0, "interrupted");
}

/* --- standard input ------------------------------------------------------- */

static enum kith_err copy_all(struct ndjson *n, FILE *from,
			      struct kith_error *e)
{
	static const char what[] = "standard input cannot be read";
	uint8_t piece[COPY_BYTES];
	enum kith_err err = KITH_OK;
	ssize_t got = 1;

	while (!err && got > 0) {
		got = read(fileno(from), piece, sizeof(piece));
		if (got < 0 && errno == EINTR) {
			got = 1;
			continue;
		}
		if (got < 0)
			return kith_fail(e, KITH_EIO, 0, "%s: %s", what,
					 strerror(errno));
		err = temporary_write(n->copy,
				      (struct kith_slice){ piece, (size_t)got },
				      e);
		n->bytes += (uint64_t)got;
		if (!err && stops(n))
			err = stopped(e);
	}
	return err;
}

static enum kith_err take_input(struct ndjson *n, struct kith_error *e)
{
	enum kith_err err = temporary_open(&n->copy, e);

	if (!err)
		err = copy_all(n, stdin, e);
	snprintf(n->name, sizeof(n->name), "/dev/fd/%d", n->copy);
	return err;
}

/* --- the row -------------------------------------------------------------- */

static enum kith_err rewind_to_start(void *of, struct kith_error *e)
{
	struct ndjson *n = of;

	if (n->open)
		texts_close(&n->texts);
	/* Where /dev/fd gives the same open file, not another one of it. */
	if (n->copy >= 0 && lseek(n->copy, 0, SEEK_SET))
		return kith_fail(e, KITH_EIO, 0, "%s", strerror(errno));
	n->over = false;
	n->open = texts_open(&n->texts, n->name, stops, n);
	if (n->open)
		return KITH_OK;
	return look_fail(n->name, e);
}

static void close_it(void *of)
{
	struct ndjson *n = of;

	if (n->open)
		texts_close(&n->texts);
	if (n->copy >= 0)
		close(n->copy);
	free(n);
}

static enum kith_err open_it(const char *name, const struct source_with *with,
			     void **out, struct kith_error *e)
{
	struct ndjson *n = calloc(1, sizeof(*n));
	enum kith_err err = KITH_OK;

	if (!n)
		return kith_fail(e, KITH_ENOMEM, 0, "out of memory");
	n->with = with;
	n->copy = -1;
	if (strlen(name) >= sizeof(n->name))
		err = kith_fail(e, KITH_ENOENT, 0, "the name is too long");
	else if (!strcmp(name, "-"))
		err = take_input(n, e);
	else
		memcpy(n->name, name, strlen(name) + 1);
	if (!err)
		err = rewind_to_start(n, e);
	if (err)
		close_it(n);
	else
		*out = n;
	return err;
}

/* What stands around a value: when it came, and as what. */
static void read_around(struct kith_slice text, struct source_message *out)
{
	double ms;

	out->has_id = !kith_msg_parse(json_plain(json_get(text, "key")),
				      &out->id);
	if (json_number(json_get(text, "timestamp"), &ms) && ms > 0 &&
	    ms < RECEIVED_MS_MAX)
		out->received_us = (int64_t)(ms * 1000);
}

/* NULL, or why it is no message. */
static const char *read_text(const struct text *text,
			     struct source_message *out)
{
	struct kith_feed_id author;
	uint64_t sequence;

	if (text->too_long)
		return "longer than any message";
	if (!lines_value(text->json, &out->value, NULL))
		return "no JSON object";
	if (!msg_peek(out->value, &author, &sequence))
		return "no message";
	if (out->value.n < text->json.n)
		read_around(text->json, out);
	return NULL;
}

static enum kith_err end(struct ndjson *n, enum source_step *step,
			 struct source_finding *found, struct kith_error *e)
{
	const char *why = n->over ? NULL : texts_failed(&n->texts);

	if (why && stops(n))
		return stopped(e);
	n->over = true;
	*step = why ? SOURCE_FINDING : SOURCE_END;
	*found = (struct source_finding){ .at = n->texts.lines.number + 1,
					  .text = why };
	return KITH_OK;
}

static enum kith_err next(void *of, enum source_step *step,
			  struct source_message *out,
			  struct source_finding *found, struct kith_error *e)
{
	struct ndjson *n = of;
	const struct source_with *w = n->with;
	const struct unpack *u = n->texts.lines.unpack;
	struct text text;
	const char *why;

	n->bytes = unpack_position(u);
	if (w->tick && !w->tick(w->arg, n->bytes, unpack_size(u)))
		return stopped(e);
	if (n->over || !texts_next(&n->texts, &text))
		return end(n, step, found, e);
	*out = (struct source_message){ .at = text.line };
	why = read_text(&text, out);
	*step = why ? SOURCE_FINDING : SOURCE_MESSAGE;
	*found = (struct source_finding){ .at = text.line,
					  .next = text.line + 1,
					  .text = why };
	return KITH_OK;
}

const struct source_row source_lines = {
	.kind = "lines",
	.is = is,
	.open = open_it,
	.close = close_it,
	.next = next,
	.rewind = rewind_to_start,
};
