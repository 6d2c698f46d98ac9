/*
 * How fast the log is read: read HOME
 *
 * Messages by id, in random order, twice (the second time warm); every feed
 * from its first message to its last; the log in the order of receipt.
 */
#include <stdio.h>
#include <stdlib.h>

#include "src/store/scan.h"
#include "tests/bench/bench.h"

enum { IDS = 100000 };

static struct kith_msg_id ids[IDS];

static double now(void)
{
	return bench_seconds(CLOCK_MONOTONIC);
}

static struct txn *begin(struct store *s)
{
	struct txn *t;

	if (store_read(s, &t))
		bench_fail("read", "no reader");
	return t;
}

/* Ids spread evenly over the log, shuffled by their own bytes. */
static size_t pick_ids(struct txn *t)
{
	struct message_row row;
	uint64_t total = message_count(t), step = total / IDS + 1, at = 1;
	size_t n = 0;

	while (n < IDS && message_from(t, at, &row)) {
		ids[n++] = row.id;
		at = row.rx + step;
	}
	for (size_t i = 0; i < n; i++) {
		size_t other = kith_be32(ids[i].b) % n;
		struct kith_msg_id id = ids[i];

		ids[i] = ids[other];
		ids[other] = id;
	}
	return n;
}

static void get_all(struct txn *t, size_t n, const char *what)
{
	struct message_row row;
	double start = now();

	for (size_t i = 0; i < n; i++)
		if (!message_by_id(t, &ids[i], &row))
			bench_fail("read", "a message is missing");
	printf("%s: %.2f us a message\n", what, (now() - start) / (double)n *
	       1e6);
}

static void print_scan(const char *what, uint64_t n, uint64_t bytes,
		       double start)
{
	double took = now() - start;

	printf("%s: %.0f messages a second, %.0f MB a second\n", what,
	       (double)n / took, (double)bytes / took / 1e6);
}

static void scan_feeds(struct txn *t)
{
	struct message_row row;
	struct feed_row feed;
	struct scan s;
	uint32_t number = 0;
	uint64_t n = 0, bytes = 0;
	double start = now();

	while (feed_next(t, &number, &feed)) {
		scan_feed(&s, t, number, feed.first);
		for (; scan_next(&s, &row); n++)
			bytes += row.canon.n;
		scan_end(&s);
	}
	print_scan("feed scan", n, bytes, start);
}

static void scan_all(struct txn *t)
{
	struct message_row row;
	struct scan s;
	uint64_t n = 0, bytes = 0;
	double start = now();

	scan_log(&s, t, 0);
	for (; scan_next(&s, &row); n++)
		bytes += row.canon.n;
	scan_end(&s);
	print_scan("log scan", n, bytes, start);
}

int main(int argc, char **argv)
{
	struct store_options o = { 0 };
	struct kith_error e = { 0 };
	struct store *store;
	struct home *home;
	struct txn *t;
	size_t n;

	if (argc != 2)
		return 2;
	if (home_open(argv[1], false, &home, &e) ||
	    store_open(home, &o, &store, &e))
		bench_fail("read", e.text);
	t = begin(store);
	n = pick_ids(t);
	get_all(t, n, "get by id, first");
	get_all(t, n, "get by id, warm");
	scan_feeds(t);
	scan_feeds(t);
	scan_all(t);
	txn_end(t);
	store_close(store);
	home_close(home);
	return 0;
}
