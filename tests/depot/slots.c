#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "src/depot/stream.h"
#include "tests/support/medium.h"

static const unsigned can_all = FOLDER_WRITES | FOLDER_APPENDS | FOLDER_LISTS;
static const struct depot_writer_id us = { "mzuhvlpymk6xo3epygfy5h4oea" };
static const char *const heads[] = {
	"w/mzuhvlpymk6xo3epygfy5h4oea/head-a.txt",
	"w/mzuhvlpymk6xo3epygfy5h4oea/head-b.txt",
};
static const char *const infos[] = { "depot-a.txt", "depot-b.txt" };

struct bed {
	struct medium *medium;
	struct depot depot;
	struct depot_head *head;
};

static int open_bed(void **state)
{
	struct bed *b = calloc(1, sizeof(*b));

	if (!b)
		return -1;
	b->head = calloc(1, sizeof(*b->head));
	b->medium = medium_new();
	b->depot.medium = medium_folder(b->medium, can_all);
	b->depot.folder = b->depot.medium;
	*state = b;
	return b->head ? 0 : -1;
}

static int close_bed(void **state)
{
	struct bed *b = *state;

	folder_free(b->depot.medium);
	kith_buf_free(&b->depot.info_text);
	medium_free(b->medium);
	free(b->head);
	free(b);
	return 0;
}

static int write_head(struct bed *b, uint64_t generation, int slot)
{
	memset(b->head, 0, sizeof(*b->head));
	b->head->generation = generation;
	assert_int_equal(depot_head_write(&b->depot, &us, b->head, slot,
					  NULL),
			 KITH_OK);
	return slot == 0;
}

static enum kith_err read_head(struct bed *b, int *slot)
{
	struct kith_error e = { 0 };
	enum kith_err err = depot_head_read(&b->depot, &us, b->head, slot,
					    &e);

	assert_int_equal(e.code != KITH_OK, err != KITH_OK);
	assert_true(!err || *e.text);
	return err;
}

static void spoil(struct bed *b, const char *name)
{
	assert_int_equal(folder_put(b->depot.medium, name, KITH_SLICE("oops"),
				    NULL),
			 KITH_OK);
}

static void heads_go_into_the_slots_by_turns(void **state)
{
	struct bed *b = *state;
	int slot = -1;

	for (uint64_t generation = 1; generation < 10; generation++) {
		int before = slot;

		write_head(b, generation, slot);
		assert_int_equal(read_head(b, &slot), KITH_OK);
		assert_int_equal(b->head->generation, generation);
		assert_int_not_equal(slot, before);
	}
}

static void no_head_and_damaged_ones_are_none(void **state)
{
	struct bed *b = *state;
	int slot = 7;

	assert_int_equal(read_head(b, &slot), KITH_ENOENT);
	assert_int_equal(slot, -1);
	write_head(b, 1, -1);
	spoil(b, heads[0]);
	assert_int_equal(read_head(b, &slot), KITH_ENOENT);
	spoil(b, heads[1]);
	assert_int_equal(read_head(b, &slot), KITH_ENOENT);
}

static void older_head_stands_in_for_a_damaged_one(void **state)
{
	struct bed *b = *state;
	int slot;

	write_head(b, 1, -1);
	write_head(b, 2, 0);
	spoil(b, heads[1]);
	assert_int_equal(read_head(b, &slot), KITH_OK);
	assert_int_equal(slot, 0);
	assert_int_equal(b->head->generation, 1);
	write_head(b, 2, 0);
	spoil(b, heads[0]);
	assert_int_equal(read_head(b, &slot), KITH_OK);
	assert_int_equal(slot, 1);
	assert_int_equal(b->head->generation, 2);
}

static void huge_head_is_damage(void **state)
{
	struct bed *b = *state;
	uint8_t *zeros = calloc(1, DEPOT_HEAD_BYTES_MAX + 1);
	int slot;

	assert_non_null(zeros);
	write_head(b, 1, -1);
	assert_int_equal(
		folder_put(b->depot.medium, heads[1],
			   (struct kith_slice){ zeros,
						DEPOT_HEAD_BYTES_MAX + 1 },
			   NULL),
		KITH_OK);
	assert_int_equal(read_head(b, &slot), KITH_OK);
	assert_int_equal(slot, 0);
	free(zeros);
}

/* A bed on another medium, with the same head to work with. */
static struct bed bed_on(struct bed *b, struct medium *m)
{
	struct bed other = { .medium = m, .head = b->head };

	other.depot.medium = other.depot.folder = medium_folder(m, can_all);
	return other;
}

static void clear_bed(struct bed *b)
{
	folder_free(b->depot.medium);
	medium_free(b->medium);
}

