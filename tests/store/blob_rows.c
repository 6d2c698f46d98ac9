/* TABLE_BLOBS: its rows, what a person says, and the check against the
 * folder. */
#include "src/store/blob_rows.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include <cmocka.h>

#include "src/store/blob_check.h"
#include "src/store/blob_words.h"
#include "tests/store/blob_case.h"

enum { MANY = 300 };

static const int64_t NOW_US = (int64_t)1700000000 * 1000000;

/* --- helpers -------------------------------------------------------------- */

static struct txn *begin(struct blob_case *f, bool write)
{
	struct txn *t;

	assert_int_equal(write ? store_write(f->home.store, &t)
			       : store_read(f->home.store, &t), KITH_OK);
	return t;
}

static struct kith_blob_id add(struct blob_case *f, const char *text)
{
	return case_add(f, kith_text(text));
}

static struct blob_row row_of(struct blob_case *f,
			       const struct kith_blob_id *id)
{
	struct txn *t = begin(f, false);
	struct blob_row row;

	blob_row_get(t, id, &row);
	assert_int_equal(txn_error(t), KITH_OK);
	txn_end(t);
	return row;
}

static void put_row(struct blob_case *f, const struct blob_row *row)
{
	struct txn *t = begin(f, true);

	blob_row_put(t, row);
	assert_int_equal(txn_commit(t), KITH_OK);
}

/* --- rows ----------------------------------------------------------------- */

static struct blob_row full_row(uint8_t n)
{
	return (struct blob_row){
		.id = { { n, 1, 2 } },
		.state = BLOB_WANTED,
		.why = BLOB_WHY_DAMAGED,
		.pinned = n & 1,
		.own = n & 2,
		.asked = n & 4,
		.push = n & 8,
		.hops = n,
		.size = UINT64_MAX - n,
		.added_us = -1 - n,
		.used_us = INT64_MAX - n,
		.from = { KITH_CLASSIC, { n } },
	};
}

static void assert_row(const struct blob_row *row, uint8_t n)
{
	struct blob_row want = full_row(n);

	assert_memory_equal(&row->id, &want.id, sizeof(want.id));
	assert_int_equal(row->state, want.state);
	assert_int_equal(row->why, want.why);
	assert_int_equal(row->pinned, want.pinned);
	assert_int_equal(row->own, want.own);
	assert_int_equal(row->asked, want.asked);
	assert_int_equal(row->push, want.push);
	assert_int_equal(row->hops, want.hops);
	assert_true(row->size == want.size);
	assert_true(row->added_us == want.added_us);
	assert_true(row->used_us == want.used_us);
	assert_true(kith_feed_equal(&row->from, &want.from));
}

static void rows_come_back_as_they_were_put(void **state)
{
	struct blob_case *f = *state;
	struct blob_row row;
	struct txn *t = begin(f, true);

	for (uint8_t i = 0; i < 16; i++) {
		row = full_row(i);
		blob_row_put(t, &row);
	}
	assert_int_equal(txn_commit(t), KITH_OK);
	test_home_reopen(&f->home);
	t = begin(f, false);
	for (uint8_t i = 0; i < 16; i++) {
		struct kith_blob_id id = { { i, 1, 2 } };

		assert_true(blob_row_get(t, &id, &row));
		assert_row(&row, i);
	}
	row.id = (struct kith_blob_id){ { 99 } };
	assert_false(blob_row_get(t, &row.id, &row));
	assert_int_equal(row.id.b[0], 99);
	assert_int_equal(row.hops, BLOB_HOPS_NONE);
	txn_end(t);
}

static void a_walk_begins_behind_any_id(void **state)
{
	struct blob_case *f = *state;
	struct blob_rows rows;
	struct blob_row row;
	struct txn *t = begin(f, true);

	for (uint8_t i = 0; i < 10; i++) {
		row = full_row((uint8_t)(2 * i));
		blob_row_put(t, &row);
	}
	for (uint8_t i = 0; i < 20; i++) {
		struct kith_blob_id after = { { i, 1, 2 } };
		uint8_t n = (uint8_t)(i / 2 * 2 + 2);

		blob_rows_open(&rows, t, &after);
		for (; n < 20; n = (uint8_t)(n + 2)) {
			assert_true(blob_rows_next(&rows, &row));
			assert_row(&row, n);
		}
		assert_false(blob_rows_next(&rows, &row));
		blob_rows_close(&rows);
	}
	assert_int_equal(txn_commit(t), KITH_OK);
}

