/* The source "lines": a file of JSON texts, one a line or over several, bare
 * values or {key,value,timestamp}; or a pipe, as standard input. */
#include <stdlib.h>
#include <sys/stat.h>

#include "feeds/json.h"
#include "feeds/peek.h"
#include "feeds/ref.h"
#include "src/source/kind.h"
#include "src/source/look.h"
#include "src/source/once.h"
#include "src/source/texts.h"

struct ndjson {
	const struct source_with *with;
	struct once once;
	struct texts texts;
	bool open, over, stopped;
};

static bool is(const char *name)
{
	struct stat st;

	return !strcmp(name, "-") ||
	       (!stat(name, &st) && !S_ISDIR(st.st_mode));
}

/* Once it was stopped it stays so. */
static bool stops(void *of)
{
	struct ndjson *n = of;
	const struct source_with *w = n->with;
	const struct unpack *u = n->texts.lines.unpack;

	if (!n->stopped && w->tick && u)
		n->stopped = !w->tick(w->arg, unpack_position(u),
				      unpack_size(u));
	return n->stopped;
}

static enum kith_err stopped(struct kith_error *e)
{
	return kith_fail(e, KITH_EBUSY, 0, "interrupted");
}

/* --- the row -------------------------------------------------------------- */

static enum kith_err rewind_to_start(void *of, struct kith_error *e)
{
	struct ndjson *n = of;

	if (n->open)
		texts_close(&n->texts);
	n->over = n->open = n->stopped = false;
	if (once_rewind(&n->once, e))
		return KITH_EIO;
	n->open = texts_open(&n->texts, n->once.name, stops, n);
	return n->open ? KITH_OK : look_fail(n->once.name, e);
}

static void close_it(void *of)
{
	struct ndjson *n = of;

	if (n->open)
		texts_close(&n->texts);
	once_close(&n->once);
	free(n);
}

static enum kith_err open_it(const char *name, const struct source_with *with,
			     void **out, struct kith_error *e)
{
	struct ndjson *n = calloc(1, sizeof(*n));
	enum kith_err err;

	if (!n)
		return kith_fail(e, KITH_ENOMEM, 0, "out of memory");
	n->with = with;
	err = once_open(&n->once, name, with, e);
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
	if (json_number(json_get(text, "timestamp"), &ms))
		out->received_us = source_received_us(ms);
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
	struct text text;
	const char *why;

	if (stops(n))
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
