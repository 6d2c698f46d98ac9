/* Sessions of hosts that meet at a stick: what comes in when, and what is not
 * done twice.  Pulls, damage and hostile sticks have tests of their own. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>

#include <cmocka.h>

#include "src/store/proofs.h"
#include "tests/support/host.h"

enum { ANN, BEN, CAT, HOSTS, AUTHORS = 3, POSTS = 40, SMALL_READ = 4096 };

struct meeting {
	struct host hosts[HOSTS];
	struct author authors[AUTHORS]; /* whom everybody follows */
	struct medium *stick;
};

static int begin(void **state)
{
	struct meeting *m = calloc(1, sizeof(*m));

	assert_non_null(m);
	for (unsigned i = 0; i < AUTHORS; i++) {
		author_init(&m->authors[i], (uint8_t)(10 + i));
		author_post(&m->authors[i], POSTS);
	}
	for (unsigned i = 0; i < HOSTS; i++)
		host_open(&m->hosts[i], (uint8_t)(1 + i));
	m->stick = medium_new();
	*state = m;
	return 0;
}

static int end(void **state)
{
	struct meeting *m = *state;

	for (size_t i = 0; i < HOSTS; i++)
		host_close(&m->hosts[i]);
	for (size_t i = 0; i < AUTHORS; i++)
		author_clear(&m->authors[i]);
	medium_free(m->stick);
	free(m);
	return 0;
}

static void all_follow(struct meeting *m, size_t author)
{
	for (size_t i = 0; i < HOSTS; i++)
		host_follow(&m->hosts[i], author_id(&m->authors[author]));
}

static struct depot_report sync_of(struct meeting *m, size_t host)
{
	struct depot_report report;
	struct kith_error e = { 0 };

	if (host_sync_at(&m->hosts[host], m->stick, &report, &e))
		fail_msg("%s", e.text);
	return report;
}

static void assert_has(struct meeting *m, size_t host, size_t author,
		       uint64_t last)
{
	assert_int_equal(host_has(&m->hosts[host],
				  author_id(&m->authors[author])), last);
}

static void a_round_trip_brings_everybody_everything(void **state)
{
	struct meeting *m = *state;

	for (size_t i = 0; i < AUTHORS; i++)
		all_follow(m, i);
	host_give(&m->hosts[ANN], &m->authors[0], 1, POSTS);
	host_give(&m->hosts[BEN], &m->authors[1], 1, POSTS);
	assert_int_equal(sync_of(m, ANN).out.messages, POSTS);
	assert_int_equal(sync_of(m, BEN).out.messages, POSTS);
	assert_int_equal(sync_of(m, ANN).in.messages, POSTS);
	assert_true(host_equal(&m->hosts[ANN], &m->hosts[BEN]));
}

static void what_nobody_lacks_is_not_left_again(void **state)
{
	struct meeting *m = *state;
	struct depot_report report;

	all_follow(m, 0);
	host_give(&m->hosts[ANN], &m->authors[0], 1, POSTS);
	host_give(&m->hosts[BEN], &m->authors[0], 1, POSTS);
	assert_int_equal(sync_of(m, ANN).out.messages, POSTS);
	report = sync_of(m, BEN);
	assert_int_equal(report.out.messages, 0);
	assert_int_equal(report.in.messages, 0);
}

static void nothing_new_writes_nothing_and_reads_heads(void **state)
{
	struct meeting *m = *state;
	struct depot_report report;

	all_follow(m, 0);
	host_give(&m->hosts[ANN], &m->authors[0], 1, POSTS);
	(void)sync_of(m, ANN);
	(void)sync_of(m, BEN);
	(void)sync_of(m, ANN);
	for (size_t i = ANN; i <= BEN; i++) {
		medium_settle(m->stick);
		report = sync_of(m, i);
		assert_true(report.nothing_new);
		assert_int_equal(medium_bytes_written(m->stick), 0);
		assert_int_equal(medium_changes(m->stick), 0);
		assert_in_range(medium_bytes_read(m->stick), 1, SMALL_READ);
	}
}

/* Whose files are read first is a matter of names: both orders happen. */
static void a_gap_is_closed_by_another_writer(void **state)
{
	struct meeting *m = *state;

	all_follow(m, 0);
	for (uint64_t n = 10; n < POSTS; n += 10) {
		size_t one = n / 10 % 2 ? ANN : BEN;

		host_give(&m->hosts[one], &m->authors[0], 1, n);
		assert_int_equal(sync_of(m, one).out.messages, 10);
	}
	assert_int_equal(sync_of(m, CAT).in.messages, 30);
	assert_has(m, CAT, 0, 30);
}