static void a_malformed_row_is_an_error(void **state)
{
	static const uint8_t key[32], value[61];
	struct kith_slice k = { key, sizeof(key) }, v = { value, 0 };
	struct blob_case *f = *state;
	struct blob_row row;
	struct txn *t;

	for (; v.n < sizeof(value); v.n++) {
		assert_false(blob_row_decode(k, v, &row));
		t = begin(f, true);
		txn_put(t, TABLE_BLOBS, k, v);
		assert_false(blob_row_get(t, &blob_empty, &row));
		assert_false(blob_row_get(t, &(struct kith_blob_id){ { 0 } },
					  &row));
		assert_int_equal(txn_error(t), KITH_EIO);
		txn_end(t);
	}
	assert_true(blob_row_decode(k, v, &row));
	k.n--;
	assert_false(blob_row_decode(k, v, &row));
	k.n++;
	assert_false(blob_row_decode(k, (struct kith_slice){
		(const uint8_t[61]){ 4 }, 61 }, &row));
	assert_false(blob_row_decode(k, (struct kith_slice){
		(const uint8_t[61]){ 0, BLOB_WHY_COUNT }, 61 }, &row));
}

static void a_use_is_noted_once_an_hour(void **state)
{
	const int64_t hour = (int64_t)3600 * 1000000;
	struct blob_row row = { .used_us = NOW_US };
	(void)state;

	assert_false(blob_row_touch(&row, NOW_US));
	assert_false(blob_row_touch(&row, NOW_US + hour));
	assert_true(blob_row_touch(&row, NOW_US + hour + 1));
	assert_true(blob_row_touch(&row, NOW_US - 1));
}

static void every_reason_has_words(void **state)
{
	(void)state;
	for (enum blob_why i = 1; i < BLOB_WHY_COUNT; i++)
		assert_true(strlen(blob_why_text(i)) > 5);
	assert_string_equal(blob_why_text(BLOB_WHY_NONE), "");
	assert_string_equal(blob_why_text(BLOB_WHY_COUNT), "");
}

/* --- words ---------------------------------------------------------------- */

static enum kith_err say(struct blob_case *f, const struct kith_blob_id *id,
			 enum blob_word word, struct blob_task *out)
{
	*out = (struct blob_task){ .blobs = f->blobs, .id = *id, .word = word,
				   .now_us = NOW_US };
	return blob_say(f->home.store, out, NULL);
}

static void words_have_names(void **state)
{
	enum blob_word word;
	(void)state;

	for (enum blob_word i = 0; i < BLOB_WORD_COUNT; i++) {
		assert_true(blob_word_by_name(kith_text(blob_word_name(i)),
					      &word));
		assert_int_equal(word, i);
	}
	assert_false(blob_word_by_name(KITH_SLICE("burn"), &word));
}

static void what_was_added_is_ours(void **state)
{
	struct blob_case *f = *state;
	struct kith_blob_id id = add(f, "x");
	struct blob_task task;

	assert_int_equal(say(f, &id, BLOB_WORD_ADDED, &task), KITH_OK);
	assert_true(task.changed && task.here && task.row.own);
	assert_int_equal(task.row.hops, 0);
	assert_int_equal(task.row.size, 1);
	assert_true(task.row.added_us == NOW_US);
	assert_int_equal(say(f, &id, BLOB_WORD_ADDED, &task), KITH_OK);
	assert_false(task.changed);
	assert_int_equal(say(f, &(struct kith_blob_id){ { 1 } },
			     BLOB_WORD_ADDED, &task), KITH_ENOENT);
	assert_int_equal(say(f, &blob_empty, BLOB_WORD_ADDED, &task), KITH_OK);
}

