#include "tools/commands.h"

#include <stdio.h>
#include <stdlib.h>

#include "feeds/peek.h"
#include "tools/expect.h"
#include "tools/input.h"
#include "tools/interrupt.h"
#include "tools/progress.h"
#include "tools/sink.h"
#include "tools/spill.h"
#include "tools/tally.h"

enum { UNDER_WAY_MAX = 1 << 15, LOOK_EVERY = 64 };

/* Where a message came from that is under way. */
struct origin {
	uint64_t line;
	uint32_t file;
};

enum stop {
	GOING_ON,
	INTERRUPTED,
	REFUSED, /* and --strict */
	FAILED	 /* ours: disk or memory; im->failure says what */
};

struct import {
	struct tool *tool;
	int files;
	char **names;
	bool strict;
	struct sink *sink;
	struct expect *expect; /* NULL: the second go, in order */
	struct spill *spill;
	struct tally tally;
	struct progress progress;
	uint64_t progress_base; /* bytes of the files before */

	enum stop stop;
	char failure[KITH_ERROR_TEXT_BYTES];
	bool full;	     /* the spill takes no more */
	uint64_t left_out;   /* for that reason */
	uint64_t looked_at;
	uint32_t file;	     /* that is read now */

	struct origin origins[UNDER_WAY_MAX];
	uint32_t unused[UNDER_WAY_MAX]; /* their indexes */
	size_t unused_count;
};

static const char *file_name(const struct import *im, uint32_t file)
{
	if (!im->files || !strcmp(im->names[file], "-"))
		return "standard input";
	return im->names[file];
}

static struct tally_origin told_as(const struct import *im,
				   const struct origin *o)
{
	return (struct tally_origin){ o->line, file_name(im, o->file) };
}

static void refuse(struct import *im, const struct origin *from,
		   enum ingest_verdict verdict, const char *why)
{
	struct tally_origin told = told_as(im, from);

	tally_refuse(&im->tally, &told, verdict, why);
	if (im->strict && !im->stop)
		im->stop = REFUSED;
}

/* Once there is no room, what comes too early is left out and counted. */
static void keep(struct import *im, const struct spill_entry *entry)
{
	struct kith_error e = { 0 };

	if (!im->full && !spill_put(im->spill, entry, &e))
		return;
	im->left_out++;
	if (im->full)
		return;
	im->full = true;
	tool_note("no more of what came too early can be kept: %s; see "
		  "--spill-limit, or name a folder with room in TMPDIR",
		  e.text);
}

/* The message is kept if what it follows may still come. */
static void settle_gap(struct import *im, const struct sink_verdict *v,
		       const struct origin *from)
{
	struct spill_entry entry = { .line = from->line, .file = from->file,
				     .value = v->value };

	if (!im->expect ||
	    !msg_peek(v->value, &entry.feed, &entry.sequence)) {
		tally_gap(&im->tally, v->value);
		return;
	}
	expect_back(im->expect, &entry.feed, entry.sequence);
	keep(im, &entry);
}

static void settle_refusal(struct import *im, const struct sink_verdict *v,
			   const struct origin *from)
{
	struct kith_feed_id feed;
	uint64_t sequence;

	if (im->expect && msg_peek(v->value, &feed, &sequence))
		expect_back(im->expect, &feed, sequence);
	refuse(im, from, v->verdict, v->why);
}

static void settle_failure(struct import *im, const struct sink_verdict *v)
{
	im->tally.left++;
	if (im->stop == FAILED)
		return;
	im->stop = FAILED;
	snprintf(im->failure, sizeof(im->failure), "%s", v->why);
}

static void settle(struct import *im, const struct sink_verdict *v)
{
	const struct origin from = im->origins[v->tag];

	im->unused[im->unused_count++] = v->tag;
	switch (v->verdict) {
	case INGEST_ADDED:
	case INGEST_KNOWN: tally_good(&im->tally, v->verdict); break;
	case INGEST_GAP: settle_gap(im, v, &from); break;
	case INGEST_FORK:
	case INGEST_INVALID:
	case INGEST_OWN: settle_refusal(im, v, &from); break;
	case INGEST_FAILED: settle_failure(im, v); break;
	}
}

static void collect(struct import *im)
{
	struct sink_verdict v;

	while (sink_next(im->sink, &v))
		settle(im, &v);
}

