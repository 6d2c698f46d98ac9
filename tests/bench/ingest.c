/*
 * How fast messages come in: bench HOME < messages.ndjson
 *
 * One message a line, bare or as {key,value,timestamp}, in an order that
 * chains.  Prints wall and CPU seconds, and CPU for each thread.
 */
#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>

#include "feeds/json.h"
#include "src/ingest/ingest.h"
#include "src/views/view.h"

enum { VERDICTS = INGEST_FAILED + 1, NDJSON_BYTES_MAX = 1 << 30 };

static double seconds(clockid_t clock)
{
	struct timespec t;

	clock_gettime(clock, &t);
	return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

static void read_all(struct kith_buf *all)
{
	uint8_t chunk[16384];
	size_t n;

	while ((n = fread(chunk, 1, sizeof(chunk), stdin)))
		kith_buf_put(all, (struct kith_slice){ chunk, n });
}

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
	while (text.n) {
		const uint8_t *end = memchr(text.p, '\n', text.n);
		size_t n = end ? (size_t)(end - text.p) : text.n;
		struct kith_slice line = { text.p, n };
		struct kith_slice value = json_get(line, "value");

		if (n && ingest_add(in, value.n ? value : line, 0, 0))
			exit(1);
		text.p += end ? n + 1 : n;
		text.n -= end ? n + 1 : n;
		while (ingest_full(in)) {
			ingest_wait_some(in);
			collect(in, counts);
		}
	}
	ingest_wait(in);
	collect(in, counts);
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

static void print_memory(void)
{
	FILE *f = fopen("/proc/self/status", "r");
	char line[128];

	while (f && fgets(line, sizeof(line), f))
		if (!strncmp(line, "RssAnon", 7) || !strncmp(line, "VmHWM", 5))
			fputs(line, stdout);
	if (f)
		fclose(f);
}

int main(int argc, char **argv)
{
	static const char *const names[VERDICTS] = {
		"added", "known", "gap", "fork", "invalid", "own", "failed",
	};
	struct kith_buf all = { .limit = NDJSON_BYTES_MAX };
	struct store_options o = { .write = true };
	struct ingest_config config = { 0 };
	uint64_t counts[VERDICTS] = { 0 };
	struct kith_error e = { 0 };
	struct ingest *in;
	struct home *home;
	double wall;

	if (argc != 2 || kith_init() || home_open(argv[1], true, &home, &e) ||
	    home_lock_writer(home, &e) ||
	    store_open(home, &o, &config.store, &e) ||
	    views_catch_up(config.store, &e) ||
	    ingest_start(&config, &in, &e)) {
		fprintf(stderr, "ingest: %s\n", e.text);
		return 1;
	}
	read_all(&all);
	wall = seconds(CLOCK_MONOTONIC);
	feed(in, kith_bytes(&all), counts);
	wall = seconds(CLOCK_MONOTONIC) - wall;
	for (int i = 0; i < VERDICTS; i++)
		if (counts[i])
			printf("%s: %llu\n", names[i],
			       (unsigned long long)counts[i]);
	printf("wall %.2f s, cpu %.2f s\n", wall,
	       seconds(CLOCK_PROCESS_CPUTIME_ID));
	print_threads();
	kith_buf_free(&all);
	print_memory();
	ingest_stop(in);
	store_close(config.store);
	home_close(home);
	return 0;
}
