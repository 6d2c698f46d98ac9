#include "tools/pass/bring.h"

#include <stdio.h>
#include <stdlib.h>

#include "feeds/peek.h"
#include "tools/pass/expect.h"
#include "tools/stream/interrupt.h"
#include "tools/stream/spill.h"

enum { UNDER_WAY_MAX = 1 << 15, LOOK_EVERY = 64 };

enum stop {
	GOING_ON,
	INTERRUPTED,
	REFUSED, /* and strict */
	FAILED	 /* ours: disk or memory; b->failure says what */
};

struct bring {
	struct bring_how how;
	struct expect *expect; /* NULL: the second go, in order */
	struct spill *spill;
	struct tally tally;
	struct progress progress;

	enum stop stop;
	char failure[KITH_ERROR_TEXT_BYTES];
	bool full;	     /* the spill takes no more */
	uint64_t left_out;   /* for that reason */
	uint64_t looked_at;

	/* Where those came from that are under way, by tag. */
	struct bring_place places[UNDER_WAY_MAX];
	uint32_t unused[UNDER_WAY_MAX]; /* tags */
	size_t unused_count;
};

struct progress *bring_progress(struct bring *b)
{
	return &b->progress;
}

static void refuse(struct bring *b, const struct bring_place *from,
		   enum ingest_verdict verdict, const char *why)
{
	struct tally_origin told = { from->line,
				     b->how.name(b->how.arg, from->file) };

	tally_refuse(&b->tally, &told, verdict, why);
	if (b->how.strict && !b->stop)
		b->stop = REFUSED;
}

void bring_refuse(struct bring *b, const struct bring_place *at,
		  const char *why)
{
	refuse(b, at, INGEST_INVALID, why);
}

/* Once there is no room, what comes too early is left out and counted. */
static void keep(struct bring *b, const struct spill_entry *entry)
{
	struct kith_error e = { 0 };

	if (!b->full && !spill_put(b->spill, entry, &e))
		return;
	b->left_out++;
	if (b->full)
		return;
	b->full = true;
	tool_note("no more of what came too early can be kept: %s; see "
		  "--spill-limit, or name a folder with room in TMPDIR",
		  e.text);
}

/* The message is kept if what it follows may still come. */
static void settle_gap(struct bring *b, const struct sink_verdict *v,
		       const struct bring_place *from)
{
	struct spill_entry entry = { .line = from->line, .file = from->file,
				     .value = v->value };

	if (!b->expect ||
	    !msg_peek(v->value, &entry.feed, &entry.sequence)) {
		tally_gap(&b->tally, v->value);
		return;
	}
	expect_back(b->expect, &entry.feed, entry.sequence);
	keep(b, &entry);
}

static void settle_refusal(struct bring *b, const struct sink_verdict *v,
			   const struct bring_place *from)
{
	struct kith_feed_id feed;
	uint64_t sequence;

	if (b->expect && msg_peek(v->value, &feed, &sequence))
		expect_back(b->expect, &feed, sequence);
	refuse(b, from, v->verdict, v->why);
}

static void settle_failure(struct bring *b, const struct sink_verdict *v)
{
	b->tally.left++;
	if (b->stop == FAILED)
		return;
	b->stop = FAILED;
	snprintf(b->failure, sizeof(b->failure), "%s", v->why);
}

static void settle(struct bring *b, const struct sink_verdict *v)
{
	const struct bring_place from = b->places[v->tag];

	b->unused[b->unused_count++] = v->tag;
	switch (v->verdict) {
	case INGEST_ADDED:
	case INGEST_KNOWN: tally_good(&b->tally, v->verdict); break;
	case INGEST_GAP: settle_gap(b, v, &from); break;
	case INGEST_FORK:
	case INGEST_INVALID:
	case INGEST_OWN: settle_refusal(b, v, &from); break;
	case INGEST_FAILED: settle_failure(b, v); break;
	}
}

static void collect(struct bring *b)
{
	struct sink_verdict v;

	while (sink_next(b->how.sink, &v))
		settle(b, &v);
}

/* Waits for everything that is under way. */
static int collect_all(struct bring *b)
{
	int code = EXIT_DONE;

	while (!code && b->unused_count < UNDER_WAY_MAX) {
		code = sink_wait(b->how.sink);
		collect(b);
	}
	return code;
}

static int hand_in(struct bring *b, struct kith_slice value,
		   const struct bring_place *from)
{
	uint32_t tag;
	int code = EXIT_DONE;

	if (b->unused_count % LOOK_EVERY == 0)
		collect(b);
	while (!code && (!b->unused_count || sink_full(b->how.sink))) {
		code = sink_wait(b->how.sink);
		collect(b);
	}
	if (code)
		return code;
	tag = b->unused[--b->unused_count];
	b->places[tag] = *from;
	return sink_put(b->how.sink, value, tag);
}

/* What is next in its feed is handed in, what came too early is kept. */
int bring_put(struct bring *b, struct kith_slice value,
	      const struct bring_place *from)
{
	struct spill_entry entry = { .line = from->line, .file = from->file,
				     .value = value };

	if (value.n > KITH_MSG_WIRE_BYTES_MAX ||
	    !msg_peek(value, &entry.feed, &entry.sequence))
		return hand_in(b, value, from);
	switch (expect_look(b->expect, &entry.feed, entry.sequence, value)) {
	case EXPECT_NOW: return hand_in(b, value, from);
	case EXPECT_HELD: tally_good(&b->tally, INGEST_KNOWN); break;
	case EXPECT_LATER: keep(b, &entry); break;
	}
	return EXIT_DONE;
}

