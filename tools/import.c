#include "tools/commands.h"

#include <errno.h>
#include <stdlib.h>

#include "feeds/json.h"
#include "tools/lines.h"
#include "tools/progress.h"
#include "tools/record.h"
#include "tools/text.h"
#include "tools/writer.h"

enum { HELD_BYTES_MAX = 64 << 20, REASONS_MAX = 16, TOLD_MAX = 10 };

/* A message that came before the ones it follows. */
struct held {
	struct kith_feed_id author;
	uint64_t sequence;
	size_t at, n; /* in held_bytes */
};

struct reason {
	char text[KITH_ERROR_TEXT_BYTES];
	uint64_t count;
};

struct import {
	struct tool *tool;
	struct writer *writer;
	struct progress progress;
	const char *name; /* of the file being read */

	struct kith_buf bytes; /* of the batch in the making */
	struct {
		size_t at, n;
		uint64_t line;
	} batch[WRITER_BATCH_MAX];
	size_t n;
	struct kith_slice values[WRITER_BATCH_MAX];
	struct verdict verdicts[WRITER_BATCH_MAX];

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
static void refuse(struct import *im, uint64_t line, const char *why)
{
	struct record r;

	im->refused++;
	count_reason(im, why);
	if (im->tool->json) {
		record_begin(&r);
		record_text(&r, "problem", why);
		record_text(&r, "source", im->name);
		record_uint(&r, "at", line);
		record_end(&r);
	} else if (im->told < TOLD_MAX) {
		im->told++;
		tool_note("%s:%llu: refused: %s%s", im->name,
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
static void hold(struct import *im, struct kith_slice value)
{
	struct held row = { .at = im->held_bytes.n, .n = value.n };

	kith_buf_put(&im->held_bytes, value);
	if (im->held_bytes.err ||
	    !kith_msg_peek(value, &row.author, &row.sequence) ||
	    !hold_row(im, &row)) {
		im->left_out++;
		im->gap++;
	}
}

static void settle(struct import *im, size_t i)
{
	const struct verdict *v = &im->verdicts[i];

	switch (v->verdict) {
	case INGEST_ADDED: im->accepted++; break;
	case INGEST_KNOWN: im->duplicate++; break;
	case INGEST_GAP:
		if (im->again)
			im->gap++;
		else
			hold(im, im->values[i]);
		break;
	case INGEST_FORK:
	case INGEST_INVALID:
	case INGEST_OWN:
	case INGEST_FAILED: refuse(im, im->batch[i].line, v->why); break;
	}
}

static int hand_in(struct import *im)
{
	int code;

	for (size_t i = 0; i < im->n; i++)
		im->values[i] = (struct kith_slice){
			im->bytes.p + im->batch[i].at, im->batch[i].n };
	code = im->n ? writer_import(im->writer, im->values, im->n,
				     im->verdicts) : EXIT_DONE;
	for (size_t i = 0; i < im->n && !code; i++)
		settle(im, i);
	im->n = 0;
	kith_buf_reset(&im->bytes);
	return code;
}

static int add(struct import *im, struct kith_slice value, uint64_t line)
{
	int code = EXIT_DONE;

	if (im->n == WRITER_BATCH_MAX ||
	    value.n > im->bytes.limit - im->bytes.n)
		code = hand_in(im);
	im->batch[im->n].at = im->bytes.n;
	im->batch[im->n].n = value.n;
	im->batch[im->n].line = line;
	kith_buf_put(&im->bytes, value);
	if (im->bytes.err)
		return tool_fail(EXIT_FAILED, "out of memory");
	im->n++;
	return code;
}

static int take_line(struct import *im, const struct lines *l,
		     struct kith_slice line)
{
	struct kith_error e = { 0 };
	struct kith_slice value;

	progress_step(&im->progress, line.n);
	if (l->too_long)
		refuse(im, l->number, "longer than any message");
	else if (!lines_value(line, &value, &e))
		refuse(im, l->number, "no JSON object");
	else
		return add(im, value, l->number);
	return EXIT_DONE;
}

static bool is_blank(struct kith_slice s)
{
	while (s.n && (*s.p == ' ' || *s.p == '\t' || *s.p == '\r')) {
		s.p++;
		s.n--;
	}
	return !s.n;
}

static int take_file(struct import *im, const char *name)
{
	struct kith_slice line;
	struct lines l;
	int code = EXIT_DONE;

	im->name = strcmp(name, "-") ? name : "standard input";
	if (!lines_open(&l, name))
		return tool_fail(EXIT_UNREADABLE, "cannot read %s: %s", name,
				 strerror(errno));
	while (!code && lines_next(&l, &line))
		if (l.too_long || !is_blank(line))
			code = take_line(im, &l, line);
	if (!code)
		code = hand_in(im);
	if (!code && lines_failed(&l))
		code = tool_fail(EXIT_UNREADABLE, "cannot read %s further",
				 im->name);
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

/* In order now, one more go settles all that can be. */
static int take_held(struct import *im)
{
	int code = EXIT_DONE;

	im->again = true;
	if (im->held_count)
		qsort(im->held, im->held_count, sizeof(*im->held), by_feed);
	for (size_t i = 0; i < im->held_count && !code; i++)
		code = add(im, (struct kith_slice){
				   im->held_bytes.p + im->held[i].at,
				   im->held[i].n }, 0);
	return code ? code : hand_in(im);
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
	int code = argc ? EXIT_DONE : take_file(im, "-");

	for (int i = 0; i < argc && !code; i++)
		code = take_file(im, argv[i]);
	if (!code)
		code = take_held(im);
	progress_end(&im->progress);
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
	im->bytes.limit = WRITER_BATCH_BYTES_MAX;
	im->held_bytes.limit = HELD_BYTES_MAX;
	progress_start(&im->progress, "read", false);
	code = writer_open(t, &im->writer);
	if (!code)
		code = run(im, argc, argv);
	writer_close(im->writer);
	kith_buf_free(&im->bytes);
	kith_buf_free(&im->held_bytes);
	free(im->held);
	free(im);
	return code;
}
