#include <stdio.h>
#include <stdlib.h>

#include "feeds/base64.h"
#include "feeds/proof.h"
#include "feeds/ref.h"
#include "src/ingest/pool.h"
#include "tools/carry/bundle.h"
#include "tools/from/feed_tips.h"
#include "tools/print/record.h"
#include "tools/text/progress.h"
#include "tools/text/text.h"

/* WAITING_MAX: more messages than any pool holds at once. */
enum { WAITING_MAX = 16384, TOLD_MAX = 20 };

struct place {
	uint64_t line, offset;
};

struct verification {
	struct tool *tool;
	struct bundle_file file;
	struct pool *pool;
	struct kith_decoder *decoder; /* of proofs */
	struct feed_tips *tips;
	struct depot_ranges *declared, *seen, *clock;
	struct bundle_blob blob;
	struct progress progress;
	struct place *waiting; /* by number modulo WAITING_MAX */
	uint64_t put;
	struct bundle_counts good;
	uint64_t findings;
	bool whole; /* the end says that nothing is missing */
};

/* --- findings ------------------------------------------------------------- */

/* at: NULL for one that has no place. */
static void find(struct verification *v, const struct place *at,
		 const char *what)
{
	struct record r;

	v->findings++;
	if (v->tool->json) {
		record_begin(&r);
		record_text(&r, "problem", what);
		record_text(&r, "source", v->file.name);
		if (at)
			record_uint(&r, "line", at->line);
		if (at)
			record_uint(&r, "at", at->offset);
		record_end(&r);
		return;
	}
	if (v->findings > TOLD_MAX)
		return;
	if (at)
		tool_note("%s:%llu: %s", v->file.name,
			  (unsigned long long)at->line, what);
	else
		tool_note("%s: %s", v->file.name, what);
	if (v->findings == TOLD_MAX)
		tool_note("more are only counted");
}

/* Messages that the one list has and the other lacks. */
static void compare(struct verification *v, const struct depot_ranges *list,
		    const struct depot_ranges *other, const char *what)
{
	char feed[KITH_REF_TEXT_BYTES], text[KITH_ERROR_TEXT_BYTES];
	struct depot_range range, piece;
	size_t at = 0;

	while (depot_ranges_next(list, &at, &range)) {
		while (range.first <= range.last &&
		       depot_ranges_lack(other, &range, &piece)) {
			kith_feed_print(&piece.feed, feed);
			snprintf(text, sizeof(text), "%s: %llu to %llu of %s",
				 what, (unsigned long long)piece.first,
				 (unsigned long long)piece.last, feed);
			find(v, NULL, text);
			range.first = piece.last + 1;
		}
	}
}

/* --- messages ------------------------------------------------------------- */

static const char *judge(struct verification *v, const struct pool_item *it)
{
	const struct kith_tip *tip;

	if (it->code)
		return *it->error.text ? it->error.text
				       : kith_strerror(it->code);
	if (!it->valid)
		return "the signature is wrong";
	tip = feed_tips_get(v->tips, &it->message.author);
	switch (tip ? kith_chain(tip, &it->message) : KITH_OK) {
	case KITH_EEXIST: return "it stands behind a later one of its feed";
	case KITH_EFORK: return "it does not follow the one before it";
	default: return NULL;
	}
}

static int settle_item(struct verification *v, const struct pool_item *it)
{
	const struct kith_msg *m = &it->message;
	const struct kith_tip tip = { m->sequence, m->id, m->claimed };
	const struct depot_range range = { m->author, m->sequence,
					   m->sequence };
	const char *why = judge(v, it);

	if (why) {
		find(v, &v->waiting[it->tag % WAITING_MAX], why);
		return EXIT_DONE;
	}
	v->good.messages++;
	feed_tips_put(v->tips, &m->author, &tip);
	return depot_ranges_add(v->seen, &range)
		       ? tool_fail(EXIT_FAILED, "too many feeds, or out of "
				   "memory")
		       : EXIT_DONE;
}

/* False: no batch is under way. */
static bool settle_batch(struct verification *v, int *code)
{
	const struct pool_batch *batch = pool_next(v->pool);

	if (!batch)
		return false;
	for (size_t i = 0; !*code && i < batch->count; i++)
		*code = settle_item(v, &batch->items[i]);
	pool_release(v->pool);
	return true;
}