static void a_want_lasts_until_the_blob_is_here_or_it_is_taken_back(
	void **state)
{
	struct kith_blob_id id = { { 5 } }, here;
	struct blob_case *f = *state;
	struct blob_task task;

	assert_int_equal(say(f, &id, BLOB_WORD_WANT, &task), KITH_OK);
	assert_true(task.changed && !task.here && task.row.asked);
	test_home_reopen(&f->home);
	assert_int_equal(row_of(f, &id).state, BLOB_WANTED);
	assert_int_equal(say(f, &id, BLOB_WORD_UNWANT, &task), KITH_OK);
	assert_int_equal(row_of(f, &id).state, BLOB_KNOWN);
	here = add(f, "here");
	assert_int_equal(say(f, &here, BLOB_WORD_WANT, &task), KITH_OK);
	assert_true(task.here && !task.row.asked);
}

static void what_is_pinned_is_not_removed(void **state)
{
	struct blob_case *f = *state;
	struct kith_blob_id id = add(f, "pinned");
	struct blob_task task;
	uint64_t size;

	assert_int_equal(say(f, &id, BLOB_WORD_PIN, &task), KITH_OK);
	assert_true(task.changed && task.row.pinned);
	assert_int_equal(task.row.state, BLOB_HERE);
	assert_int_equal(say(f, &id, BLOB_WORD_RM, &task), KITH_EBUSY);
	assert_int_equal(blob_size(f->blobs, &id, &size), KITH_OK);
	assert_int_equal(say(f, &id, BLOB_WORD_UNPIN, &task), KITH_OK);
	assert_int_equal(say(f, &id, BLOB_WORD_RM, &task), KITH_OK);
	assert_int_equal(blob_size(f->blobs, &id, &size), KITH_ENOENT);
	assert_int_equal(row_of(f, &id).state, BLOB_REMOVED);
	assert_int_equal(row_of(f, &id).why, BLOB_WHY_BY_HAND);
	assert_int_equal(say(f, &id, BLOB_WORD_RM, &task), KITH_ENOENT);
}

static void what_came_keeps_what_was_said_of_it(void **state)
{
	struct blob_case *f = *state;
	struct blob_row row = full_row(15);
	struct txn *t;

	put_row(f, &row);
	t = begin(f, true);
	blob_row_came(t, &row.id, 77, NOW_US, &row);
	assert_int_equal(txn_commit(t), KITH_OK);
	row = row_of(f, &row.id);
	assert_int_equal(row.state, BLOB_HERE);
	assert_int_equal(row.size, 77);
	assert_int_equal(row.hops, 15);
	assert_true(row.pinned && row.own && row.push && !row.asked);
}

/* What is read goes last; an hour is near enough. */
static void reading_notes_a_use_once_an_hour(void **state)
{
	enum { MINUTE_US = 60000000 };
	struct blob_case *f = *state;
	struct kith_blob_id id = add(f, "read");
	struct blob_task task = { .blobs = f->blobs, .id = id,
				  .word = BLOB_WORD_ADDED, .now_us = NOW_US };

	assert_int_equal(blob_say(f->home.store, &task, NULL), KITH_OK);
	task.word = BLOB_WORD_USED;
	task.now_us = NOW_US + MINUTE_US;
	assert_int_equal(blob_say(f->home.store, &task, NULL), KITH_OK);
	assert_int_equal(row_of(f, &id).used_us, NOW_US);
	task.now_us = NOW_US + (int64_t)120 * MINUTE_US;
	assert_int_equal(blob_say(f->home.store, &task, NULL), KITH_OK);
	assert_int_equal(row_of(f, &id).used_us, task.now_us);
	task.id.b[0] ^= 1;
	assert_int_equal(blob_say(f->home.store, &task, NULL), KITH_OK);
	assert_false(task.here);
}

/* --- the check ------------------------------------------------------------ */

static struct blob_counts check(struct blob_case *f, bool full, bool dry)
{
	struct blob_check c = { .blobs = f->blobs, .full = full, .dry = dry };
	struct blob_counts counts;
	bool more = true;

	while (more)
		assert_int_equal(blob_check_some(f->home.store, &c, &more,
						 NULL), KITH_OK);
	counts = c.counts;
	blob_check_clear(&c);
	return counts;
}

