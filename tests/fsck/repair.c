#include "src/fsck/repair.h"

#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>

#include "src/store/local.h"
#include "tests/fsck/case.h"

static struct publish_row state_of(size_t author)
{
	struct publish_row row;
	struct txn *t;

	victim_change(&v);
	assert_int_equal(store_read(v.h.store, &t), KITH_OK);
	publish_get(t, author_id(&v.authors[author]), &row);
	txn_end(t);
	store_close(v.h.store);
	v.h.store = NULL;
	return row;
}

static struct publish_row own_state(void)
{
	return state_of(0);
}

static void ones_own_messages_are_set_aside_and_nothing_is_published(
	void **state)
{
	struct repair_outcome outcome;
	struct publish_row row;
	(void)state;

	victim_flip_one(&v, 0, 5);
	victim_check(&v, FSCK_FULL);
	victim_found(&v, FSCK_CORRUPT, 0, 5);
	outcome = victim_mend(&v);
	assert_int_equal(outcome.dropped, 0);
	assert_int_equal(outcome.aside, POSTS - 5);
	row = own_state();
	assert_int_equal(row.state, PUBLISH_UNCONFIRMED);
	assert_int_equal(row.least, POSTS);
	victim_heal(&v);
	row = own_state();
	assert_int_equal(row.state, PUBLISH_UNCONFIRMED);
}

static void a_key_that_is_not_here_now_waits_after_a_repair(void **state)
{
	struct publish_row row = { .state = PUBLISH_OK };
	struct txn *t = case_begin();
	(void)state;

	publish_put(t, author_id(&v.authors[2]), &row);
	case_commit(t);
	victim_flip_one(&v, 2, 5);
	victim_check(&v, FSCK_FULL);
	victim_mend(&v);
	assert_int_equal(own_state().state, PUBLISH_OK);
	row = state_of(2);
	assert_int_equal(row.state, PUBLISH_UNCONFIRMED);
	assert_int_equal(row.least, POSTS);
}

static void what_was_set_aside_is_put_back_when_it_follows_again(void **state)
{
	struct ingest_config config = { .signer = v.authors[0].signer };
	struct repair_outcome outcome;
	struct ingest *in;
	struct txn *t;
	(void)state;

	victim_flip_one(&v, 0, 5);
	victim_check(&v, FSCK_FULL);
	victim_mend(&v);
	victim_change(&v);
	config.store = v.h.store;
	assert_int_equal(ingest_start(&config, &in, NULL), KITH_OK);
	assert_int_equal(ingest_add(in, author_message(&v.authors[0], 5), 0, 1),
			 KITH_OK);
	ingest_wait(in);
	ingest_stop(in);
	store_close(v.h.store);
	v.h.store = NULL;
	victim_check(&v, FSCK_FULL);
	assert_int_equal(v.finding_count, 0);
	outcome = victim_mend(&v);
	assert_int_equal(outcome.back, POSTS - 5);
	victim_change(&v);
	assert_chain(v.h.store, author_id(&v.authors[0]), POSTS);
	/* What was damaged is kept for who wants to look at it. */
	assert_int_equal(store_read(v.h.store, &t), KITH_OK);
	assert_int_equal(txn_count(t, TABLE_QUARANTINE), 1);
	txn_end(t);
	store_close(v.h.store);
	v.h.store = NULL;
	victim_check(&v, FSCK_FULL);
	assert_int_equal(v.finding_count, 0);
}

static void others_messages_are_dropped_and_come_again(void **state)
{
	struct repair_outcome outcome;
	(void)state;

	victim_flip_one(&v, 4, 3);
	victim_check(&v, FSCK_FULL);
	assert_int_equal(v.finding_count, 1);
	outcome = victim_mend(&v);
	assert_int_equal(outcome.dropped, POSTS - 3);
	assert_int_equal(outcome.aside, 0);
	assert_int_equal(own_state().state, PUBLISH_OK);
	victim_heal(&v);
	victim_check(&v, FSCK_FULL);
	assert_int_equal(v.finding_count, 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		CASE(ones_own_messages_are_set_aside_and_nothing_is_published),
		CASE(a_key_that_is_not_here_now_waits_after_a_repair),
		CASE(what_was_set_aside_is_put_back_when_it_follows_again),
		CASE(others_messages_are_dropped_and_come_again),
	};

	if (kith_init())
		return 1;
	return cmocka_run_group_tests(tests, NULL, NULL);
}
