/*
 * How fast a session with a depot is: depot HOME DIR FILE [load | stick]
 * and how fast a copy is, to compare: depot copy FROM DIR stick
 *
 * Whoever HOME is follows every feed of FILE, one message a line.  load: first
 * its messages are taken in, which does not count.  Then one session with the
 * depot in DIR, which is made if need be.  Prints one JSON object: seconds, of
 * them those in which messages were written and were read back, messages and
 * bytes each way, bytes read and written there.  stick: DIR is on one, as slow
 * as STICK_WRITE and STICK_READ say, MB a second.
 */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

#include <sodium.h>

#include "feeds/peek.h"
#include "src/depot/session.h"
#include "src/ingest/ingest.h"
#include "tests/bench/bench.h"
#include "tests/bench/stick.h"

struct bench {
	struct home *home;
	struct store *store;
	struct ingest *in;
	struct blobs *blobs;
	struct kith_signer *self;
	struct graph *graph;
	struct ingest_done done;
	size_t given;
	double spent[DEPOT_CHECKING + 1], at; /* in each phase, seconds */
};

/* --- the sink --- */

static enum kith_err put(void *arg, struct kith_slice value, uint32_t tag,
			 struct kith_error *e)
{
	struct bench *b = arg;

	(void)e;
	return ingest_add(b->in, value, tag, 0);
}

static bool full(void *arg)
{
	struct bench *b = arg;

	return ingest_full(b->in);
}

static enum kith_err wait_some(void *arg, struct kith_error *e)
{
	struct bench *b = arg;

	(void)e;
	if (b->given == b->done.count)
		ingest_wait_some(b->in);
	return KITH_OK;
}

static bool next(void *arg, struct depot_verdict *out)
{
	struct bench *b = arg;
	const struct ingest_result *r;

	while (b->given == b->done.count) {
		b->given = b->done.count = 0;
		if (!ingest_done(b->in, &b->done))
			return false;
	}
	r = &b->done.results[b->given++];
	*out = (struct depot_verdict){ r->tag, r->verdict, r->code, r->why };
	return true;
}

static enum kith_err proof(void *arg, struct kith_slice one,
			   struct kith_slice other, struct kith_error *e)
{
	(void)arg, (void)one, (void)other, (void)e;
	bench_fail("depot", "a proof of a fork");
}

static enum kith_err blob(void *arg, const struct depot_blob *what,
			  struct folder_reader *r, struct kith_error *e)
{
	(void)arg, (void)what, (void)r, (void)e;
	bench_fail("depot", "a blob");
}

static const struct depot_sink sink_of = {
	NULL, put, full, wait_some, next, proof, blob,
};

/* --- the host --- */

static void open_all(struct bench *b, const char *path)
{
	const struct store_options o = { .write = true };
	struct ingest_config config = { 0 };
	struct kith_error e = { 0 };
	uint8_t seed[KITH_SEED_BYTES];

	crypto_generichash(seed, sizeof(seed), (const uint8_t *)path,
			   strlen(path), NULL, 0);
	b->self = kith_signer_from_seed(seed);
	b->graph = graph_new(kith_signer_id(b->self));
	if (home_open(path, true, &b->home, &e) ||
	    home_lock_writer(b->home, &e) ||
	    store_open(b->home, &o, &b->store, &e) ||
	    blobs_open(b->home, &b->blobs, &e))
		bench_fail("depot", e.text);
	config.store = b->store;
	if (ingest_start(&config, &b->in, &e))
		bench_fail("depot", e.text);
}

static void close_all(struct bench *b)
{
	ingest_stop(b->in);
	blobs_close(b->blobs);
	store_close(b->store);
	home_close(b->home);
	graph_free(b->graph);
	kith_signer_free(b->self);
}

static void follow_all(struct bench *b, struct kith_slice text)
{
	struct kith_feed_id feed;
	struct kith_slice value;
	uint64_t sequence;

	while (bench_next(&text, &value))
		if (msg_peek(value, &feed, &sequence) && sequence == 1 &&
		    graph_set(b->graph, kith_signer_id(b->self), &feed,
			      CONTACT_FOLLOW))
			bench_fail("depot", "out of memory");
}