static void assert_counts(const struct blob_counts *c, uint64_t blobs,
			  uint64_t new, uint64_t lost, uint64_t damaged)
{
	assert_int_equal(c->blobs, blobs);
	assert_int_equal(c->found[BLOB_FAULT_NEW], new);
	assert_int_equal(c->found[BLOB_FAULT_LOST], lost);
	assert_int_equal(c->found[BLOB_FAULT_DAMAGED], damaged);
}

static void files_that_others_put_there_get_rows(void **state)
{
	struct blob_case *f = *state;
	struct blob_counts c = check(f, false, false);
	char text[32];

	assert_counts(&c, 0, 0, 0, 0);
	for (int i = 0; i < MANY; i++) {
		snprintf(text, sizeof(text), "blob %d", i);
		add(f, text);
	}
	c = check(f, false, true);
	assert_counts(&c, MANY, MANY, 0, 0);
	c = check(f, false, false);
	assert_counts(&c, MANY, MANY, 0, 0);
	c = check(f, true, false);
	assert_counts(&c, MANY, 0, 0, 0);
	assert_int_equal(row_of(f, &(struct kith_blob_id){ { 0 } }).state,
			 BLOB_KNOWN);
}

static void a_row_without_its_file_is_wanted_if_somebody_cares(void **state)
{
	struct blob_case *f = *state;
	struct kith_blob_id ours = add(f, "ours"), other = add(f, "other");
	struct blob_task task;
	struct blob_counts c;

	assert_int_equal(say(f, &ours, BLOB_WORD_ADDED, &task), KITH_OK);
	check(f, false, false);
	assert_int_equal(unlink(blob_case_path(f, &ours)), 0);
	assert_int_equal(unlink(blob_case_path(f, &other)), 0);
	c = check(f, false, true);
	assert_counts(&c, 0, 0, 2, 0);
	assert_int_equal(row_of(f, &ours).state, BLOB_HERE);
	c = check(f, false, false);
	assert_counts(&c, 0, 0, 2, 0);
	assert_int_equal(row_of(f, &ours).state, BLOB_WANTED);
	assert_int_equal(row_of(f, &other).state, BLOB_KNOWN);
	assert_int_equal(row_of(f, &other).why, BLOB_WHY_LOST);
	c = check(f, false, false);
	assert_counts(&c, 0, 0, 0, 0);
}

static void change(const struct blob_case *f, const struct kith_blob_id *id,
		   const char *text)
{
	FILE *file = fopen(blob_case_path(f, id), "wb");

	assert_non_null(file);
	assert_true(fputs(text, file) >= 0);
	assert_int_equal(fclose(file), 0);
}

/* What somebody put there may be as large as the disk. */
static void a_large_file_is_looked_at_in_pieces(void **state)
{
	enum { LARGE = 256 << 20 };
	struct blob_case *f = *state;
	struct kith_blob_id one = add(f, "one"), two = add(f, "two");
	struct blob_check c = { .blobs = f->blobs };
	bool more = true;
	int slices = 0;

	check(f, false, false);
	assert_int_equal(truncate(blob_case_path(f, &one), LARGE), 0);
	for (; more; slices++)
		assert_int_equal(blob_check_some(f->home.store, &c, &more,
						 NULL), KITH_OK);
	assert_in_range(slices, 2, 10000);
	assert_int_equal(c.counts.found[BLOB_FAULT_DAMAGED], 1);
	assert_int_equal(c.counts.blobs, 1);
	assert_int_equal(row_of(f, &one).why, BLOB_WHY_DAMAGED);
	assert_int_equal(row_of(f, &two).state, BLOB_HERE);
	blob_check_clear(&c);
}

/* The walk goes on from where it is, past what it saw before. */
static struct blob_check passed(struct blob_case *f,
				const struct kith_blob_id *id)
{
	struct blob_check c = { .blobs = f->blobs,
				.walk = blob_walk_new(f->blobs, id) };
	bool more = true;

	assert_non_null(c.walk);
	c.entry.id = *id;
	c.has_entry = true;
	while (more)
		assert_int_equal(blob_check_some(f->home.store, &c, &more,
						 NULL), KITH_OK);
	return c;
}

