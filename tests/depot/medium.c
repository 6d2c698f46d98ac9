/*
 * The medium of the tests: what it loses is what FAT may lose, and no more.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>

#include <cmocka.h>

#include "tests/support/medium.h"

#define NOTES "w/abcdefghijklmnopqrstuvwxyz/000001.ack"
#define SEGMENT "w/abcdefghijklmnopqrstuvwxyz/000001.seg"

enum { SEEDS = 300, LONG = 5 * MEDIUM_SECTOR };
enum { CAN = FOLDER_WRITES | FOLDER_APPENDS | FOLDER_LISTS };

static uint8_t many[LONG];

static int open_medium(void **state)
{
	memset(many, 'x', sizeof(many));
	*state = medium_new();
	return 0;
}

static int close_medium(void **state)
{
	medium_free(*state);
	return 0;
}

static struct kith_slice xs(size_t n)
{
	return (struct kith_slice){ many, n };
}

static enum kith_err write_file(struct medium *m, const char *name,
				uint64_t keep, struct kith_slice bytes,
				bool finish)
{
	struct folder *f = medium_folder(m, CAN);
	struct folder_writer *w = NULL;
	enum kith_err err = folder_write(f, name, keep, &w, NULL);

	if (!err)
		err = folder_writer_put(w, bytes, NULL);
	if (!err && finish)
		err = folder_writer_finish(w, NULL);
	else if (w)
		folder_writer_drop(w);
	folder_free(f);
	return err;
}

/* The file's bytes; false: it is not there. */
static bool look(const struct medium *m, const char *name,
		 struct kith_slice *out)
{
	const char *there;

	for (size_t i = 0; medium_file(m, i, &there, out); i++)
		if (!strcmp(there, name))
			return true;
	return false;
}

static bool is_all(struct kith_slice s, uint8_t byte)
{
	for (size_t i = 0; i < s.n; i++)
		if (s.p[i] != byte)
			return false;
	return true;
}

static void what_was_finished_is_never_lost(void **state)
{
	struct medium_loss loss = { .of = MEDIUM_LOSES_SOME, .ghosts = true };

	assert_int_equal(write_file(*state, NOTES, 0, xs(LONG), true), 0);
	for (loss.seed = 0; loss.seed <= SEEDS; loss.seed++) {
		struct medium *left;

		if (loss.seed == SEEDS)
			loss.of = MEDIUM_LOSES_ALL;
		left = medium_left(*state, &loss);
		assert_true(medium_equal(*state, left));
		medium_free(left);
	}
}

/* What each seed leaves of a file that had a good first sector, and was
 * appended to without a sync. */
struct seen {
	unsigned shorter, whole, holes, ghosts;
};

static void judge(struct kith_slice bytes, struct seen *seen)
{
	struct kith_slice tail = { bytes.p + MEDIUM_SECTOR,
				   bytes.n - MEDIUM_SECTOR };

	assert_in_range(bytes.n, MEDIUM_SECTOR, LONG);
	assert_true(is_all((struct kith_slice){ bytes.p, MEDIUM_SECTOR },
			   'x'));
	if (bytes.n < LONG)
		seen->shorter++;
	else if (is_all(tail, 'x'))
		seen->whole++;
	else if (memchr(tail.p, '\0', tail.n))
		seen->holes++;
	else
		seen->ghosts++;
}

static struct seen look_at_all(const struct medium *m, bool ghosts)
{
	struct medium_loss loss = { .of = MEDIUM_LOSES_SOME,
				    .ghosts = ghosts };
	struct seen seen = { 0 };
	struct kith_slice bytes;

	for (; loss.seed < SEEDS; loss.seed++) {
		struct medium *left = medium_left(m, &loss);

		assert_true(look(left, NOTES, &bytes));
		judge(bytes, &seen);
		medium_free(left);
	}
	return seen;
}