static int take_message(struct verification *v, const struct bundle_item *item)
{
	enum kith_err err;
	int code = EXIT_DONE;

	do {
		while (!pool_batch(v->pool))
			settle_batch(v, &code);
		err = pool_put(v->pool, item->values[0], KITH_CLASSIC, v->put);
		if (err == KITH_ETOOBIG)
			pool_submit(v->pool);
	} while (err == KITH_ETOOBIG);
	if (err)
		return tool_fail(EXIT_FAILED, "out of memory");
	v->waiting[v->put++ % WAITING_MAX] =
		(struct place){ item->line, item->offset };
	progress_step(&v->progress, item->values[0].n);
	return code;
}

/* --- all else ------------------------------------------------------------- */

static void take_proof(struct verification *v, const struct bundle_item *item)
{
	const struct place at = { item->line, item->offset };
	struct kith_error e = { 0 };
	struct kith_proof proof;

	kith_decoder_reset(v->decoder);
	if (kith_proof_check(v->decoder, KITH_CLASSIC, item->values[0],
			     item->values[1], &proof, &e))
		find(v, &at, e.text);
	else
		v->good.proofs++;
}

static void take_piece(struct verification *v, const struct bundle_item *item)
{
	const struct place at = { item->line, item->offset };
	struct bundle_blob *b = &v->blob;

	if (bundle_blob_is_torn(b, &item->piece.blob))
		find(v, &at, "the blob before it lacks its end");
	switch (bundle_blob_take(b, &item->piece)) {
	case BUNDLE_BLOB_MORE: break;
	case BUNDLE_BLOB_WHOLE: v->good.blobs++; break;
	case BUNDLE_BLOB_TOO_BIG:
		find(v, &at, "a blob that is larger than any");
		break;
	case BUNDLE_BLOB_TORN:
		find(v, &at, "a blob lacks the piece before this");
		break;
	case BUNDLE_BLOB_FALSE:
		find(v, &at, "a blob is not what its id says");
		break;
	case BUNDLE_BLOB_NOMEM:
		find(v, &at, "there is no memory for a blob of this size");
		break;
	}
}

static int take_range(struct depot_ranges *to, const struct bundle_item *item)
{
	return depot_ranges_add(to, &item->range)
		       ? tool_fail(EXIT_FAILED, "too many feeds, or out of "
				   "memory")
		       : EXIT_DONE;
}

static int take_item(struct verification *v, const struct bundle_item *item)
{
	switch (item->kind) {
	case BUNDLE_HAVE: return take_range(v->clock, item);
	case BUNDLE_RANGE: return take_range(v->declared, item);
	case BUNDLE_MESSAGE: return take_message(v, item);
	case BUNDLE_PROOF: take_proof(v, item); break;
	case BUNDLE_PIECE: take_piece(v, item); break;
	case BUNDLE_END: v->whole = item->end.whole; break;
	case BUNDLE_HEADER:
	case BUNDLE_OTHER: break;
	}
	return EXIT_DONE;
}

static void take_damage(struct verification *v, const struct bundle_item *item)
{
	const struct place at = { item->line, item->offset };
	char text[KITH_ERROR_TEXT_BYTES];

	snprintf(text, sizeof(text), "bytes %llu to %llu: %s",
		 (unsigned long long)item->offset,
		 (unsigned long long)item->next - 1, item->why);
	find(v, &at, text);
}

static int take_all(struct verification *v)
{
	enum bundle_step step = BUNDLE_ITEM;
	struct bundle_item item;
	int code = EXIT_DONE;

	progress_total(&v->progress, unpack_size(v->file.unpack));
	while (!code && step != BUNDLE_MORE) {
		code = bundle_file_next(&v->file, &step, &item);
		if (!code && step == BUNDLE_ITEM)
			code = take_item(v, &item);
		else if (!code && step == BUNDLE_DAMAGE)
			take_damage(v, &item);
		progress_at(&v->progress, unpack_position(v->file.unpack));
	}
	pool_submit(v->pool);
	while (settle_batch(v, &code))
		continue;
	return code;
}

static void judge_end(struct verification *v)
{
	if (bundle_blob_is_torn(&v->blob, NULL))
		find(v, NULL, "the last blob lacks its end");
	compare(v, v->declared, v->seen, "it should hold, and does not");
	compare(v, v->seen, v->declared, "it holds, and does not say so");
	if (!bundle_file_ended(&v->file))
		find(v, NULL, "it is torn: its last line is missing");
	else if (!v->whole && !v->findings)
		find(v, NULL, "its hash or its counts are wrong");
}

/* --- what is in it -------------------------------------------------------- */