/* Waits for everything that is under way. */
static int collect_all(struct import *im)
{
	int code = EXIT_DONE;

	while (!code && im->unused_count < UNDER_WAY_MAX) {
		code = sink_wait(im->sink);
		collect(im);
	}
	return code;
}

static int hand_in(struct import *im, struct kith_slice value,
		   const struct origin *from)
{
	uint32_t tag;
	int code = EXIT_DONE;

	if (im->unused_count % LOOK_EVERY == 0)
		collect(im);
	while (!code && (!im->unused_count || sink_full(im->sink))) {
		code = sink_wait(im->sink);
		collect(im);
	}
	if (code)
		return code;
	tag = im->unused[--im->unused_count];
	im->origins[tag] = *from;
	return sink_put(im->sink, value, tag);
}

/* What is next in its feed is handed in, what came too early is kept. */
static int take_value(struct import *im, struct kith_slice value,
		      const struct origin *from)
{
	struct spill_entry entry = { .line = from->line, .file = from->file,
				     .value = value };

	if (value.n > KITH_MSG_WIRE_BYTES_MAX ||
	    !msg_peek(value, &entry.feed, &entry.sequence))
		return hand_in(im, value, from);
	switch (expect_look(im->expect, &entry.feed, entry.sequence, value)) {
	case EXPECT_NOW: return hand_in(im, value, from);
	case EXPECT_HELD: tally_good(&im->tally, INGEST_KNOWN); break;
	case EXPECT_LATER: keep(im, &entry); break;
	}
	return EXIT_DONE;
}

static int take_text(struct import *im, const struct input *in,
		     struct kith_slice text)
{
	struct origin from = { in->number, im->file };
	struct kith_slice value;

	progress_at(&im->progress, im->progress_base + input_position(in));
	progress_step(&im->progress, text.n);
	if (in->too_long)
		refuse(im, &from, INGEST_INVALID, "longer than any message");
	else if (!lines_value(text, &value, NULL))
		refuse(im, &from, INGEST_INVALID, "no JSON object");
	else
		return take_value(im, value, &from);
	return EXIT_DONE;
}

/* Looks for a signal now and then; false: no further. */
static bool goes_on(struct import *im)
{
	if (++im->looked_at % LOOK_EVERY == 0 && !im->stop &&
	    interrupt_pending())
		im->stop = INTERRUPTED;
	return !im->stop;
}

static int take_input(struct import *im, struct input *in)
{
	struct kith_slice text;
	int code = EXIT_DONE;

	while (!code && goes_on(im) && input_next(in, &text))
		code = take_text(im, in, text);
	if (interrupt_pending() && !im->stop)
		im->stop = INTERRUPTED;
	if (!code && !im->stop && input_failed(in))
		code = tool_fail(EXIT_UNREADABLE, "cannot read %s behind line "
				 "%llu: %s", in->name,
				 (unsigned long long)in->number,
				 input_failed(in));
	im->progress_base += input_size(in);
	return code;
}

static int take_file(struct import *im, const char *name)
{
	struct input in;
	int code = input_open(&in, name);

	if (!code) {
		code = take_input(im, &in);
		input_close(&in);
	}
	return code;
}

/* How much there is to read, if all of it can be known. */
static uint64_t total_bytes(const struct import *im)
{
	uint64_t total = 0, size = 1;

	for (int i = 0; i < im->files && size; i++) {
		size = input_size_of(im->names[i]);
		total += size;
	}
	return size ? total : 0;
}

static int take_files(struct import *im)
{
	int code = im->files ? EXIT_DONE : take_file(im, "-");

	progress_total(&im->progress, total_bytes(im));
	for (int i = 0; i < im->files && !code && !im->stop; i++) {
		im->file = (uint32_t)i;
		code = take_file(im, im->names[i]);
	}
	return code;
}

static int fail_spill(struct import *im, const struct kith_error *e)
{
	return tool_fail(EXIT_UNREADABLE, "what came too early cannot be read "
			 "back, %llu messages: %s",
			 (unsigned long long)spill_count(im->spill), e->text);
}

