/*
 * How fast one's own messages become durable: publish HOME [SECONDS]
 *
 * In turns of a second each, over and over: bare synced commits of one small
 * row, straight to LMDB in a file beside the store; messages published one
 * after the other; and the same from eight callers at once.  Then what the
 * disk does: writes of one page, each synced.  Prints the median of each.
 */
#include <fcntl.h>
#include <lmdb.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "src/ingest/ingest.h"
#include "src/store/local.h"
#include "src/views/view.h"
#include "tests/bench/bench.h"

enum { ROUNDS_MAX = 60, CALLERS = 8, PAGE_BYTES = 4096, ROW_BYTES = 600 };

static const double TURN = 0.5; /* seconds */

struct bench {
	struct home *home;
	struct store *store;
	struct kith_signer *signer;
	struct ingest *in;
	MDB_env *env;
	MDB_dbi dbi;
	uint64_t rows;
	int page;
};

static double now(void)
{
	return bench_seconds(CLOCK_MONOTONIC);
}

static void check(int rc)
{
	if (rc)
		bench_fail("lmdb", mdb_strerror(rc));
}

static void commit_row(struct bench *b)
{
	static uint8_t row[ROW_BYTES];
	uint8_t key[8];
	MDB_val k = { sizeof(key), key }, v = { sizeof(row), row };
	MDB_txn *t;

	kith_put_be64(key, ++b->rows);
	check(mdb_txn_begin(b->env, NULL, 0, &t));
	check(mdb_put(t, b->dbi, &k, &v, 0));
	check(mdb_txn_commit(t));
}

static void publish(struct bench *b)
{
	static const char text[] =
		"{\"type\":\"post\",\"text\":\"A sentence of the length that "
		"people write when they have not much to say.\"}";

	if (ingest_publish(b->in, kith_text(text), b))
		bench_fail("publish", "out of memory");
}

static unsigned collect(struct bench *b)
{
	struct ingest_done done;
	unsigned n = 0;

	ingest_wait_some(b->in);
	for (; ingest_done(b->in, &done); n++)
		if (done.code)
			bench_fail("publish", done.error.text);
	return n;
}

static double turn_commit(struct bench *b)
{
	double start = now();
	unsigned n = 0;

	for (; now() - start < TURN; n++)
		commit_row(b);
	return n / (now() - start);
}

static double turn_publish(struct bench *b, unsigned callers)
{
	double start = now();
	unsigned n = 0;

	for (unsigned i = 0; i < callers; i++)
		publish(b);
	while (now() - start < TURN) {
		unsigned done = collect(b);

		n += done;
		while (done--)
			publish(b);
	}
	ingest_wait(b->in);
	n += collect(b);
	return n / (now() - start);
}

static double turn_sync(struct bench *b)
{
	static const uint8_t page[PAGE_BYTES];
	double start = now();
	unsigned n = 0;

	for (; now() - start < TURN; n++)
		if (pwrite(b->page, page, sizeof(page), 0) < 0 ||
		    fdatasync(b->page))
			bench_fail("page", "cannot be written");
	return n / (now() - start);
}

static void open_bare(struct bench *b)
{
	char path[4096];
	MDB_txn *t;

	if (home_file(b->home, "bare", path, sizeof(path)))
		bench_fail("home", "its path is too long");
	mkdir(path, 0700);
	check(mdb_env_create(&b->env));
	check(mdb_env_set_mapsize(b->env, (size_t)1 << 32));
	check(mdb_env_open(b->env, path, MDB_NOTLS, 0600));
	check(mdb_txn_begin(b->env, NULL, 0, &t));
	check(mdb_dbi_open(t, NULL, 0, &b->dbi));
	check(mdb_txn_commit(t));
	if (home_file(b->home, "page", path, sizeof(path)))
		bench_fail("home", "its path is too long");
	b->page = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
}

static void open_all(struct bench *b, const char *home)
{
	struct store_options o = { .write = true };
	struct ingest_config config = { 0 };
	struct publish_row ours = { .state = PUBLISH_OK };
	struct kith_error e = { 0 };
	struct txn *t;

	b->signer = kith_signer_generate();
	if (!b->signer || home_open(home, true, &b->home, &e) ||
	    home_lock_writer(b->home, &e) ||
	    store_open(b->home, &o, &b->store, &e) ||
	    views_catch_up(b->store, &e) || store_write(b->store, &t))
		bench_fail("open", e.text);
	publish_put(t, kith_signer_id(b->signer), &ours);
	config.store = b->store;
	config.signer = b->signer;
	if (txn_commit(t) || ingest_start(&config, &b->in, &e))
		bench_fail("open", e.text);
	open_bare(b);
}

static int compare(const void *a, const void *b)
{
	double x = *(const double *)a, y = *(const double *)b;

	return (x > y) - (x < y);
}

static double median(double *of, size_t n)
{
	qsort(of, n, sizeof(*of), compare);
	return of[n / 2];
}

int main(int argc, char **argv)
{
	static double commits[ROUNDS_MAX], one[ROUNDS_MAX], all[ROUNDS_MAX],
		syncs[ROUNDS_MAX];
	unsigned rounds = argc > 2 ? (unsigned)strtoul(argv[2], NULL, 10) : 10;
	double commit, serial, many;
	struct bench b = { 0 };

	if (argc < 2 || !rounds || rounds > ROUNDS_MAX || kith_init())
		return 2;
	open_all(&b, argv[1]);
	for (unsigned i = 0; i < rounds; i++) {
		commits[i] = turn_commit(&b);
		one[i] = turn_publish(&b, 1);
		all[i] = turn_publish(&b, CALLERS);
		syncs[i] = turn_sync(&b);
	}
	commit = median(commits, rounds);
	serial = median(one, rounds);
	many = median(all, rounds);
	printf("page written and synced: %.0f a second\n",
	       median(syncs, rounds));
	printf("bare LMDB commit of one row: %.0f a second\n", commit);
	printf("publish, one after the other: %.0f a second, %.2f of bare\n",
	       serial, serial / commit);
	printf("publish, %d callers: %.0f a second, %.2f of one caller\n",
	       CALLERS, many, many / serial);
	ingest_stop(b.in);
	store_close(b.store);
	mdb_env_close(b.env);
	kith_signer_free(b.signer);
	home_close(b.home);
	return 0;
}
