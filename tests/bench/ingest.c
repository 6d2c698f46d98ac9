/*
 * How fast messages come in: ingest HOME FILE [none | SECRET]
 *
 * One message a line, bare or as {key,value,timestamp}, in an order that
 * chains.  Prints wall and CPU seconds, CPU for each thread, memory, and bytes
 * written to disk.  The views follow until they have everything, and that
 * counts; none: they do not.  SECRET: base64 of a secret key, by which what is
 * private is opened, and counts too.
 */
#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>

#include "feeds/base64.h"
#include "src/ingest/ingest.h"
#include "src/views/view.h"
#include "tests/bench/bench.h"

enum { VERDICTS = INGEST_FAILED + 1 };

static void collect(struct ingest *in, uint64_t counts[static VERDICTS])
{
	struct ingest_done done;

	while (ingest_done(in, &done))
		for (size_t i = 0; i < done.count; i++)
			counts[done.results[i].verdict]++;
}

static void feed(struct ingest *in, struct kith_slice text,
		 uint64_t counts[static VERDICTS])
{
	struct kith_slice value;

	while (bench_next(&text, &value)) {
		if (value.n && ingest_add(in, value, 0, 0))
			bench_fail("ingest", "out of memory");
		while (ingest_full(in)) {
			ingest_wait_some(in);
			collect(in, counts);
		}
	}
	ingest_wait(in);
	collect(in, counts);
}

/* A slice on the writer's thread, as kithd does it when it is asked. */
static enum kith_err catch_up(struct store *s, void *follow,
			      struct kith_error *e)
{
	enum kith_err err = KITH_OK;
	bool more = true;

	(void)s;
	while (!err && more)
		err = follow_some(follow, FOLLOW_LONG_SLICE_MS, &more, e);
	return err;
}

static void finish(struct ingest *in, struct follow *follow)
{
	struct ingest_done done;

	if (!follow)
		return;
	if (ingest_run(in, catch_up, follow, NULL))
		bench_fail("views", "out of memory");
	ingest_wait(in);
	while (ingest_done(in, &done))
		if (done.code)
			bench_fail("views", done.error.text);
}

/* The keys of a secret as secret files have it. */
static struct keys *read_keys(const char *text)
{
	uint8_t secret[KITH_SECRET_BYTES];
	struct kith_signer *signer;
	struct keys *keys;

	if (!base64_decode(kith_text(text), secret, sizeof(secret)))
		bench_fail(text, "is no secret key");
	signer = kith_signer_from_seed(secret);
	if (!signer || keys_new(signer, &keys))
		bench_fail("keys", "out of memory");
	return keys;
}

static void print_private(struct store *s)
{
	struct private_status status;
	struct txn *t;

	if (store_read(s, &t))
		bench_fail("private", "the store cannot be read");
	private_status(t, &status);
	printf("opened %llu private messages, %llu may be opened yet\n",
	       (unsigned long long)status.opened,
	       (unsigned long long)status.shut);
	txn_end(t);
}

static void print_threads(void)
{
	DIR *d = opendir("/proc/self/task");
	const struct dirent *entry;

	while (d && (entry = readdir(d))) {
		unsigned long user, kernel;
		char path[300];
		FILE *f;

		snprintf(path, sizeof(path), "/proc/self/task/%s/stat",
			 entry->d_name);
		f = fopen(path, "r");
		if (f && fscanf(f, "%*d (%*[^)]) %*c %*d %*d %*d %*d %*d %*u "
				   "%*u %*u %*u %*u %lu %lu",
				&user, &kernel) == 2)
			printf("thread %s: %lu0 ms user, %lu0 ms kernel\n",
			       entry->d_name, user, kernel);
		if (f)
			fclose(f);
	}
	if (d)
		closedir(d);
}

static void print_use(struct store *s, uint64_t messages, uint64_t bytes)
{
	double n = (double)messages;

	printf("anonymous memory at the end %lu KiB, most resident %lu KiB\n",
	       bench_memory("RssAnon"), bench_memory("VmHWM"));
	printf("a message: %.0f bytes as sent, %.0f in the store, "
	       "%.0f written\n",
	       (double)bytes / n, (double)store_bytes(s) / n,
	       (double)bench_written() / n);
}

int main(int argc, char **argv)
{
	static const char *const names[VERDICTS] = {
		"added", "known", "gap", "fork", "invalid", "own", "failed",
	};
	struct kith_slice all;
	struct store_options o = { .write = true };
	struct ingest_config config = { 0 };
	uint64_t counts[VERDICTS] = { 0 };
	struct kith_error e = { 0 };
	struct ingest *in;
	struct home *home;
	bool follows = argc == 3 || (argc == 4 && strcmp(argv[3], "none") != 0);
	double start, in_s, wall;

	if (argc < 3 || argc > 4 || kith_init() ||
	    home_open(argv[1], true, &home, &e) ||
	    home_lock_writer(home, &e) ||
	    store_open(home, &o, &config.store, &e) ||
	    views_start(config.store, &e) ||
	    (follows && follow_open(config.store, &config.follow, &e)) ||
	    (follows && argc == 4 &&
	     follow_private(config.follow, read_keys(argv[3]))) ||
	    ingest_start(&config, &in, &e))
		bench_fail("ingest", e.text);
	all = bench_map(argv[2]);
	start = bench_seconds(CLOCK_MONOTONIC);
	feed(in, all, counts);
	in_s = bench_seconds(CLOCK_MONOTONIC) - start;
	finish(in, config.follow);
	wall = bench_seconds(CLOCK_MONOTONIC) - start;
	printf("all committed after %.2f s\n", in_s);
	for (int i = 0; i < VERDICTS; i++)
		if (counts[i])
			printf("%s: %llu\n", names[i],
			       (unsigned long long)counts[i]);
	printf("wall %.2f s, cpu %.2f s, %.0f messages a second\n", wall,
	       bench_seconds(CLOCK_PROCESS_CPUTIME_ID),
	       (double)counts[INGEST_ADDED] / wall);
	if (follows && argc == 4)
		print_private(config.store);
	print_threads();
	print_use(config.store, counts[INGEST_ADDED], all.n);
	ingest_stop(in);
	follow_close(config.follow);
	store_close(config.store);
	home_close(home);
	return 0;
}
