/* Blobs that a depot has for us. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "tests/depot/carry_bed.h"

static void what_messages_refer_to_comes_in(void **state)
{
	struct carrier *f = *state;
	struct kith_blob_id id = add_there(f, 1, 300000);

	refer(f, &f->friend, &id);
	take(f);
	assert_true(is_here(f, &id));
	assert_int_equal(f->hops, 1);
	assert_int_equal(f->report.in.blobs, 1);
	assert_int_equal(f->report.in.blob_bytes, 300000);
	assert_int_equal(wanted(f, &id), 0);
}

static void what_is_not_there_is_asked_for_in_our_notes(void **state)
{
	struct carrier *f = *state;
	struct kith_blob_id id = carrier_id(1, 10), mine = carrier_id(2, 10);

	refer(f, &f->friend, &id);
	refer(f, &f->node.self, &mine);
	take(f);
	assert_int_equal(wanted(f, &id), 2);
	assert_int_equal(wanted(f, &mine), 1);
	add_here(f, 1, 10);
	take(f);
	assert_int_equal(wanted(f, &id), 0);
	assert_int_equal(wanted(f, &mine), 1);
}

static void blobs_of_authors_out_of_reach_are_not_wanted(void **state)
{
	struct carrier *f = *state;
	struct kith_blob_id id = add_there(f, 1, 10);

	refer(f, &f->far, &id);
	take(f);
	assert_false(is_here(f, &id));
	assert_int_equal(wanted(f, &id), 0);
}

static void what_was_removed_here_is_not_wanted_again(void **state)
{
	struct carrier *f = *state;
	struct kith_blob_id id = add_there(f, 1, 10);
	struct blob_row row = { .id = id, .state = BLOB_REMOVED };
	struct txn *t;

	refer(f, &f->friend, &id);
	assert_int_equal(store_write(f->node.h.store, &t), KITH_OK);
	blob_row_put(t, &row);
	assert_int_equal(txn_commit(t), KITH_OK);
	take(f);
	assert_false(is_here(f, &id));
}

static void what_the_person_asked_for_comes_in(void **state)
{
	struct carrier *f = *state;
	struct kith_blob_id id = add_there(f, 1, 10);
	struct blob_row row = { .id = id, .state = BLOB_WANTED, .asked = true,
				.hops = BLOB_HOPS_NONE };
	struct txn *t;

	assert_int_equal(store_write(f->node.h.store, &t), KITH_OK);
	blob_row_put(t, &row);
	assert_int_equal(txn_commit(t), KITH_OK);
	take(f);
	assert_true(is_here(f, &id));
	assert_int_equal(f->hops, 0);
}

static void a_blob_over_the_limit_is_left_lying(void **state)
{
	struct carrier *f = *state;
	struct kith_blob_id fits = add_there(f, 1, 999),
			    large = add_there(f, 2, 1000);

	f->config.blob_bytes_max = 1000;
	refer(f, &f->friend, &fits);
	refer(f, &f->friend, &large);
	take(f);
	assert_true(is_here(f, &fits));
	assert_false(is_here(f, &large));
}

static void no_more_comes_in_than_the_quota_has_room_for(void **state)
{
	struct carrier *f = *state;
	struct kith_blob_id small = add_there(f, 1, 600),
			    large = add_there(f, 2, 700);
	struct keep_quotas quotas = { .total = 1000 };

	for (size_t i = 0; i < KEEP_HOPS; i++)
		quotas.hops[i] = KEEP_NO_LIMIT;
	f->config.blob_quotas = &quotas;
	refer(f, &f->friend, &large);
	refer(f, &f->friend, &small);
	take(f);
	assert_int_equal(f->report.in.blobs, 1);
	assert_true(is_here(f, &small) != is_here(f, &large));
}

static void a_damaged_blob_is_a_finding_and_stays_wanted(void **state)
{
	struct carrier *f = *state;
	struct kith_blob_id id = carrier_id(1, 5000);
	struct kith_blob_id good = add_there(f, 3, 10);

	put_there(f, &id, false, carrier_bytes(2, 5000));
	refer(f, &f->friend, &id);
	refer(f, &f->friend, &good);
	take(f);
	assert_int_equal(f->findings, 1);
	assert_int_equal(wanted(f, &id), 2);
	assert_false(is_here(f, &id));
	assert_true(is_here(f, &good));
}

static void old_wants_are_looked_for_only_where_somebody_was(void **state)
{
	struct carrier *f = *state;
	struct kith_blob_id id = carrier_id(1, 10);
	struct txn *t;

	refer(f, &f->friend, &id);
	take(f);
	assert_int_equal(store_read(f->node.h.store, &t), KITH_OK);
	f->carry.log_from = message_end(t);
	txn_end(t);
	add_there(f, 1, 10);
	f->carry.moved = false;
	take(f);
	assert_false(is_here(f, &id));
	assert_int_equal(wanted(f, &id), 2);
	f->carry.moved = true;
	take(f);
	assert_true(is_here(f, &id));
	assert_int_equal(f->hops, 1);
}

static void a_dry_run_counts_and_takes_nothing(void **state)
{
	struct carrier *f = *state;
	struct kith_blob_id id = add_there(f, 1, 10);

	refer(f, &f->friend, &id);
	f->config.dry_run = true;
	take(f);
	assert_false(is_here(f, &id));
	assert_int_equal(f->report.in.blobs, 1);
}

#define CASE(test)                                                             \
	cmocka_unit_test_setup_teardown(test, carrier_open, carrier_close)

int main(void)
{
	const struct CMUnitTest tests[] = {
		CASE(what_messages_refer_to_comes_in),
		CASE(what_is_not_there_is_asked_for_in_our_notes),
		CASE(blobs_of_authors_out_of_reach_are_not_wanted),
		CASE(what_was_removed_here_is_not_wanted_again),
		CASE(what_the_person_asked_for_comes_in),
		CASE(a_blob_over_the_limit_is_left_lying),
		CASE(no_more_comes_in_than_the_quota_has_room_for),
		CASE(a_damaged_blob_is_a_finding_and_stays_wanted),
		CASE(old_wants_are_looked_for_only_where_somebody_was),
		CASE(a_dry_run_counts_and_takes_nothing),
	};

	if (kith_init())
		return 1;
	return cmocka_run_group_tests(tests, NULL, NULL);
}