bool bring_stopped(struct bring *b)
{
	if (!b->stop && interrupt_pending())
		b->stop = INTERRUPTED;
	return b->stop;
}

bool bring_goes_on(struct bring *b)
{
	return ++b->looked_at % LOOK_EVERY == 0 ? !bring_stopped(b) : !b->stop;
}

static int fail_spill(struct bring *b, const struct kith_error *e)
{
	return tool_fail(EXIT_UNREADABLE, "what came too early cannot be read "
			 "back, %llu messages: %s",
			 (unsigned long long)spill_count(b->spill), e->text);
}

/* In order now, one more go settles all that can be. */
static int take_kept(struct bring *b)
{
	struct kith_error e = { 0 };
	struct spill_entry entry;
	int code = EXIT_DONE;
	enum kith_err err;

	expect_free(b->expect);
	b->expect = NULL;
	progress_start(&b->progress, "put in order", false);
	progress_total(&b->progress, spill_count(b->spill));
	err = spill_sort(b->spill, &e);
	while (!err && !code && bring_goes_on(b)) {
		struct bring_place from;

		err = spill_next(b->spill, &entry, &e);
		if (err)
			break;
		from = (struct bring_place){ entry.line, entry.file };
		progress_at(&b->progress, b->progress.messages);
		progress_step(&b->progress, entry.value.n);
		code = hand_in(b, entry.value, &from);
	}
	if (err && err != KITH_ENOENT)
		code = fail_spill(b, &e);
	return code;
}

/* Says why it ended early; an exit code. */
static int explain_stop(const struct bring *b)
{
	unsigned long long accepted = b->tally.accepted;

	switch (b->stop) {
	case GOING_ON:
		return EXIT_DONE;
	case INTERRUPTED:
		return tool_fail(EXIT_FAILED, "interrupted: what was accepted "
				 "is written, %llu messages; %s, and it goes "
				 "on from there", accepted, b->how.again);
	case REFUSED:
		return tool_fail(EXIT_FAILED, "ended at the first refusal, as "
				 "--strict asks for; what was accepted is "
				 "written, %llu messages", accepted);
	case FAILED:
		break;
	}
	return tool_fail(EXIT_UNREADABLE, "ended, nothing more can be "
			 "written: %s; what was accepted is written, %llu "
			 "messages: make room and %s, and it goes on from "
			 "there", b->failure, accepted, b->how.again);
}

int bring_end(struct bring *b, int code)
{
	int stopped;

	progress_end(&b->progress);
	b->tally.left += spill_count(b->spill) + b->left_out +
			 UNDER_WAY_MAX - b->unused_count;
	if (b->looked_at)
		tally_print(&b->tally, sink_store(b->how.sink));
	if (b->left_out)
		tool_note("%llu messages that came too early could not be "
			  "kept: make room and %s",
			  (unsigned long long)b->left_out, b->how.again);
	stopped = explain_stop(b);
	if (!code)
		code = stopped;
	return code ? code : tally_code(&b->tally);
}

int bring_wait(struct bring *b)
{
	int code = collect_all(b);

	expect_free(b->expect);
	b->expect = expect_new(sink_store(b->how.sink));
	if (!b->expect && !code)
		code = tool_fail(EXIT_FAILED, "out of memory");
	return code;
}

static int settle_all(struct bring *b)
{
	int code = collect_all(b);

	if (!code && !b->stop && spill_count(b->spill)) {
		code = take_kept(b);
		if (!code)
			code = collect_all(b);
		else if (code == EXIT_UNREADABLE)
			(void)collect_all(b);
	}
	/* On a disk without room they would not get further. */
	if (!code && b->stop != FAILED) {
		progress_start(&b->progress, "taken into the views", false);
		code = sink_settle(b->how.sink, &b->progress);
	}
	return code;
}

/* What was read before an unreadable file is taken all the same. */
int bring_settle(struct bring *b, int code)
{
	int rest;

	if (code && code != EXIT_UNREADABLE)
		return code;
	rest = settle_all(b);
	return rest ? rest : code;
}

int bring_new(const struct bring_how *how, struct bring **out)
{
	struct bring *b = calloc(1, sizeof(*b));

	if (!b)
		return tool_fail(EXIT_FAILED, "out of memory");
	b->how = *how;
	b->tally.json = how->tool->json;
	b->tally.trial = how->trial;
	for (uint32_t i = 0; i < UNDER_WAY_MAX; i++)
		b->unused[b->unused_count++] = UNDER_WAY_MAX - 1 - i;
	progress_start(&b->progress, "read", false);
	b->spill = spill_new(how->folder, how->spill_bytes, SPILL_WAYS);
	b->expect = expect_new(sink_store(how->sink));
	if (!b->spill || !b->expect) {
		bring_free(b);
		return tool_fail(EXIT_FAILED, "out of memory");
	}
	*out = b;
	return EXIT_DONE;
}

void bring_free(struct bring *b)
{
	if (!b)
		return;
	spill_free(b->spill);
	expect_free(b->expect);
	free(b);
}