/* Whatever is left of a head that was being written, one of the two is read. */
static void head_is_there_after_every_pull(void **state)
{
	struct bed *b = *state;
	size_t pulls = 0;

	write_head(b, 1, -1);
	write_head(b, 2, 0);
	for (uint64_t seed = 0; seed < 300; seed++) {
		struct medium_loss loss = { MEDIUM_LOSES_SOME, seed, seed % 3,
					    seed % 2 };
		struct bed pulled = bed_on(b, medium_copy(b->medium)), left;
		int slot;

		medium_pull_at(pulled.medium, seed % 4);
		memset(b->head, 0, sizeof(*b->head));
		b->head->generation = 3;
		pulls += depot_head_write(&pulled.depot, &us, b->head, 1,
					  NULL) != KITH_OK;
		left = bed_on(b, medium_left(pulled.medium, &loss));
		assert_int_equal(read_head(&left, &slot), KITH_OK);
		assert_in_range(b->head->generation, 2, 3);
		clear_bed(&left);
		clear_bed(&pulled);
	}
	assert_in_range(pulls, 10, 290);
}

static void medium_that_keeps_nothing_is_found_out(void **state)
{
	struct bed *b = *state;
	struct kith_error e = { 0 };

	medium_set_honest(b->medium, 0);
	assert_int_equal(depot_head_write(&b->depot, &us, b->head, -1, &e),
			 KITH_EIO);
	assert_non_null(strstr(e.text, "the medium fails"));
	assert_int_equal(depot_put(&b->depot, "x", KITH_SLICE("x"), NULL),
			 KITH_EIO);
}

static void unreadable_slot_is_no_missing_head(void **state)
{
	struct bed *b = *state;
	int slot;

	medium_settle(b->medium);
	medium_fail_at(b->medium, 0);
	assert_int_equal(read_head(b, &slot), KITH_EIO);
	write_head(b, 1, -1);
	medium_settle(b->medium);
	medium_fail_at(b->medium, 1);
	assert_int_equal(read_head(b, &slot), KITH_OK);
	assert_int_equal(slot, 0);
}

/* --- what a folder is --- */

static int write_info(struct bed *b, uint64_t generation, int slot)
{
	struct depot_info i = { .generation = generation,
				.sealed = KITH_SLICE("{}") };

	assert_int_equal(depot_info_write(&b->depot, &i, slot, NULL),
			 KITH_OK);
	return slot == 0;
}

static enum kith_err read_info(struct bed *b, int *slot)
{
	struct kith_error e = { 0 };
	enum kith_err err = depot_info_read(&b->depot, slot, &e);

	assert_int_equal(e.code, err);
	assert_true(!err || *e.text);
	return err;
}

static void newest_whole_info_is_read(void **state)
{
	struct bed *b = *state;
	int slot = -1;

	assert_int_equal(read_info(b, &slot), KITH_ENOENT);
	write_info(b, 1, slot);
	assert_int_equal(read_info(b, &slot), KITH_OK);
	assert_int_equal(slot, 0);
	write_info(b, 2, slot);
	assert_int_equal(read_info(b, &slot), KITH_OK);
	assert_int_equal(slot, 1);
	assert_int_equal(b->depot.info.generation, 2);
	assert_true(kith_equal(b->depot.info.sealed, KITH_SLICE("{}")));
	spoil(b, infos[1]);
	assert_int_equal(read_info(b, &slot), KITH_OK);
	assert_int_equal(slot, 0);
	assert_int_equal(b->depot.info.generation, 1);
}

static void damaged_infos_are_no_missing_ones(void **state)
{
	struct bed *b = *state;
	int slot = -1;

	spoil(b, infos[1]);
	assert_int_equal(read_info(b, &slot), KITH_EFORMAT);
	spoil(b, infos[0]);
	assert_int_equal(read_info(b, &slot), KITH_EFORMAT);
	assert_int_equal(slot, -1);
}

static void later_version_in_either_slot_is_refused(void **state)
{
	static const char later[] = "kith depot 2\nend 74eecd5f\n";
	struct bed *b = *state;
	int slot = -1;

	for (int i = 0; i < 2; i++) {
		write_info(b, 1, -1);
		write_info(b, 2, 0);
		assert_int_equal(folder_put(b->depot.medium, infos[i],
					    kith_text(later), NULL),
				 KITH_OK);
		assert_int_equal(read_info(b, &slot), KITH_EDENIED);
		assert_int_equal(slot, -1);
	}
}

static int begin(void **state)
{
	(void)state;
	return kith_init() != KITH_OK;
}

#define WITH_BED(test) \
	cmocka_unit_test_setup_teardown(test, open_bed, close_bed)

int main(void)
{
	const struct CMUnitTest tests[] = {
		WITH_BED(heads_go_into_the_slots_by_turns),
		WITH_BED(no_head_and_damaged_ones_are_none),
		WITH_BED(older_head_stands_in_for_a_damaged_one),
		WITH_BED(huge_head_is_damage),
		WITH_BED(head_is_there_after_every_pull),
		WITH_BED(medium_that_keeps_nothing_is_found_out),
		WITH_BED(unreadable_slot_is_no_missing_head),
		WITH_BED(newest_whole_info_is_read),
		WITH_BED(damaged_infos_are_no_missing_ones),
		WITH_BED(later_version_in_either_slot_is_refused),
	};

	return cmocka_run_group_tests(tests, begin, NULL);
}
