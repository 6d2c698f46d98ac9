/*
 * Killed at any moment: what was acknowledged is there afterwards, and the
 * feed goes on from its end.
 *
 * The child publishes and writes each acknowledged sequence to a pipe; this
 * process is the witness.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <unistd.h>

#include <cmocka.h>

#include "src/ingest/ingest.h"
#include "src/store/local.h"
#include "tests/support/author.h"
#include "tests/support/home.h"

enum { SELF = 100, AT_ONCE = 3, ROUNDS = 20, ACKS_MAX = 24, SPREAD_US = 4000 };

static const struct kith_slice POST = {
	(const uint8_t *)"{\"type\":\"post\",\"text\":\"still here\"}", 35
};

/* The child: publishes until it is killed. */
static int publish_for_ever(const char *path)
{
	struct store_options o = { .write = true };
	struct ingest_config config = { .verifiers = 1 };
	struct ingest_done done;
	uint8_t seed[KITH_SEED_BYTES];
	struct ingest *in;
	struct home *home;

	memset(seed, SELF, sizeof(seed));
	config.signer = kith_signer_from_seed(seed);
	if (home_open(path, false, &home, NULL) ||
	    home_lock_writer(home, NULL) ||
	    store_open(home, &o, &config.store, NULL) ||
	    ingest_start(&config, &in, NULL))
		return 1;
	for (;;) {
		for (int i = 0; i < AT_ONCE; i++)
			if (ingest_publish(in, POST, NULL))
				return 1;
		ingest_wait(in);
		while (ingest_done(in, &done))
			if (done.code ||
			    write(1, &done.sequence, sizeof(done.sequence)) !=
				    sizeof(done.sequence))
				return 1;
	}
}

/* Reads acknowledgements: count of them, or all there are (SIZE_MAX). */
static void read_acks(int pipe, size_t count, uint64_t *last)
{
	uint64_t sequence;

	while (count-- && read(pipe, &sequence, sizeof(sequence)) ==
				  sizeof(sequence)) {
		assert_int_equal(sequence, *last + 1);
		*last = sequence;
	}
}

static uint64_t tip(struct store *s, const struct kith_feed_id *feed)
{
	struct feed_row row;
	struct txn *t;

	assert_int_equal(store_read(s, &t), KITH_OK);
	feed_get(t, feed, &row);
	txn_end(t);
	return row.last;
}

/* One life of the child; *last: the end of the feed before and after. */
static void live_and_die(struct test_home *h, const struct author *self,
			 uint64_t *last)
{
	uint64_t acked = *last;
	int pipe;
	long pid;

	test_home_leave(h);
	pid = test_spawn((const char *[]){ "publish", h->path, NULL }, &pipe);
	read_acks(pipe, (size_t)(rand() % ACKS_MAX), &acked);
	/* Anywhere in the next transactions, not just behind an answer. */
	test_kill(pid, rand() % SPREAD_US);
	read_acks(pipe, SIZE_MAX, &acked);
	close(pipe);

	test_home_return(h);
	*last = tip(h->store, author_id(self));
	assert_in_range(*last, acked, acked + 2 * AT_ONCE);
	assert_chain(h->store, author_id(self), *last);
}

static void acknowledged_messages_outlive_the_process(void **state)
{
	struct publish_row ours = { .state = PUBLISH_OK };
	struct test_home h;
	struct author self;
	uint64_t last = 0;
	struct txn *t;
	(void)state;

	srand(1);
	test_home_open(&h);
	test_home_store(&h, 0);
	author_init(&self, SELF);
	assert_int_equal(store_write(h.store, &t), KITH_OK);
	publish_put(t, author_id(&self), &ours);
	assert_int_equal(txn_commit(t), KITH_OK);
	for (int round = 0; round < ROUNDS; round++)
		live_and_die(&h, &self, &last);
	assert_true(last > ROUNDS);
	author_clear(&self);
	test_home_close(&h);
}

int main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(acknowledged_messages_outlive_the_process),
	};

	if (kith_init())
		return 1;
	if (argc == 3 && !strcmp(argv[1], "publish"))
		return publish_for_ever(argv[2]);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
