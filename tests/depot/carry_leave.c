/* Blobs that we leave at a depot for others. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "tests/depot/carry_bed.h"

static void what_others_ask_for_is_left(void **state)
{
	struct carrier *f = *state;
	struct kith_blob_id id = add_here(f, 1, 600000);
	struct kith_blob_id absent = carrier_id(2, 10);

	ask(f, &id, 3);
	ask(f, &absent, 1);
	leave(f);
	assert_true(is_there(f, &id));
	assert_false(is_there(f, &absent));
	assert_int_equal(f->report.out.blobs, 1);
	assert_int_equal(f->report.out.blob_bytes, 600000);
	leave(f);
	assert_int_equal(f->report.out.blobs, 1);
}

static void our_own_blobs_are_left_before_anybody_asks(void **state)
{
	struct carrier *f = *state;
	struct kith_blob_id mine = add_here(f, 1, 10),
			    far = add_here(f, 2, 10);

	refer(f, &f->node.self, &mine);
	refer(f, &f->far, &far);
	leave(f);
	assert_true(is_there(f, &mine));
	assert_false(is_there(f, &far));
}

static void where_room_is_short_the_nearest_and_smallest_go(void **state)
{
	struct carrier *f = *state;
	struct kith_blob_id near = add_here(f, 1, 9000),
			    small = add_here(f, 2, 3000),
			    large = add_here(f, 3, 60000);

	ask(f, &near, 1);
	ask(f, &small, 2);
	ask(f, &large, 2);
	f->carry.room = 60000;
	leave(f);
	assert_true(is_there(f, &near));
	assert_true(is_there(f, &small));
	assert_false(is_there(f, &large));
	assert_int_equal(f->report.left_bytes, 60000);
}

static void what_nobody_asked_for_takes_half_of_the_room(void **state)
{
	struct carrier *f = *state;
	struct kith_blob_id mine = add_here(f, 1, 60000);

	refer(f, &f->node.self, &mine);
	f->carry.room = 100000;
	leave(f);
	assert_false(is_there(f, &mine));
	assert_int_equal(f->report.left_bytes, 0);
	ask(f, &mine, 1);
	leave(f);
	assert_true(is_there(f, &mine));
}

static void what_a_pull_left_is_taken_up(void **state)
{
	struct carrier *f = *state;
	struct kith_blob_id id = add_here(f, 1, 700000);
	char part[FOLDER_NAME_BYTES];
	struct kith_error e = { 0 };
	uint64_t size;

	carry_name(part, &f->depot, &id, true);
	ask(f, &id, 1);
	f->stops = true;
	assert_int_equal(depot_blobs_leave(&f->carry, &e), KITH_EBUSY);
	assert_int_equal(folder_size(f->depot.folder, part, &size, NULL),
			 KITH_OK);
	assert_in_range(size, 1, 699999);
	f->stops = false;
	leave(f);
	assert_true(is_there(f, &id));
	assert_int_equal(folder_size(f->depot.folder, part, &size, NULL),
			 KITH_ENOENT);
}

static void a_part_that_is_something_else_is_written_anew(void **state)
{
	struct carrier *f = *state;
	struct kith_blob_id id = add_here(f, 1, 300000),
			    other = add_here(f, 2, 1000);

	ask(f, &id, 1);
	ask(f, &other, 1);
	put_there(f, &id, true, carrier_bytes(3, 290000));
	put_there(f, &other, true, carrier_bytes(3, 2000));
	leave(f);
	assert_true(is_there(f, &id));
	assert_true(is_there(f, &other));
}

static void a_blob_that_is_there_is_not_written_over(void **state)
{
	struct carrier *f = *state;
	struct kith_blob_id id = add_here(f, 1, 1000);

	put_there(f, &id, false, carrier_bytes(2, 1000));
	ask(f, &id, 1);
	leave(f);
	assert_false(is_there(f, &id));
	assert_int_equal(f->report.out.blobs, 0);
}

static void one_that_has_another_size_there_is(void **state)
{
	struct carrier *f = *state;
	struct kith_blob_id id = add_here(f, 1, 1000);

	put_there(f, &id, false, carrier_bytes(1, 700));
	ask(f, &id, 1);
	leave(f);
	assert_true(is_there(f, &id));
}

static void nothing_is_left_where_nothing_may_be_written(void **state)
{
	struct carrier *f = *state;
	struct kith_blob_id id = add_here(f, 1, 1000);

	ask(f, &id, 1);
	f->config.import_only = true;
	leave(f);
	f->config.import_only = false;
	f->depot.folder->can &= ~(unsigned)FOLDER_WRITES;
	leave(f);
	assert_false(is_there(f, &id));
}

static void a_server_that_takes_files_whole_gets_them_so(void **state)
{
	struct carrier *f = *state;
	struct kith_blob_id id = add_here(f, 1, 1000);

	ask(f, &id, 1);
	f->depot.folder->can &= ~(unsigned)FOLDER_APPENDS;
	leave(f);
	assert_true(is_there(f, &id));
}

#define CASE(test)                                                             \
	cmocka_unit_test_setup_teardown(test, carrier_open, carrier_close)

int main(void)
{
	const struct CMUnitTest tests[] = {
		CASE(what_others_ask_for_is_left),
		CASE(our_own_blobs_are_left_before_anybody_asks),
		CASE(where_room_is_short_the_nearest_and_smallest_go),
		CASE(what_nobody_asked_for_takes_half_of_the_room),
		CASE(what_a_pull_left_is_taken_up),
		CASE(a_part_that_is_something_else_is_written_anew),
		CASE(a_blob_that_is_there_is_not_written_over),
		CASE(one_that_has_another_size_there_is),
		CASE(nothing_is_left_where_nothing_may_be_written),
		CASE(a_server_that_takes_files_whole_gets_them_so),
	};

	if (kith_init())
		return 1;
	return cmocka_run_group_tests(tests, NULL, NULL);
}