/* In order now, one more go settles all that can be. */
static int take_kept(struct import *im)
{
	struct kith_error e = { 0 };
	struct spill_entry entry;
	int code = EXIT_DONE;
	enum kith_err err;

	expect_free(im->expect);
	im->expect = NULL;
	progress_start(&im->progress, "put in order", false);
	progress_total(&im->progress, spill_count(im->spill));
	err = spill_sort(im->spill, &e);
	while (!err && !code && goes_on(im)) {
		struct origin from;

		err = spill_next(im->spill, &entry, &e);
		if (err)
			break;
		from = (struct origin){ entry.line, entry.file };
		progress_at(&im->progress, im->progress.messages);
		progress_step(&im->progress, entry.value.n);
		code = hand_in(im, entry.value, &from);
	}
	if (err && err != KITH_ENOENT)
		code = fail_spill(im, &e);
	return code;
}

/* Says why it ended early; an exit code. */
static int explain_stop(const struct import *im)
{
	unsigned long long accepted = im->tally.accepted;

	switch (im->stop) {
	case GOING_ON:
		return EXIT_DONE;
	case INTERRUPTED:
		return tool_fail(EXIT_FAILED, "interrupted: what was accepted "
				 "is written, %llu messages; import the same "
				 "again, and it goes on from there", accepted);
	case REFUSED:
		return tool_fail(EXIT_FAILED, "ended at the first refusal, as "
				 "--strict asks for; what was accepted is "
				 "written, %llu messages", accepted);
	case FAILED:
		break;
	}
	return tool_fail(EXIT_UNREADABLE, "ended, nothing more can be "
			 "written: %s; what was accepted is written, %llu "
			 "messages: make room and import the same again, and "
			 "it goes on from there", im->failure, accepted);
}

static int sum_up(struct import *im, int code)
{
	int stopped;

	progress_end(&im->progress);
	im->tally.left += spill_count(im->spill) + im->left_out;
	if (im->looked_at)
		tally_print(&im->tally, sink_store(im->sink));
	if (im->left_out)
		tool_note("%llu messages that came too early could not be "
			  "kept: make room and import the same again",
			  (unsigned long long)im->left_out);
	stopped = explain_stop(im);
	if (!code)
		code = stopped;
	return code ? code : tally_code(&im->tally);
}

static int run(struct import *im)
{
	int rest, code = take_files(im);

	/* What was read before an unreadable file is taken all the same. */
	if (!code || code == EXIT_UNREADABLE) {
		rest = collect_all(im);
		if (!rest && !im->stop && spill_count(im->spill)) {
			rest = take_kept(im);
			if (!rest || rest == EXIT_UNREADABLE)
				(void)collect_all(im);
		}
		/* On a disk without room they would not get further. */
		if (!rest && im->stop != FAILED) {
			progress_start(&im->progress, "taken into the views",
				       false);
			rest = sink_settle(im->sink, &im->progress);
		}
		code = rest ? rest : code;
	}
	return sum_up(im, code);
}

static int prepare(struct import *im)
{
	const char *folder = getenv("TMPDIR");
	bool trial = im->tally.trial;
	uint64_t limit;
	int code;

	if (!tool_number(im->tool, 's', SPILL_DISK_BYTES >> 20, &limit) ||
	    limit > UINT64_MAX >> 20)
		return EXIT_MISUSED;
	if (!folder || !*folder)
		folder = home_path(im->tool->home);
	code = sink_open(im->tool, trial ? folder : NULL, &im->sink);
	if (code)
		return code;
	im->spill = spill_new(folder, limit << 20, SPILL_WAYS);
	im->expect = expect_new(sink_store(im->sink));
	if (!im->spill || !im->expect)
		return tool_fail(EXIT_FAILED, "out of memory");
	return EXIT_DONE;
}

static void import_free(struct import *im)
{
	spill_free(im->spill);
	expect_free(im->expect);
	sink_close(im->sink);
	free(im);
}

int command_import(struct tool *t, int argc, char **argv)
{
	struct import *im = calloc(1, sizeof(*im));
	int code;

	if (!im)
		return tool_fail(EXIT_FAILED, "out of memory");
	im->tool = t;
	im->files = argc;
	im->names = argv;
	im->strict = tool_option(t, 'x');
	im->tally.json = t->json;
	im->tally.trial = tool_option(t, 'n');
	for (uint32_t i = 0; i < UNDER_WAY_MAX; i++)
		im->unused[im->unused_count++] = UNDER_WAY_MAX - 1 - i;
	interrupt_hold();
	progress_start(&im->progress, "read", false);
	code = prepare(im);
	if (!code)
		code = run(im);
	import_free(im);
	return code;
}
