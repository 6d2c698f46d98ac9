/*
 * Search at size: search HOME WORD
 *
 * Makes the index of the store anew, then asks for WORD, with nothing of the
 * file in memory but what the system keeps, and again.
 */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "src/views/search.h"
#include "tests/bench/bench.h"

enum { PAGE = 50, WARM = 20 };

static double now(void)
{
	return bench_seconds(CLOCK_MONOTONIC);
}

static void remove_index(const struct home *h)
{
	static const char *const names[] = { "store/search", "store/search-wal",
					     "store/search-shm" };
	char path[4096];

	for (size_t i = 0; i < sizeof(names) / sizeof(*names); i++)
		if (!home_file(h, names[i], path, sizeof(path)))
			unlink(path);
}

static struct search *open_index(const struct home *h)
{
	struct kith_error e = { 0 };
	struct search *s;

	if (search_open(h, &s, &e))
		bench_fail("search", e.text);
	return s;
}

static void fold(struct search *s, struct store *st, const struct home *h)
{
	struct search_slice slice = { .messages = SEARCH_SLICE_MESSAGES };
	double start = now(), cpu = bench_seconds(CLOCK_PROCESS_CPUTIME_ID);
	struct kith_error e = { 0 };
	char path[4096];
	struct stat file;

	do {
		if (search_catch_up(s, st, &slice, &e))
			bench_fail("search", e.text);
	} while (slice.more);
	cpu = bench_seconds(CLOCK_PROCESS_CPUTIME_ID) - cpu;
	if (home_file(h, "store/search", path, sizeof(path)) ||
	    stat(path, &file))
		bench_fail("search", "no file");
	printf("fold: %" PRIu64 " messages, %.2f s, %.2f us of a core and "
	       "%.1f bytes a message\n", slice.total, now() - start,
	       cpu / (double)slice.total * 1e6,
	       (double)file.st_size / (double)slice.total);
}

static size_t ask(struct search *s, struct store *st, const char *text,
		  enum search_sort sort)
{
	struct search_query q = { .text = kith_text(text), .sort = sort };
	struct viewer v = { 0 };
	struct kith_error e = { 0 };
	struct search_hits *hits;
	struct search_hit hit;
	struct txn *t;
	size_t n = 0;

	if (store_read(st, &t) || search_find(s, t, &q, &v, &hits, &e))
		bench_fail("search", e.text);
	while (n < PAGE && search_next(hits, &hit))
		n++;
	search_hits_end(hits);
	txn_end(t);
	return n;
}

static void time_query(const struct home *h, struct store *st,
		       const char *text, enum search_sort sort)
{
	double start = now(), first;
	struct search *s = open_index(h);
	size_t n = ask(s, st, text, sort);

	first = now() - start;
	start = now();
	for (int i = 0; i < WARM; i++)
		ask(s, st, text, sort);
	printf("%s \"%s\": %zu hits, first %.2f ms, then %.3f ms\n",
	       sort == SEARCH_BEST ? "best" : "newest", text, n, first * 1e3,
	       (now() - start) / WARM * 1e3);
	search_close(s);
}

int main(int argc, char **argv)
{
	struct store_options o = { .write = false };
	struct kith_error e = { 0 };
	struct search *s;
	struct home *h;
	struct store *st;

	if (argc < 3)
		bench_fail("search", "usage: search HOME WORD...");
	if (kith_init() || home_open(argv[1], false, &h, &e) ||
	    store_open(h, &o, &st, &e))
		bench_fail("search", e.text);
	remove_index(h);
	s = open_index(h);
	fold(s, st, h);
	search_close(s);
	for (int i = 2; i < argc; i++) {
		time_query(h, st, argv[i], SEARCH_NEWEST);
		time_query(h, st, argv[i], SEARCH_BEST);
	}
	store_close(st);
	home_close(h);
	return 0;
}