static void what_was_appended_may_be_there_in_any_part(void **state)
{
	struct seen seen;

	memset(many, 'o', sizeof(many));
	assert_int_equal(write_file(*state, SEGMENT, 0, xs(LONG), true), 0);
	memset(many, 'x', sizeof(many));
	assert_int_equal(write_file(*state, NOTES, 0, xs(MEDIUM_SECTOR), true),
			 0);
	assert_int_equal(write_file(*state, NOTES, MEDIUM_SECTOR,
				    xs(LONG - MEDIUM_SECTOR), false), 0);
	seen = look_at_all(*state, false);
	assert_true(seen.shorter && seen.whole && seen.holes && !seen.ghosts);
	seen = look_at_all(*state, true);
	assert_true(seen.ghosts);
}

static void a_new_name_may_be_lost_until_its_folder_is_synced(void **state)
{
	struct medium_loss loss = { .of = MEDIUM_LOSES_SOME };
	unsigned there = 0;

	assert_int_equal(write_file(*state, NOTES, 0, xs(1), false), 0);
	for (; loss.seed < SEEDS; loss.seed++) {
		struct medium *left = medium_left(*state, &loss);
		struct kith_slice bytes;

		there += look(left, NOTES, &bytes);
		medium_free(left);
	}
	assert_in_range(there, 1, SEEDS - 1);
}

/* Every prefix: nothing, each of its sectors, all. */
static void it_is_pulled_out_at_every_change_and_torn_at_every_sector(
	void **state)
{
	struct medium_loss loss = { .of = MEDIUM_LOSES_NONE };
	struct kith_slice bytes;
	struct medium *left;

	medium_pull_at(*state, 1);
	assert_int_equal(write_file(*state, NOTES, 0, xs(LONG - 1), true),
			 KITH_EIO);
	assert_int_equal(write_file(*state, SEGMENT, 0, xs(1), true),
			 KITH_EIO);
	assert_int_equal(medium_tears(*state), 5);
	for (; loss.torn <= 5; loss.torn++) {
		size_t n = loss.torn * MEDIUM_SECTOR;

		left = medium_left(*state, &loss);
		assert_true(look(left, NOTES, &bytes));
		assert_int_equal(bytes.n, n < LONG ? n : LONG - 1);
		medium_free(left);
	}
}

static void a_rename_may_leave_either_both_or_no_name(void **state)
{
	struct medium_loss loss = { .of = MEDIUM_LOSES_SOME };
	struct folder *f = medium_folder(*state, CAN);
	unsigned seen[4] = { 0 };

	assert_int_equal(write_file(*state, NOTES, 0, xs(1), true), 0);
	medium_settle(*state);
	medium_pull_at(*state, 1);
	assert_int_equal(folder_rename(f, NOTES, SEGMENT, NULL), KITH_EIO);
	for (; loss.seed < SEEDS; loss.seed++) {
		struct medium *left = medium_left(*state, &loss);
		struct kith_slice bytes;

		seen[look(left, NOTES, &bytes) +
		     2 * look(left, SEGMENT, &bytes)]++;
		medium_free(left);
	}
	for (int i = 0; i < 4; i++)
		assert_int_not_equal(seen[i], 0);
	folder_free(f);
}

static void one_call_fails_and_the_next_does_not(void **state)
{
	medium_fail_at(*state, 1);
	assert_int_equal(write_file(*state, NOTES, 0, xs(1), true), KITH_EIO);
	assert_int_equal(write_file(*state, NOTES, 0, xs(1), true), KITH_OK);
}

static void a_full_medium_takes_what_fits(void **state)
{
	struct kith_slice bytes;

	medium_set_capacity(*state, 700);
	assert_int_equal(write_file(*state, NOTES, 0, xs(600), true), 0);
	assert_int_equal(write_file(*state, SEGMENT, 0, xs(200), true),
			 KITH_EFULL);
	assert_true(look(*state, SEGMENT, &bytes));
	assert_int_equal(bytes.n, 100);
	assert_int_equal(write_file(*state, NOTES, 0, xs(500), true), 0);
}

