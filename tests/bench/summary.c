/*
 * How long counting and drawing take: summary HOME KITH
 *
 * The log is read once from end to end, each byte of it, and nothing is made of
 * it; then `kith stats`, `kith graph` and their pictures run on the same home.
 * Prints the seconds of each, and how many such scans they take.
 */
#include <fcntl.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/wait.h>

#include "src/store/scan.h"
#include "tests/bench/bench.h"

enum { RUNS = 3, WORDS_MAX = 8 };

static double now(void)
{
	return bench_seconds(CLOCK_MONOTONIC);
}

/* A sum, so that no compiler leaves the reading out. */
static uint64_t read_all(struct store *s, uint64_t *messages)
{
	struct message_row row;
	struct scan scan;
	struct txn *t;
	uint64_t sum = 0;

	if (store_read(s, &t))
		bench_fail("summary", "no reader");
	*messages = 0;
	scan_log(&scan, t, 0);
	while (scan_next(&scan, &row)) {
		for (size_t i = 0; i < row.canon.n; i++)
			sum += row.canon.p[i];
		(*messages)++;
	}
	scan_end(&scan);
	txn_end(t);
	return sum;
}

/* The fastest of some runs. */
static double scan(const char *path)
{
	struct store_options o = { .write = false };
	uint64_t messages = 0, sum = 0;
	struct store *s = NULL;
	struct home *h = NULL;
	double best = 0;

	if (home_open(path, false, &h, NULL) || store_open(h, &o, &s, NULL))
		bench_fail("summary", "the home cannot be opened");
	for (int i = 0; i < RUNS; i++) {
		double start = now();

		sum += read_all(s, &messages);
		best = i && best < now() - start ? best : now() - start;
	}
	printf("%-28s %6.3f s  (%llu messages, %llx)\n", "reading the log",
	       best, (unsigned long long)messages, (unsigned long long)sum);
	store_close(s);
	home_close(h);
	return best;
}

static double run(char *const argv[])
{
	extern char **environ;
	posix_spawn_file_actions_t quiet;
	double start = now();
	int status = 1;
	pid_t child;

	if (posix_spawn_file_actions_init(&quiet) ||
	    posix_spawn_file_actions_addopen(&quiet, 1, "/dev/null", O_WRONLY,
					     0) ||
	    posix_spawn(&child, argv[0], &quiet, NULL, argv, environ) ||
	    waitpid(child, &status, 0) < 0 || status)
		bench_fail("summary", "kith failed");
	posix_spawn_file_actions_destroy(&quiet);
	return now() - start;
}

static void measure(char *kith, char *home, char *const words[],
		    double scanned)
{
	char *argv[WORDS_MAX] = { kith, (char[]){ "--home" }, home };
	char what[64] = "";
	double best = 0;
	size_t n = 0;

	for (; words[n]; n++) {
		argv[3 + n] = words[n];
		snprintf(what + strlen(what), sizeof(what) - strlen(what),
			 "%s ", words[n]);
	}
	for (int i = 0; i < RUNS; i++) {
		double took = run(argv);

		best = i && best < took ? best : took;
	}
	printf("kith %-23s %6.3f s  %.1f scans\n", what, best,
	       best / scanned);
}

int main(int argc, char **argv)
{
	char stats[] = "stats", graph[] = "graph", svg[] = "--svg",
	     json[] = "--json";
	char *const all[][3] = { { stats },	  { stats, svg },
				 { graph },	  { graph, svg },
				 { graph, json } };
	double scanned;

	if (argc != 3)
		bench_fail("summary", "usage: summary HOME KITH");
	scanned = scan(argv[1]);
	for (size_t i = 0; i < sizeof(all) / sizeof(*all); i++)
		measure(argv[2], argv[1], all[i], scanned);
	return 0;
}