static void load(struct bench *b, struct kith_slice text)
{
	struct depot_verdict v;
	struct kith_slice value;

	while (bench_next(&text, &value)) {
		if (ingest_add(b->in, value, 0, 0))
			bench_fail("depot", "out of memory");
		while (ingest_full(b->in)) {
			ingest_wait_some(b->in);
			while (next(b, &v))
				continue;
		}
	}
	ingest_wait(b->in);
	while (next(b, &v))
		continue;
}

static bool note_time(void *arg, enum depot_phase phase, uint64_t messages,
		      uint64_t bytes, uint64_t total)
{
	struct bench *b = arg;
	double now = bench_seconds(CLOCK_MONOTONIC);

	(void)messages, (void)bytes, (void)total;
	b->spent[phase] += now - b->at;
	b->at = now;
	return true;
}

static void print(const struct bench *b, const struct depot_report *r,
		  double seconds)
{
	printf("{\"seconds\":%.4f,\"leaving\":%.4f,\"checking\":%.4f"
	       ",\"in\":%" PRIu64 ",\"in_bytes\":%" PRIu64
	       ",\"out\":%" PRIu64 ",\"out_bytes\":%" PRIu64
	       ",\"read\":%" PRIu64 ",\"written\":%" PRIu64
	       ",\"refused\":%" PRIu64 ",\"damaged\":%" PRIu64
	       ",\"writers\":%zu}\n", seconds, b->spent[DEPOT_LEAVING],
	       b->spent[DEPOT_CHECKING], r->in.messages, r->in.bytes,
	       r->out.messages, r->out.bytes, r->bytes_read, r->bytes_written,
	       r->refused, r->damaged, r->writers);
}

static double speed_of(const char *name)
{
	const char *text = getenv(name);
	double mega = text ? strtod(text, NULL) : 0;

	if (mega <= 0)
		bench_fail("depot", name);
	return mega * 1e6;
}

static struct folder *open_folder(const char *dir, bool slow)
{
	struct stick_speed speed;
	struct kith_error e = { 0 };
	struct folder *folder;

	if (folder_disk_open(dir, true, &folder, &e))
		bench_fail("depot", e.text);
	if (!slow)
		return folder;
	speed = (struct stick_speed){ speed_of("STICK_WRITE"),
				      speed_of("STICK_READ") };
	return stick_new(folder, &speed);
}

static void copy(const char *from, const char *dir)
{
	struct folder *folder = open_folder(dir, true);
	double began = bench_seconds(CLOCK_MONOTONIC);

	stick_copy(from, folder);
	printf("{\"seconds\":%.4f}\n", bench_seconds(CLOCK_MONOTONIC) - began);
	folder_free(folder);
}

static void run(struct bench *b, const char *dir, bool slow)
{
	struct depot_sink sink = sink_of;
	const struct depot_config config = {
		.home = b->home, .store = b->store, .blobs = b->blobs,
		.self = b->self, .graph = b->graph, .hops = 1,
		.sink = &sink, .blob_bytes_max = 5 << 20, .blob_hops = -1,
		.progress = note_time, .arg = b,
	};
	struct depot_report report;
	struct kith_error e = { 0 };
	struct folder *folder = open_folder(dir, slow);
	double began;

	sink.arg = b;
	began = b->at = bench_seconds(CLOCK_MONOTONIC);
	if (depot_sync(folder, &config, &report, &e))
		bench_fail("depot", e.text);
	print(b, &report, bench_seconds(CLOCK_MONOTONIC) - began);
	folder_free(folder);
}

int main(int argc, char **argv)
{
	static struct bench b;
	struct kith_slice text;
	bool slow = argc > 4 && !strcmp(argv[4], "stick");

	if (argc < 4 || kith_init())
		return 2;
	if (!strcmp(argv[1], "copy")) {
		copy(argv[2], argv[3]);
		return 0;
	}
	open_all(&b, argv[1]);
	text = bench_map(argv[3]);
	follow_all(&b, text);
	if (argc > 4 && !slow)
		load(&b, text);
	run(&b, argv[2], slow);
	close_all(&b);
	return 0;
}
