#include <stdio.h>
#include <stdlib.h>

#include "feeds/peek.h"
#include "feeds/proof.h"
#include "tools/bundle.h"
#include "tools/depot_sink.h"
#include "tools/expect.h"
#include "tools/interrupt.h"
#include "tools/progress.h"
#include "tools/record.h"
#include "tools/spill.h"
#include "tools/tally.h"
#include "tools/text.h"

enum { LOOK_EVERY = 64 };

/* In the tag of a message beside its line: one half of a proof. */
#define TAG_PROOF (UINT32_C(1) << 31)

/* Of messages that are out of reach, on disk. */
#define FAR_BYTES_MAX (UINT64_C(4) << 30)

struct apply {
	struct tool *tool;
	struct bundle_reach reach;
	struct bundle_file file;
	struct depot_way way; /* not for a trial */
	struct sink *sink;    /* its, or that of a trial */
	bool messages_over;
	struct expect *expect;
	/* Of feeds that are out of reach, unless what comes changes that. */
	struct spill *far;
	struct kith_decoder *decoder; /* of proofs */
	struct tally tally;
	struct progress progress;
	struct bundle_blob blob;
	bool trial, stopped; /* stopped: interrupted, or nothing can be
			      * written any more */
	char failure[KITH_ERROR_TEXT_BYTES]; /* why, in that case */
	uint64_t looked, under_way;
	/* The last feed that was asked for. */
	struct kith_feed_id feed;
	bool takes;

	uint64_t far_messages, far_lost; /* lost: not even kept for later */
	uint64_t proofs, blobs, blob_bytes, known_blobs;
	uint64_t damaged; /* pieces of the file, blobs and proofs */
	bool whole;
};

