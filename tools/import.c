#include "tools/commands.h"

#include <errno.h>
#include <stdlib.h>

#include "feeds/peek.h"
#include "tools/lines.h"
#include "tools/progress.h"
#include "tools/record.h"
#include "tools/text.h"
#include "tools/writer.h"

enum { HELD_BYTES_MAX = 64 << 20, REASONS_MAX = 16, TOLD_MAX = 10 };

/* Lines on their way to the store. */
struct batch {
	const char *name; /* of their file */
	struct kith_buf bytes;
	size_t n;
	struct {
		size_t at, n; /* in bytes */
		uint64_t line;
	} lines[WRITER_BATCH_MAX];
	struct kith_slice values[WRITER_BATCH_MAX];
	struct verdict verdicts[WRITER_BATCH_MAX];
};

/* A message that came before the ones it follows. */
struct held {
	struct kith_feed_id author;
	uint64_t sequence;
	size_t at, n; /* in held_bytes */
	uint64_t line;
	const char *name;
};

struct reason {
	char text[KITH_ERROR_TEXT_BYTES];
	uint64_t count;
};

struct import {
	struct tool *tool;
	struct writer *writer;
	struct progress progress;

	/* One is filled while the other is written. */
	struct batch batches[2];
	struct batch *filling, *written;

	struct kith_buf held_bytes;
	struct held *held;
	size_t held_count, held_room;
	bool again; /* the held ones are being handed in */

	uint64_t accepted, duplicate, gap, refused, left_out;
	struct reason reasons[REASONS_MAX];
	unsigned told;
};

static void count_reason(struct import *im, const char *why)
{
	struct reason *r = im->reasons, *last = r + REASONS_MAX - 1;

	while (r < last && r->count && strcmp(r->text, why) != 0)
		r++;
	if (!r->count)
		snprintf(r->text, sizeof(r->text), "%s", why);
	else if (strcmp(r->text, why) != 0)
		snprintf(r->text, sizeof(r->text), "other reasons");
	r->count++;
}

/* Counts a refusal, and tells where the first few were. */
static void refuse(struct import *im, const char *name, uint64_t line,
		   const char *why)
{
	struct record r;

	im->refused++;
	count_reason(im, why);
	if (im->tool->json) {
		record_begin(&r);
		record_text(&r, "problem", why);
		record_text(&r, "source", name);
		record_uint(&r, "line", line);
		record_end(&r);
	} else if (im->told < TOLD_MAX) {
		im->told++;
		tool_note("%s:%llu: refused: %s%s", name,
			  (unsigned long long)line, why,
			  im->told == TOLD_MAX ? " (more are only counted)"
					       : "");
	}
}

static bool hold_row(struct import *im, const struct held *row)
{
	size_t room = im->held_room * 2 + 1024;
	struct held *more;

	if (im->held_count == im->held_room) {
		more = realloc(im->held, room * sizeof(*more));
		if (!more)
			return false;
		im->held = more;
		im->held_room = room;
	}
	im->held[im->held_count++] = *row;
	return true;
}

/* Keeps a message that came too early, to be handed in at the end. */
static void hold(struct import *im, const struct batch *b, size_t i)
{
	struct held row = { .at = im->held_bytes.n, .n = b->values[i].n,
			    .line = b->lines[i].line, .name = b->name };

	kith_buf_put(&im->held_bytes, b->values[i]);
	if (im->held_bytes.err ||
	    !msg_peek(b->values[i], &row.author, &row.sequence) ||
	    !hold_row(im, &row)) {
		im->left_out++;
		im->gap++;
	}
}

static void settle(struct import *im, const struct batch *b, size_t i)
{
	const struct verdict *v = &b->verdicts[i];

	switch (v->verdict) {
	case INGEST_ADDED: im->accepted++; break;
	case INGEST_KNOWN: im->duplicate++; break;
	case INGEST_GAP:
		if (im->again)
			im->gap++;
		else
			hold(im, b, i);
		break;
	case INGEST_FORK:
	case INGEST_INVALID:
	case INGEST_OWN:
	case INGEST_FAILED:
		refuse(im, b->name, b->lines[i].line, v->why);
		break;
	}
}

/* Waits for the batch that is written, if any, and counts its verdicts. */
static int collect(struct import *im)
{
	struct batch *b = im->written;
	int code;

	if (!b)
		return EXIT_DONE;
	code = writer_settle(im->writer);
	for (size_t i = 0; i < b->n && !code; i++)
		settle(im, b, i);
	b->n = 0;
	kith_buf_reset(&b->bytes);
	im->written = NULL;
	return code;
}

/* Hands in the batch that was filled. */
static int hand_in(struct import *im)
{
	struct batch *b = im->filling;
	int code = collect(im);

	if (code || !b->n)
		return code;
	for (size_t i = 0; i < b->n; i++)
		b->values[i] = (struct kith_slice){ b->bytes.p + b->lines[i].at,
						    b->lines[i].n };
	im->written = b;
	im->filling = b == im->batches ? b + 1 : im->batches;
	return writer_send(im->writer, b->values, b->n, b->verdicts);
}

