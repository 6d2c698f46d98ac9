/*
 * Where the time of a message goes on its way in: stages HOME FILE [MESSAGES]
 *
 * One thread does what src/ingest does with several, a job of 64 messages after
 * the other, and the clock is read between the stages.  Under callgrind the
 * functions called stage_* tell instructions in the same way.
 */
#include <stdio.h>
#include <stdlib.h>

#include "feeds/verify.h"
#include "src/ingest/feed_cache.h"
#include "src/views/view.h"
#include "tests/bench/bench.h"

enum { JOB = 64, COMMIT_BYTES = 16 << 20 };

#define MAP_BYTES ((uint64_t)1 << 33)

enum stage { READ, DECODE, VERIFY, APPEND, FOLD, COMMIT, STAGES };

static const char *const names[STAGES] = {
	"read the line", "one pass: decode, id", "verify the signature",
	"chain, append to the log", "fold into the views",
	"index, commit, sync",
};

struct bench {
	struct store *store;
	struct txn *txn;
	struct kith_decoder *decoder;
	struct kith_verifier *verifier;
	struct feed_cache feeds;
	struct kith_slice text;
	struct kith_slice lines[JOB];
	struct kith_msg messages[JOB];
	struct kith_verify_item items[JOB];
	struct message_row rows[JOB];
	size_t n;
	uint64_t total;
	double seconds[STAGES];
};

__attribute__((noinline)) static void stage_read(struct bench *b)
{
	b->n = 0;
	while (b->n < JOB && bench_next(&b->text, &b->lines[b->n]))
		b->n++;
}

__attribute__((noinline)) static void stage_decode(struct bench *b)
{
	struct kith_error e = { 0 };

	kith_decoder_reset(b->decoder);
	for (size_t i = 0; i < b->n; i++)
		if (kith_msg_decode(b->decoder, KITH_CLASSIC, b->lines[i],
				    &b->messages[i], &e))
			bench_fail("stages", e.text);
}

__attribute__((noinline)) static void stage_verify(struct bench *b)
{
	for (size_t i = 0; i < b->n; i++)
		b->items[i] = (struct kith_verify_item){
			.key = b->messages[i].author.b,
			.message = b->messages[i].signing,
			.signature = b->messages[i].signature,
		};
	kith_verifier_check(b->verifier, b->items, b->n);
	for (size_t i = 0; i < b->n; i++)
		if (!b->items[i].valid)
			bench_fail("stages", "a signature does not verify");
}

__attribute__((noinline)) static void stage_append(struct bench *b)
{
	for (size_t i = 0; i < b->n; i++) {
		const struct kith_msg *m = &b->messages[i];
		struct cached_feed *feed =
			feed_cache_get(&b->feeds, b->txn, &m->author);
		struct kith_tip tip;

		if (!feed)
			bench_fail("stages", "out of memory");
		feed_tip(&feed->row, &tip);
		if (kith_chain(&tip, m) ||
		    message_append(b->txn, &feed->row, m, 1, 0, &b->rows[i]))
			bench_fail("stages", "a message does not follow");
		feed->changed = true;
	}
}

__attribute__((noinline)) static void stage_fold(struct bench *b)
{
	for (size_t i = 0; i < b->n; i++) {
		const struct kith_msg *m = &b->messages[i];
		struct view_message seen = {
			.row = &b->rows[i],
			.author = m->author,
			.claimed = m->claimed,
			.content = m->content,
		};

		views_fold(b->txn, &seen, VIEW_ADDED);
	}
}

__attribute__((noinline)) static void stage_commit(struct bench *b)
{
	if (b->n && txn_dirty(b->txn) < COMMIT_BYTES)
		return;
	feed_cache_put(&b->feeds, b->txn);
	if (txn_commit(b->txn) || (!b->n && store_unsettled(b->store) &&
				   store_settle(b->store)) ||
	    store_write(b->store, &b->txn))
		bench_fail("stages", "cannot commit");
	feed_cache_clear(&b->feeds);
}

static void (*const stages[STAGES])(struct bench *) = {
	stage_read, stage_decode, stage_verify,
	stage_append, stage_fold, stage_commit,
};

__attribute__((noinline)) static void whole_way(struct bench *b,
						uint64_t most)
{
	double before = bench_seconds(CLOCK_MONOTONIC), after;

	do {
		for (int i = 0; i < STAGES; i++) {
			stages[i](b);
			after = bench_seconds(CLOCK_MONOTONIC);
			b->seconds[i] += after - before;
			before = after;
		}
		b->total += b->n;
	} while (b->n && b->total < most);
	b->n = 0;
	stage_commit(b);
	b->seconds[COMMIT] += bench_seconds(CLOCK_MONOTONIC) - before;
}

int main(int argc, char **argv)
{
	/* callgrind reserves no tebibyte. */
	struct store_options o = { .write = true, .map_bytes = MAP_BYTES };
	struct bench *b = calloc(1, sizeof(*b));
	struct kith_error e = { 0 };
	struct home *home;
	double whole;

	if (argc < 3 || !b || kith_init() ||
	    home_open(argv[1], true, &home, &e) || home_lock_writer(home, &e) ||
	    store_open(home, &o, &b->store, &e) ||
	    views_catch_up(b->store, &e) || store_write(b->store, &b->txn))
		bench_fail("stages", e.text);
	b->decoder = kith_decoder_new(NULL);
	b->verifier = kith_verifier_new();
	b->text = bench_map(argv[2]);
	if (!b->decoder || !b->verifier)
		bench_fail("stages", "out of memory");
	whole = bench_seconds(CLOCK_MONOTONIC);
	whole_way(b, argc > 3 ? strtoull(argv[3], NULL, 10) : UINT64_MAX);
	whole = bench_seconds(CLOCK_MONOTONIC) - whole;
	for (int i = 0; i < STAGES; i++)
		printf("%-26s %8.2f us\n", names[i],
		       b->seconds[i] / (double)b->total * 1e6);
	printf("%-26s %8.2f us\n", "the whole", whole / (double)b->total * 1e6);
	txn_end(b->txn);
	feed_cache_free(&b->feeds);
	kith_decoder_free(b->decoder);
	kith_verifier_free(b->verifier);
	store_close(b->store);
	home_close(home);
	free(b);
	return 0;
}