static void a_lying_medium_gives_zeros_back(void **state)
{
	struct kith_buf b = { .limit = LONG };
	struct folder *f = medium_folder(*state, CAN);

	medium_set_honest(*state, 2 * MEDIUM_SECTOR);
	assert_int_equal(write_file(*state, NOTES, 0, xs(LONG), true), 0);
	assert_int_equal(folder_get(f, NOTES, &b, NULL), KITH_OK);
	assert_int_equal(b.n, LONG);
	assert_true(is_all((struct kith_slice){ b.p, 2 * MEDIUM_SECTOR },
			   'x'));
	assert_true(is_all((struct kith_slice){ b.p + 2 * MEDIUM_SECTOR,
						3 * MEDIUM_SECTOR }, 0));
	kith_buf_free(&b);
	folder_free(f);
}

static void a_read_only_medium_denies(void **state)
{
	assert_int_equal(write_file(*state, NOTES, 0, xs(1), true), 0);
	medium_set_read_only(*state, true);
	assert_int_equal(write_file(*state, NOTES, 0, xs(2), true),
			 KITH_EDENIED);
	assert_int_equal(write_file(*state, SEGMENT, 0, xs(2), true),
			 KITH_EDENIED);
}

static void every_damage_changes_the_medium(void **state)
{
	assert_int_equal(write_file(*state, NOTES, 0, xs(LONG), true), 0);
	assert_int_equal(write_file(*state, SEGMENT, 0, xs(10), true), 0);
	for (uint64_t seed = 0; seed < SEEDS; seed++) {
		struct medium *copy = medium_copy(*state);
		struct medium_harm harm =
			medium_damage(copy, seed, MEDIUM_SECTOR);

		assert_false(medium_equal(copy, *state));
		assert_in_range(harm.bytes, 1, MEDIUM_SECTOR);
		medium_free(copy);
	}
}

static void what_a_copy_stopped_midway_lacks_a_merge_brings(void **state)
{
	unsigned partial = 0;

	assert_int_equal(write_file(*state, NOTES, 0, xs(LONG), true), 0);
	assert_int_equal(write_file(*state, SEGMENT, 0, xs(10), true), 0);
	for (uint64_t seed = 0; seed < SEEDS; seed++) {
		struct medium *copy = medium_copy_some(*state, seed);

		partial += !medium_equal(copy, *state);
		medium_merge(copy, *state);
		assert_true(medium_equal(copy, *state));
		medium_free(copy);
	}
	assert_int_not_equal(partial, 0);
}

static void a_merge_keeps_the_longer_file(void **state)
{
	struct medium *other = medium_new();
	struct kith_slice bytes;

	assert_int_equal(write_file(*state, NOTES, 0, xs(10), true), 0);
	assert_int_equal(write_file(other, NOTES, 0, xs(9), true), 0);
	assert_int_equal(write_file(other, SEGMENT, 0, xs(9), true), 0);
	medium_merge(*state, other);
	assert_true(look(*state, NOTES, &bytes));
	assert_int_equal(bytes.n, 10);
	assert_true(look(*state, SEGMENT, &bytes));
	assert_int_equal(bytes.n, 9);
	medium_free(other);
}

#define TEST(test)                                                             \
	cmocka_unit_test_setup_teardown(test, open_medium, close_medium)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(what_was_finished_is_never_lost),
		TEST(what_was_appended_may_be_there_in_any_part),
		TEST(a_new_name_may_be_lost_until_its_folder_is_synced),
		TEST(it_is_pulled_out_at_every_change_and_torn_at_every_sector),
		TEST(a_rename_may_leave_either_both_or_no_name),
		TEST(one_call_fails_and_the_next_does_not),
		TEST(a_full_medium_takes_what_fits),
		TEST(a_lying_medium_gives_zeros_back),
		TEST(a_read_only_medium_denies),
		TEST(every_damage_changes_the_medium),
		TEST(what_a_copy_stopped_midway_lacks_a_merge_brings),
		TEST(a_merge_keeps_the_longer_file),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