static void complain(struct apply *a, const struct bundle_item *item,
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

static int take_message(struct apply *a, const struct bundle_item *item)
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

static int take_proof(struct apply *a, const struct bundle_item *item)
{
	const uint32_t tag = (uint32_t)item->line | TAG_PROOF;
	struct kith_error e = { 0 };
	struct kith_proof proof;
	int code;

	kith_decoder_reset(a->decoder);
	if (kith_proof_check(a->decoder, KITH_CLASSIC, item->values[0],
			     item->values[1], &proof, &e)) {
		complain(a, item, e.text);
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

static const char *spare_folder(const struct apply *a)
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
	struct spill *rest = spill_new(spare_folder(a), FAR_BYTES_MAX,
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

static int end_messages(struct apply *a)
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

/* --- blobs ---------------------------------------------------------------- */

/* What a sink reads a blob from: its bytes, which are here already. */
struct bytes {
	struct folder_reader reader;
	struct folder folder;
	struct kith_slice rest;
};

static enum kith_err get_bytes(struct folder_reader *r, uint8_t *to, size_t n,
			       size_t *got, struct kith_error *e)
{
	struct bytes *b = (struct bytes *)r;

	(void)e;
	*got = n < b->rest.n ? n : b->rest.n;
	memcpy(to, b->rest.p, *got);
	b->rest.p += *got;
	b->rest.n -= *got;
	return KITH_OK;
}

/* It is nobody's in particular: whoever refers to it says how near it is. */
static int put_blob(struct apply *a)
{
	static const struct folder_ops ops = { .reader_get = get_bytes };
	const struct depot_blob blob = { a->blob.id, a->blob.size,
					 BLOB_HOPS_NONE };
	struct bytes b = { .folder.ops = &ops,
			   .rest = kith_bytes(&a->blob.bytes) };
	const struct depot_sink *sink = &a->way.ops;
	struct kith_error e = { 0 };
	enum kith_err err;

	b.reader.folder = &b.folder;
	err = sink->blob(sink->arg, &blob, &b.reader, &e);
	return err ? tool_explain(&e, err) : EXIT_DONE;
}

static int add_blob(struct apply *a)
{
	uint64_t size;

	a->blobs++;
	a->blob_bytes += a->blob.size;
	if (a->trial)
		return EXIT_DONE;
	if (blob_size(a->way.blobs, &a->blob.id, &size))
		return put_blob(a);
	a->known_blobs++;
	return EXIT_DONE;
}

static int take_piece(struct apply *a, const struct bundle_item *item)
{
	struct bundle_blob *b = &a->blob;
	int code = end_messages(a);

	if (code)
		return code;
	if (bundle_blob_is_torn(b, &item->piece.blob))
		complain(a, item, "the blob before it lacks its end");
	switch (bundle_blob_take(b, &item->piece)) {
	case BUNDLE_BLOB_MORE: return EXIT_DONE;
	case BUNDLE_BLOB_WHOLE: return add_blob(a);
	case BUNDLE_BLOB_TOO_BIG:
		complain(a, item, "a blob is larger than blobs.max allows");
		return EXIT_DONE;
	case BUNDLE_BLOB_TORN:
		complain(a, item, "a blob lacks the piece before this");
		return EXIT_DONE;
	case BUNDLE_BLOB_FALSE:
		complain(a, item, "a blob is not what its id says");
		return EXIT_DONE;
	case BUNDLE_BLOB_NOMEM: break;
	}
	return tool_fail(EXIT_FAILED, "out of memory");
}

/* --- the file ------------------------------------------------------------- */

static int take_item(struct apply *a, const struct bundle_item *item)
{
	switch (item->kind) {
	case BUNDLE_MESSAGE:
		if (!a->messages_over)
			return take_message(a, item);
		complain(a, item, "a message stands behind blobs");
		break;
	case BUNDLE_PROOF:
		if (!a->messages_over)
			return take_proof(a, item);
		complain(a, item, "a proof stands behind blobs");
		break;
	case BUNDLE_PIECE: return take_piece(a, item);
	case BUNDLE_END: a->whole = item->end.whole; break;
	case BUNDLE_HEADER:
	case BUNDLE_HAVE:
	case BUNDLE_RANGE:
	case BUNDLE_OTHER: break;
	}
	return EXIT_DONE;
}

/* Looks for a signal now and then; false: no further. */
static bool goes_on(struct apply *a)
{
	if (++a->looked % LOOK_EVERY == 0 && interrupt_pending())
		a->stopped = true;
	return !a->stopped;
}

static int take_file(struct apply *a)
{
	enum bundle_step step = BUNDLE_ITEM;
	struct bundle_item item;
	int code = EXIT_DONE;

	progress_total(&a->progress, source_size(a->file.source));
	while (!code && step != BUNDLE_MORE && goes_on(a)) {
		code = bundle_file_next(&a->file, &step, &item);
		if (!code && step == BUNDLE_ITEM)
			code = take_item(a, &item);
		else if (!code && step == BUNDLE_DAMAGE)
			complain(a, &item, item.why);
		progress_at(&a->progress, source_position(a->file.source));
	}
	if (!code && step == BUNDLE_MORE && bundle_blob_is_torn(&a->blob, NULL))
		complain(a, &item, "the last blob lacks its end");
	return code;
}

/* --- what there is to say ------------------------------------------------- */

static void print_record(const struct apply *a, bool torn)
{
	struct record r;

	record_begin(&r);
	record_uint(&r, "far", a->far_messages);
	record_uint(&r, "proofs", a->proofs);
	record_uint(&r, "blobs", a->blobs);
	record_uint(&r, "known_blobs", a->known_blobs);
	record_uint(&r, "blob_bytes", a->blob_bytes);
	record_uint(&r, "damaged", a->damaged);
	record_bool(&r, "torn", torn);
	record_bool(&r, "whole", a->whole && !torn && !a->damaged);
	record_end(&r);
}

static void print_lines(const struct apply *a)
{
	char blobs[TEXT_COUNT_BYTES], size[TEXT_SIZE_BYTES];

	text_size(a->blob_bytes, size);
	if (a->blobs)
		printf("%s, %s; %llu known already\n",
		       text_count(a->blobs, "blob", blobs), size,
		       (unsigned long long)a->known_blobs);
	if (a->proofs)
		printf("%s of forks\n",
		       text_count(a->proofs, "proof", blobs));
	if (a->far_messages)
		printf("%s of feeds out of reach\n",
		       text_count(a->far_messages, "message", blobs));
	fflush(stdout);
}

static void advise(const struct apply *a, bool torn)
{
	if (a->far_messages)
		tool_note("out of reach: follow who wrote them and apply it "
			  "again; or name them with --feed, or take --all");
	if (a->tally.gap)
		tool_note("for what lies behind a gap: `kith bundle clock "
			  "FILE` says what is here, and whoever made this "
			  "bundle can make one --for that FILE");
	if (torn)
		tool_note("%s is torn: all in front of the tear is taken; get "
			  "it once more and apply it again", a->file.name);
	else if (a->damaged || !a->whole)
		tool_note("%s is damaged: what is whole in it is taken; get it "
			  "once more and apply it again", a->file.name);
}

static int explain_stop(const struct apply *a)
{
	if (!a->stopped)
		return EXIT_DONE;
	if (!*a->failure)
		return tool_fail(EXIT_FAILED, "interrupted: what was accepted "
				 "is written; apply it again, and it goes on "
				 "from there");
	return tool_fail(EXIT_UNREADABLE, "ended, nothing more can be written: "
			 "%s; make room and apply it again, and it goes on "
			 "from there", a->failure);
}

static int sum_up(struct apply *a)
{
	bool torn = !a->stopped && !bundle_file_ended(&a->file);
	int code;

	if (a->tool->json)
		print_record(a, torn);
	else
		print_lines(a);
	if (!a->stopped)
		advise(a, torn);
	code = explain_stop(a);
	if (!code)
		code = tally_code(&a->tally);
	return code || (a->whole && !torn && !a->damaged) ? code : EXIT_FAILED;
}

/* --- the word ------------------------------------------------------------- */

static int open_sink(struct apply *a)
{
	int code;

	if (a->trial)
		return sink_open(a->tool, spare_folder(a), &a->sink);
	code = depot_way_open(&a->way, a->tool);
	a->sink = a->way.sink;
	return code;
}

static int prepare(struct apply *a)
{
	const uint8_t *hmac = a->reach.network.has_key ? a->reach.network.key
						       : NULL;
	const char *folder = spare_folder(a);
	int code;

	a->blob.bytes.limit = a->reach.network.blob_max - 1;
	code = open_sink(a);
	if (code)
		return code;
	a->expect = expect_new(sink_store(a->sink));
	a->far = spill_new(folder, FAR_BYTES_MAX, SPILL_WAYS);
	a->decoder = kith_decoder_new(hmac);
	return a->expect && a->far && a->decoder
		       ? EXIT_DONE
		       : tool_fail(EXIT_FAILED, "out of memory");
}

static int run(struct apply *a, const char *name)
{
	int rest, code = bundle_file_open(&a->file, name);

	if (!code)
		code = bundle_reach_begin(&a->reach, a->tool);
	if (!code)
		code = prepare(a);
	if (code)
		return code;
	code = take_file(a);
	rest = end_messages(a);
	code = code ? code : rest;
	return code ? code : sum_up(a);
}

static void clear(struct apply *a)
{
	bundle_file_close(&a->file);
	bundle_reach_end(&a->reach);
	expect_free(a->expect);
	spill_free(a->far);
	kith_decoder_free(a->decoder);
	if (a->trial)
		sink_close(a->sink);
	else
		depot_way_close(&a->way);
	bundle_blob_clear(&a->blob);
	free(a);
}

int bundle_apply(struct tool *t, int argc, char **argv)
{
	struct apply *a = calloc(1, sizeof(*a));
	int code;

	if (!a)
		return tool_fail(EXIT_FAILED, "out of memory");
	a->tool = t;
	a->trial = tool_option(t, 'n');
	a->tally.json = t->json;
	a->tally.trial = a->trial;
	interrupt_hold();
	progress_start(&a->progress, "read", false);
	code = run(a, argc ? argv[0] : "-");
	progress_end(&a->progress);
	clear(a);
	return code;
}