static void what_was_out_of_reach_comes_when_it_is_not(void **state)
{
	struct meeting *m = *state;
	struct depot_report report;

	host_follow(&m->hosts[ANN], author_id(&m->authors[0]));
	host_give(&m->hosts[ANN], &m->authors[0], 1, POSTS);
	(void)sync_of(m, ANN);
	report = sync_of(m, BEN);
	assert_int_equal(report.in.messages, 0);
	assert_int_equal(report.far, POSTS);
	host_follow(&m->hosts[BEN], author_id(&m->authors[0]));
	assert_int_equal(sync_of(m, BEN).in.messages, POSTS);
	assert_has(m, BEN, 0, POSTS);
}

static void whom_we_block_is_neither_taken_nor_left(void **state)
{
	struct meeting *m = *state;

	all_follow(m, 0);
	host_give(&m->hosts[ANN], &m->authors[0], 1, POSTS);
	host_give(&m->hosts[BEN], &m->authors[0], 1, 1);
	assert_int_equal(graph_set(m->hosts[BEN].graph,
				   author_id(&m->hosts[BEN].self),
				   author_id(&m->authors[0]), CONTACT_BLOCK),
			 KITH_OK);
	assert_int_equal(sync_of(m, BEN).out.messages, 0);
	(void)sync_of(m, ANN);
	assert_int_equal(sync_of(m, BEN).in.messages, 0);
	assert_has(m, BEN, 0, 1);
}

/* The other branch is on the stick, at a place that we hold. */
static void another_message_of_one_place_is_kept_as_evidence(void **state)
{
	struct meeting *m = *state;
	struct depot_report report;
	struct proof_places places;
	struct author fork;
	struct txn *t;

	author_init(&fork, 10);
	author_post(&fork, 5);
	author_go_back(&fork, 3);
	author_write(&fork, KITH_SLICE("{\"type\":\"post\",\"text\":\"no\"}"));
	all_follow(m, 0);
	host_give(&m->hosts[ANN], &m->authors[0], 1, POSTS);
	host_give(&m->hosts[BEN], &fork, 1, 3);
	assert_int_equal(ingest_add(m->hosts[BEN].in,
				    author_message(&fork, 6), 0, 0), KITH_OK);
	ingest_wait(m->hosts[BEN].in);
	(void)sync_of(m, BEN);
	report = sync_of(m, ANN);
	assert_int_equal(report.refused, 1);
	assert_int_equal(store_read(m->hosts[ANN].h.store, &t), KITH_OK);
	places = proof_places(t, author_id(&m->authors[0]));
	txn_end(t);
	assert_int_equal(places.pair, 4);
	/* It is not read, and not told of, again. */
	assert_int_equal(sync_of(m, ANN).refused, 0);
	/* And what proves it goes out to who has neither. */
	(void)sync_of(m, ANN);
	(void)sync_of(m, CAT);
	assert_int_equal(m->hosts[CAT].proofs, 1);
	author_clear(&fork);
}

static void who_writes_as_we_do_is_left_alone(void **state)
{
	struct meeting *m = *state;
	struct depot_report report;

	all_follow(m, 0);
	host_give(&m->hosts[ANN], &m->authors[0], 1, 10);
	(void)sync_of(m, ANN);
	/* As a home that was copied before does. */
	host_forget(&m->hosts[ANN]);
	host_give(&m->hosts[ANN], &m->authors[0], 11, 20);
	report = sync_of(m, ANN);
	assert_true(report.renamed);
	assert_non_null(strstr(m->hosts[ANN].findings, "in your name"));
	assert_int_equal(report.out.messages, 10);
	assert_false(sync_of(m, ANN).renamed);
	assert_int_equal(sync_of(m, CAT).in.messages, 20);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, begin, end)
	const struct CMUnitTest tests[] = {
		TEST(a_round_trip_brings_everybody_everything),
		TEST(what_nobody_lacks_is_not_left_again),
		TEST(nothing_new_writes_nothing_and_reads_heads),
		TEST(a_gap_is_closed_by_another_writer),
		TEST(what_was_out_of_reach_comes_when_it_is_not),
		TEST(whom_we_block_is_neither_taken_nor_left),
		TEST(another_message_of_one_place_is_kept_as_evidence),
		TEST(who_writes_as_we_do_is_left_alone),
	};

	if (kith_init())
		return 1;
	return cmocka_run_group_tests(tests, NULL, NULL);
}
