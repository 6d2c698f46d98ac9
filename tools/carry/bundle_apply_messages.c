#include "tools/carry/bundle_apply.h"

#include <stdio.h>
#include <stdlib.h>

#include "feeds/peek.h"
#include "feeds/proof.h"
#include "tools/print/record.h"

/* In the tag of a message beside its line: one half of a proof. */
#define TAG_PROOF (UINT32_C(1) << 31)

void apply_complain(struct apply *a, const struct bundle_item *item,
		    const char *what)
{
	struct record r;

	a->damaged++;
	if (!a->tool->json) {
		if (a->damaged <= TALLY_TOLD_MAX)
			tool_note("%s:%llu: %s%s", a->file.name,
				  (unsigned long long)item->line, what,
				  a->damaged == TALLY_TOLD_MAX
					  ? " (more are only counted)" : "");
		return;
	}
	record_begin(&r);
	record_text(&r, "problem", what);
	record_text(&r, "source", a->file.name);
	record_uint(&r, "line", item->line);
	record_end(&r);
}

/* --- messages ------------------------------------------------------------- */

static void take_back(struct apply *a, struct kith_slice value)
{
	struct kith_feed_id feed;
	uint64_t sequence;

	if (msg_peek(value, &feed, &sequence))
		expect_back(a->expect, &feed, sequence);
}

static void settle(struct apply *a, const struct sink_verdict *v)
{
	const struct tally_origin from = { v->tag & ~TAG_PROOF, a->file.name };

	a->under_way--;
	if (v->verdict == INGEST_FAILED) {
		a->tally.left++;
		a->stopped = true;
		snprintf(a->failure, sizeof(a->failure), "%s", v->why);
		return;
	}
	if (v->tag & TAG_PROOF)
		return; /* a refusal is what it is for */
	switch (v->verdict) {
	case INGEST_ADDED:
	case INGEST_KNOWN: tally_good(&a->tally, v->verdict); break;
	case INGEST_GAP:
		take_back(a, v->value);
		tally_gap(&a->tally, v->value);
		break;
	default:
		take_back(a, v->value);
		tally_refuse(&a->tally, &from, v->verdict, v->why);
	}
}

static void collect(struct apply *a)
{
	struct sink_verdict v;

	while (sink_next(a->sink, &v))
		settle(a, &v);
}

static int put(struct apply *a, struct kith_slice value, uint32_t tag)
{
	int code = EXIT_DONE;

	collect(a);
	while (!code && sink_full(a->sink)) {
		code = sink_wait(a->sink);
		collect(a);
	}
	if (code)
		return code;
	a->under_way++;
	return sink_put(a->sink, value, tag);
}

static int hand_in(struct apply *a, const struct spill_entry *m)
{
	if (m->value.n <= KITH_MSG_WIRE_BYTES_MAX &&
	    expect_look(a->expect, &m->feed, m->sequence, m->value) ==
		    EXPECT_HELD) {
		tally_good(&a->tally, INGEST_KNOWN);
		return EXIT_DONE;
	}
	return put(a, m->value, (uint32_t)m->line & ~TAG_PROOF);
}

/* What the user has this node forget is not taken again, unless it is named. */
static bool is_forgotten(struct apply *a, const struct kith_feed_id *feed)
{
	struct feed_row row = { 0 };
	struct txn *t;

	if (a->reach.named_count || store_read(sink_store(a->sink), &t))
		return false;
	feed_get(t, feed, &row);
	txn_end(t);
	return row.forgotten;
}

static bool takes(struct apply *a, const struct kith_feed_id *feed)
{
	if (kith_feed_equal(feed, &a->feed))
		return a->takes;
	a->feed = *feed;
	a->takes = bundle_reach_has(&a->reach, feed) && !is_forgotten(a, feed);
	return a->takes;
}

static void keep_far(struct apply *a, struct spill *far,
		     const struct spill_entry *m)
{
	struct kith_error e = { 0 };

	if (m->value.n > KITH_MSG_WIRE_BYTES_MAX || spill_put(far, m, &e))
		a->far_lost++;
}