static void what_came_over_an_empty_file_stays(void **state)
{
	struct blob_case *f = *state;
	struct kith_blob_id one = add(f, "one");
	struct blob_check c;

	check(f, false, false);
	c = passed(f, &one);
	blob_check_clear(&c);
	assert_int_equal(blob_verify(f->blobs, &one), KITH_OK);
	assert_int_equal(row_of(f, &one).state, BLOB_HERE);
}

static void what_came_behind_the_walk_is_not_lost(void **state)
{
	struct blob_case *f = *state;
	struct kith_blob_id one = add(f, "one");
	struct kith_blob_id last;
	struct blob_check c;

	check(f, false, false);
	memset(&last, 0xff, sizeof(last));
	c = passed(f, &last);
	assert_int_equal(c.counts.found[BLOB_FAULT_LOST], 0);
	blob_check_clear(&c);
	assert_int_equal(row_of(f, &one).state, BLOB_HERE);
}

static void a_damaged_file_goes(void **state)
{
	struct blob_case *f = *state;
	struct kith_blob_id one = add(f, "one"), two = add(f, "two");
	struct kith_blob_id three = add(f, "three");
	struct blob_counts c;

	check(f, false, false);
	change(f, &one, "on");
	change(f, &two, "2wo");
	change(f, &three, "");
	/* Of the same size: only a full check looks at that. */
	c = check(f, false, true);
	assert_counts(&c, 1, 0, 0, 2);
	c = check(f, true, true);
	assert_counts(&c, 0, 0, 0, 3);
	c = check(f, true, false);
	assert_counts(&c, 0, 0, 0, 3);
	assert_int_equal(row_of(f, &two).why, BLOB_WHY_DAMAGED);
	assert_int_not_equal(access(blob_case_path(f, &two), F_OK), 0);
	c = check(f, true, false);
	assert_counts(&c, 0, 0, 0, 0);
}

static void a_wrong_size_in_a_row_is_mended(void **state)
{
	struct blob_case *f = *state;
	struct kith_blob_id id = add(f, "right");
	struct blob_row row;
	struct blob_counts c;

	check(f, false, false);
	row = row_of(f, &id);
	row.size = 99;
	row.pinned = true;
	put_row(f, &row);
	c = check(f, false, false);
	assert_counts(&c, 1, 0, 0, 0);
	assert_int_equal(row_of(f, &id).size, 5);
	assert_true(row_of(f, &id).pinned);
}

static void a_file_that_came_by_hand_ends_a_want(void **state)
{
	struct blob_case *f = *state;
	struct kith_blob_id id = add(f, "wanted");
	struct blob_task task;
	struct blob_counts c;

	assert_int_equal(unlink(blob_case_path(f, &id)), 0);
	assert_int_equal(say(f, &id, BLOB_WORD_WANT, &task), KITH_OK);
	add(f, "wanted");
	c = check(f, false, false);
	assert_counts(&c, 1, 1, 0, 0);
	assert_int_equal(row_of(f, &id).state, BLOB_HERE);
	assert_false(row_of(f, &id).asked);
}

#define TEST(name) \
	cmocka_unit_test_setup_teardown(name, blob_case_open, blob_case_close)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(rows_come_back_as_they_were_put),
		TEST(a_walk_begins_behind_any_id),
		TEST(a_malformed_row_is_an_error),
		TEST(a_use_is_noted_once_an_hour),
		TEST(every_reason_has_words),
		TEST(words_have_names),
		TEST(what_was_added_is_ours),
		TEST(a_want_lasts_until_the_blob_is_here_or_it_is_taken_back),
		TEST(what_is_pinned_is_not_removed),
		TEST(what_came_keeps_what_was_said_of_it),
		TEST(files_that_others_put_there_get_rows),
		TEST(a_row_without_its_file_is_wanted_if_somebody_cares),
		TEST(reading_notes_a_use_once_an_hour),
		TEST(a_large_file_is_looked_at_in_pieces),
		TEST(what_came_over_an_empty_file_stays),
		TEST(what_came_behind_the_walk_is_not_lost),
		TEST(a_damaged_file_goes),
		TEST(a_wrong_size_in_a_row_is_mended),
		TEST(a_file_that_came_by_hand_ends_a_want),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