static void print_range(const struct verification *v,
			const struct depot_range *range)
{
	char feed[KITH_REF_TEXT_BYTES];
	struct record r;

	if (v->tool->json) {
		record_begin(&r);
		record_feed(&r, "feed", &range->feed);
		record_uint(&r, "first", range->first);
		record_uint(&r, "last", range->last);
		record_uint(&r, "needs", range->first - 1);
		record_end(&r);
		return;
	}
	kith_feed_print(&range->feed, feed);
	printf("%s  %llu to %llu", feed, (unsigned long long)range->first,
	       (unsigned long long)range->last);
	if (range->first > 1)
		printf(", to be put behind %llu",
		       (unsigned long long)range->first - 1);
	putchar('\n');
}

/* How many feeds. */
static uint64_t print_ranges(const struct verification *v)
{
	struct kith_feed_id last = { 0 };
	struct depot_range range;
	uint64_t feeds = 0;
	size_t at = 0;

	while (depot_ranges_next(v->seen, &at, &range)) {
		feeds += !kith_feed_equal(&last, &range.feed);
		last = range.feed;
		print_range(v, &range);
	}
	return feeds;
}

static void print_record(const struct verification *v, uint64_t feeds)
{
	struct record r;

	record_begin(&r);
	record_uint(&r, "messages", v->good.messages);
	record_uint(&r, "feeds", feeds);
	record_uint(&r, "proofs", v->good.proofs);
	record_uint(&r, "blobs", v->good.blobs);
	record_uint(&r, "clock", depot_ranges_count(v->clock));
	record_uint(&r, "findings", v->findings);
	record_bool(&r, "torn", !bundle_file_ended(&v->file));
	record_bool(&r, "whole", !v->findings);
	record_end(&r);
}

static void print_sums(const struct verification *v)
{
	char messages[TEXT_COUNT_BYTES], feeds[TEXT_COUNT_BYTES];
	char proofs[TEXT_COUNT_BYTES], blobs[TEXT_COUNT_BYTES];
	uint64_t count = print_ranges(v);
	size_t clock = depot_ranges_count(v->clock);

	if (v->tool->json) {
		print_record(v, count);
		return;
	}
	printf("%s of %s, %s of forks, %s: %s\n",
	       text_count(v->good.messages, "message", messages),
	       text_count(count, "feed", feeds),
	       text_count(v->good.proofs, "proof", proofs),
	       text_count(v->good.blobs, "blob", blobs),
	       v->findings ? "and damage" : "whole");
	if (clock)
		printf("a clock of %s: for `kith bundle create --for`\n",
		       text_count(clock, "feed", feeds));
	fflush(stdout);
}

/* --- the word ------------------------------------------------------------- */

static int prepare(struct verification *v)
{
	const char *text = tool_option(v->tool, 'k');
	uint8_t key[KITH_HMAC_BYTES];
	struct pool_config config = { .signatures = true };

	if (text && !base64_decode(kith_text(text), key, sizeof(key)))
		return tool_fail(EXIT_MISUSED, "--hmac takes 32 bytes in "
				 "base64");
	if (kith_init())
		return tool_fail(EXIT_FAILED,
				 "the system has no random source");
	config.hmac = text ? key : NULL;
	v->pool = pool_start(&config);
	v->decoder = kith_decoder_new(config.hmac);
	v->tips = feed_tips_new();
	v->declared = depot_ranges_new();
	v->seen = depot_ranges_new();
	v->clock = depot_ranges_new();
	v->waiting = calloc(WAITING_MAX, sizeof(*v->waiting));
	return v->pool && v->decoder && v->tips && v->declared && v->seen &&
			       v->clock && v->waiting
		       ? EXIT_DONE
		       : tool_fail(EXIT_FAILED, "out of memory");
}

static void clear(struct verification *v)
{
	bundle_file_close(&v->file);
	pool_stop(v->pool);
	kith_decoder_free(v->decoder);
	feed_tips_free(v->tips);
	depot_ranges_free(v->declared);
	depot_ranges_free(v->seen);
	depot_ranges_free(v->clock);
	bundle_blob_clear(&v->blob);
	free(v->waiting);
}

int bundle_verify(struct tool *t, int argc, char **argv)
{
	/* As large as a home may allow. */
	struct verification v = { .tool = t, .blob.bytes.limit = 1 << 30 };
	int code = prepare(&v);

	progress_start(&v.progress, "verified", false);
	if (!code)
		code = bundle_file_open(&v.file, argc ? argv[0] : "-");
	if (!code)
		code = take_all(&v);
	if (!code)
		judge_end(&v);
	progress_end(&v.progress);
	if (!code)
		print_sums(&v);
	clear(&v);
	return code ? code : v.findings ? EXIT_FAILED : EXIT_DONE;
}