int apply_message(struct apply *a, const struct bundle_item *item)
{
	struct spill_entry m = { .line = item->line,
				 .value = item->values[0] };
	const struct tally_origin from = { item->line, a->file.name };

	progress_step(&a->progress, m.value.n);
	if (!msg_peek(m.value, &m.feed, &m.sequence)) {
		tally_refuse(&a->tally, &from, INGEST_INVALID, "no message");
		return EXIT_DONE;
	}
	if (takes(a, &m.feed))
		return hand_in(a, &m);
	keep_far(a, a->far, &m);
	return EXIT_DONE;
}

/* --- proofs --------------------------------------------------------------- */

int apply_proof(struct apply *a, const struct bundle_item *item)
{
	const uint32_t tag = (uint32_t)item->line | TAG_PROOF;
	struct kith_error e = { 0 };
	struct kith_proof proof;
	int code;

	kith_decoder_reset(a->decoder);
	if (kith_proof_check(a->decoder, KITH_CLASSIC, item->values[0],
			     item->values[1], &proof, &e)) {
		apply_complain(a, item, e.text);
		return EXIT_DONE;
	}
	if (!takes(a, &proof.author))
		return EXIT_DONE;
	a->proofs++;
	code = put(a, item->values[0], tag);
	return code ? code : put(a, item->values[1], tag);
}

/* --- what came into reach ------------------------------------------------- */

/* Waits for everything that is under way. */
static int collect_all(struct apply *a)
{
	int code = EXIT_DONE;

	while (!code && a->under_way) {
		code = sink_wait(a->sink);
		collect(a);
	}
	return code;
}

const char *apply_folder(const struct apply *a)
{
	const char *folder = getenv("TMPDIR");

	return folder && *folder ? folder : home_path(a->tool->home);
}

/* Hands in what is in reach now, and keeps the rest.  *moved: any. */
static int sift(struct apply *a, struct spill *rest, bool *moved)
{
	struct kith_error e = { 0 };
	struct spill_entry m;
	int code = EXIT_DONE;
	enum kith_err err = spill_sort(a->far, &e);

	*moved = false;
	while (!err && !code && !a->stopped) {
		err = spill_next(a->far, &m, &e);
		if (err)
			break;
		if (!takes(a, &m.feed)) {
			keep_far(a, rest, &m);
			continue;
		}
		*moved = true;
		code = hand_in(a, &m);
	}
	if (!code && err && err != KITH_ENOENT)
		code = tool_fail(EXIT_UNREADABLE, "what was out of reach at "
				 "first cannot be read back: %s", e.text);
	return code;
}

/* Once more over what was out of reach: whom a friend follows comes into it by
 * the friend's messages. */
static int look_again(struct apply *a, bool *moved)
{
	struct spill *rest = spill_new(apply_folder(a), FAR_BYTES_MAX,
				       SPILL_WAYS);
	int code = rest ? bundle_reach_read(&a->reach, sink_store(a->sink),
					    &a->tool->self)
			: tool_fail(EXIT_FAILED, "out of memory");

	a->feed = (struct kith_feed_id){ 0 };
	if (!code)
		code = sift(a, rest, moved);
	if (!code)
		code = collect_all(a);
	a->far_lost += spill_count(a->far); /* where it was stopped */
	spill_free(a->far);
	a->far = rest;
	return code;
}

int apply_end_messages(struct apply *a)
{
	bool moved = true, open = !a->reach.named_count && !a->reach.all;
	int code = EXIT_DONE;

	if (a->messages_over)
		return EXIT_DONE;
	a->messages_over = true;
	code = collect_all(a);
	while (!code && open && moved && !a->stopped && spill_count(a->far))
		code = look_again(a, &moved);
	a->far_messages = spill_count(a->far) + a->far_lost;
	if (!code && !a->stopped) {
		progress_start(&a->progress, "taken into the views", false);
		code = sink_settle(a->sink, &a->progress);
	}
	progress_end(&a->progress);
	tally_print(&a->tally, sink_store(a->sink));
	return code;
}
