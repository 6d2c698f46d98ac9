/* The source "bundle": one file of feeds, plain or packed. */
#include "src/depot/bundle.h"

#include <stdlib.h>

#include "feeds/peek.h"
#include "src/source/kind.h"
#include "src/source/look.h"
#include "src/source/once.h"
#include "src/source/unpack.h"

enum { LOOK_BYTES = 64 * 1024 };

struct of_bundle {
	const struct source_with *with;
	struct unpack *unpack;
	struct bundle_reader *reader;
	struct kith_slice rest; /* of what unpack gave */
	bool finishing;		/* there are no more bytes */
	bool told;		/* what is wrong with its end was */
	bool stopped;
	uint64_t line;		/* that was read last */
	struct once once;
	char name[];
};

/* Some line begins as the header of a bundle does: "h 1c8f03b2 39 {...". */
static bool has_header(struct kith_slice s)
{
	static const char format[] = "\"format\":\"kith bundle\"";
	const uint8_t *line = s.p, *end = s.p + s.n;

	while (line < end) {
		size_t left = (size_t)(end - line);
		const uint8_t *stop = memchr(line, '\n', left);
		size_t n = stop ? (size_t)(stop - line) : left;

		if (n > 2 && line[0] == DEPOT_HEADER && line[1] == ' ' &&
		    memmem(line, n, format, sizeof(format) - 1))
			return true;
		line += n + 1;
	}
	return false;
}

static bool is(const char *name)
{
	struct kith_slice piece = { NULL, 0 };
	struct unpack *u;
	bool found;

	/* What is read of a pipe to look at it would be missing later. */
	if (!once_is_file(name))
		return false;
	u = unpack_open(name, NULL, NULL);
	found = u && unpack_next(u, &piece);
	if (piece.n > LOOK_BYTES)
		piece.n = LOOK_BYTES;
	found = found && has_header(piece);
	unpack_close(u);
	return found;
}

/* Once it was stopped it stays so. */
static bool stops(void *of)
{
	struct of_bundle *b = of;
	const struct source_with *w = b->with;

	if (!b->stopped && w->tick && b->unpack)
		b->stopped = !w->tick(w->arg, unpack_position(b->unpack),
				      unpack_size(b->unpack));
	return b->stopped;
}

static void close_it(void *of)
{
	struct of_bundle *b = of;

	bundle_reader_free(b->reader);
	unpack_close(b->unpack);
	once_close(&b->once);
	free(b);
}

static enum kith_err rewind_to_start(void *of, struct kith_error *e)
{
	struct of_bundle *b = of;

	unpack_close(b->unpack);
	bundle_reader_free(b->reader);
	b->rest = (struct kith_slice){ NULL, 0 };
	b->finishing = false;
	b->told = false;
	b->stopped = false;
	b->line = 0;
	b->unpack = NULL;
	b->reader = bundle_reader_new();
	if (!b->reader)
		return kith_fail(e, KITH_ENOMEM, 0, "out of memory");
	if (once_rewind(&b->once, e))
		return KITH_EIO;
	b->unpack = unpack_open(b->once.name, stops, b);
	return b->unpack ? KITH_OK : look_fail(b->name, e);
}

static enum kith_err open_it(const char *name, const struct source_with *with,
			     void **out, struct kith_error *e)
{
	size_t n = strlen(name) + 1;
	struct of_bundle *b = calloc(1, sizeof(*b) + n);
	enum kith_err err;

	if (!b)
		return kith_fail(e, KITH_ENOMEM, 0, "out of memory");
	b->with = with;
	memcpy(b->name, name, n);
	err = once_open(&b->once, name, with, e);
	if (!err)
		err = rewind_to_start(b, e);
	if (err)
		close_it(b);
	else
		*out = b;
	return err;
}

/* Counted as lines: bytes are those of the file without carriage returns. */
static void find(struct of_bundle *b, const char *text,
		 struct source_finding *out)
{
	b->told = true;
	*out = (struct source_finding){ .at = b->line, .text = text };
}

/* What is wrong with its end; false: nothing, or it was told. */
static bool look_at_end(struct of_bundle *b, struct source_finding *out)
{
	const char *why = unpack_failed(b->unpack);

	if (b->told)
		return false;
	if (!why && !bundle_ended(b->reader))
		why = "it is cut off: its last line is missing";
	b->line++;
	if (why)
		find(b, why, out);
	return why;
}

/* One step of the reader, with more bytes where it wants them. */
static enum bundle_step step_on(struct of_bundle *b, struct bundle_item *item)
{
	enum bundle_step step = BUNDLE_MORE;

	while (!b->finishing && step == BUNDLE_MORE) {
		step = bundle_next(b->reader, &b->rest, item);
		b->finishing = step == BUNDLE_MORE &&
			       !unpack_next(b->unpack, &b->rest);
	}
	return step == BUNDLE_MORE ? bundle_finish(b->reader, item) : step;
}

/* False: a line of another kind, or nothing is wrong with it. */
static bool take_item(struct of_bundle *b, const struct bundle_item *item,
		      enum source_step *step, struct source_message *out,
		      struct source_finding *found)
{
	struct kith_feed_id author;
	uint64_t sequence;

	*step = SOURCE_FINDING;
	if (item->kind == BUNDLE_END && !item->end.whole) {
		find(b, "what it says at its end is not what was read", found);
		return true;
	}
	if (item->kind != BUNDLE_MESSAGE)
		return false;
	*found = (struct source_finding){ .at = item->line,
					  .next = item->line + 1,
					  .text = "no message" };
	if (!msg_peek(item->values[0], &author, &sequence))
		return true;
	*step = SOURCE_MESSAGE;
	*out = (struct source_message){ .value = item->values[0],
					.at = item->line };
	return true;
}

static enum kith_err next(void *of, enum source_step *step,
			  struct source_message *out,
			  struct source_finding *found, struct kith_error *e)
{
	struct of_bundle *b = of;
	struct bundle_item item = { .line = 0 };
	enum bundle_step what;

	for (;;) {
		what = step_on(b, &item);
		if (stops(b))
			return kith_fail(e, KITH_EBUSY, 0, "interrupted");
		b->line = what == BUNDLE_MORE ? b->line : item.line;
		switch (what) {
		case BUNDLE_NONE:
			return kith_fail(e, KITH_EFORMAT, 0, "%.80s is no "
					 "bundle: %s", b->name, item.why);
		case BUNDLE_DAMAGE:
			*step = SOURCE_FINDING;
			*found = (struct source_finding){
				.at = item.line,
				.next = item.line + 1,
				.text = item.why,
			};
			return KITH_OK;
		case BUNDLE_ITEM:
			if (take_item(b, &item, step, out, found))
				return KITH_OK;
			break;
		case BUNDLE_MORE:
			*step = look_at_end(b, found) ? SOURCE_FINDING
						      : SOURCE_END;
			return KITH_OK;
		}
	}
}

const struct source_row source_bundle = {
	.kind = "bundle",
	.is = is,
	.open = open_it,
	.close = close_it,
	.next = next,
	.rewind = rewind_to_start,
};