static int add(struct import *im, struct kith_slice value, const char *name,
	       uint64_t line)
{
	struct batch *b = im->filling;
	int code = EXIT_DONE;

	if (b->n == WRITER_BATCH_MAX || value.n > b->bytes.limit - b->bytes.n ||
	    (b->n && b->name != name))
		code = hand_in(im);
	if (code)
		return code;
	b = im->filling;
	b->name = name;
	b->lines[b->n].at = b->bytes.n;
	b->lines[b->n].n = value.n;
	b->lines[b->n].line = line;
	kith_buf_put(&b->bytes, value);
	if (b->bytes.err)
		return tool_fail(EXIT_FAILED, "out of memory");
	b->n++;
	return EXIT_DONE;
}

static int take_line(struct import *im, const struct lines *l,
		     const char *name, struct kith_slice line)
{
	struct kith_error e = { 0 };
	struct kith_slice value;

	progress_step(&im->progress, line.n);
	if (l->too_long)
		refuse(im, name, l->number, "longer than any message");
	else if (!lines_value(line, &value, &e))
		refuse(im, name, l->number, "no JSON object");
	else
		return add(im, value, name, l->number);
	return EXIT_DONE;
}

static int take_file(struct import *im, const char *name)
{
	struct kith_slice line;
	struct lines l;
	int code = EXIT_DONE;

	if (!lines_open(&l, name))
		return tool_fail(EXIT_UNREADABLE, "cannot read %s: %s", name,
				 strerror(errno));
	name = strcmp(name, "-") ? name : "standard input";
	while (!code && lines_next(&l, &line))
		if (l.too_long || !lines_blank(line))
			code = take_line(im, &l, name, line);
	if (!code && lines_failed(&l))
		code = tool_fail(EXIT_UNREADABLE, "cannot read %s behind line "
				 "%llu: %s", name,
				 (unsigned long long)l.number,
				 lines_failed(&l));
	lines_close(&l);
	return code;
}

static int by_feed(const void *a, const void *b)
{
	const struct held *x = a, *y = b;
	int order = memcmp(x->author.b, y->author.b, KITH_ID_BYTES);

	return order ? order : (x->sequence > y->sequence) -
				       (x->sequence < y->sequence);
}

static int finish(struct import *im)
{
	int code = hand_in(im);

	return code ? code : collect(im);
}

/* In order now, one more go settles all that can be. */
static int take_held(struct import *im)
{
	int code = EXIT_DONE;

	im->again = true;
	if (im->held_count)
		qsort(im->held, im->held_count, sizeof(*im->held), by_feed);
	for (size_t i = 0; i < im->held_count && !code; i++) {
		const struct held *h = &im->held[i];
		struct kith_slice value = { im->held_bytes.p + h->at, h->n };

		code = add(im, value, h->name, h->line);
	}
	return code ? code : finish(im);
}

static void print_record(const struct import *im)
{
	struct record r;

	record_begin(&r);
	record_uint(&r, "accepted", im->accepted);
	record_uint(&r, "duplicate", im->duplicate);
	record_uint(&r, "gap", im->gap);
	record_uint(&r, "refused", im->refused);
	record_end(&r);
}

static void print_summary(const struct import *im)
{
	if (im->tool->json) {
		print_record(im);
		return;
	}
	printf("%llu accepted, %llu known already, %llu behind a gap, "
	       "%llu refused\n", (unsigned long long)im->accepted,
	       (unsigned long long)im->duplicate, (unsigned long long)im->gap,
	       (unsigned long long)im->refused);
	for (const struct reason *r = im->reasons;
	     r < im->reasons + REASONS_MAX && r->count; r++) {
		printf("%6llu  ", (unsigned long long)r->count);
		text_print(stdout, kith_text(r->text));
		putchar('\n');
	}
	fflush(stdout);
	if (im->left_out)
		tool_note("%llu messages were too far out of order to be kept "
			  "until theirs came: import the same again",
			  (unsigned long long)im->left_out);
	else if (im->gap)
		tool_note("behind a gap: earlier messages of the same feeds "
			  "are neither here nor in the input");
}

static int run(struct import *im, int argc, char **argv)
{
	int rest, code = argc ? EXIT_DONE : take_file(im, "-");

	for (int i = 0; i < argc && !code; i++)
		code = take_file(im, argv[i]);
	/* What was read before an unreadable file is taken all the same. */
	if (!code || code == EXIT_UNREADABLE) {
		rest = finish(im);
		if (!rest)
			rest = take_held(im);
		code = rest ? rest : code;
	}
	progress_end(&im->progress);
	if (!code || im->progress.messages)
		print_summary(im);
	if (!code && (im->refused || im->gap))
		code = EXIT_FAILED;
	return code;
}

int command_import(struct tool *t, int argc, char **argv)
{
	struct import *im = calloc(1, sizeof(*im));
	int code;

	if (!im)
		return tool_fail(EXIT_FAILED, "out of memory");
	im->tool = t;
	im->filling = im->batches;
	im->batches[0].bytes.limit = WRITER_BATCH_BYTES_MAX;
	im->batches[1].bytes.limit = WRITER_BATCH_BYTES_MAX;
	im->held_bytes.limit = HELD_BYTES_MAX;
	progress_start(&im->progress, "read", false);
	code = writer_open(t, &im->writer);
	if (!code)
		code = run(im, argc, argv);
	writer_close(im->writer);
	kith_buf_free(&im->batches[0].bytes);
	kith_buf_free(&im->batches[1].bytes);
	kith_buf_free(&im->held_bytes);
	free(im->held);
	free(im);
	return code;
}
