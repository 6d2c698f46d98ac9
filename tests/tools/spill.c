#include "tools/stream/spill.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>

#include <cmocka.h>

#include "tests/support/alloc.h"

enum { FEEDS = 7, VALUE_BYTES_MAX = 3000 };

static uint8_t filler[KITH_MSG_WIRE_BYTES_MAX];

static uint32_t next_random(uint32_t *x)
{
	*x = *x * 1664525 + 1013904223;
	return *x >> 8;
}

/* Entry i of a seed: everything in it follows from i. */
static struct spill_entry entry(uint32_t seed, uint32_t i)
{
	uint32_t x = seed + i * 2654435761U;
	struct spill_entry out = {
		.feed = { .format = KITH_CLASSIC },
		.sequence = next_random(&x) % 1000 + 1,
		.line = i + 1,
		.file = i % 3,
		.received_us = INT64_MAX - i,
	};

	memset(out.feed.b, (int)(next_random(&x) % FEEDS), KITH_ID_BYTES);
	out.value.p = filler + next_random(&x) % 256;
	out.value.n = next_random(&x) % VALUE_BYTES_MAX;
	return out;
}

static int order(const struct spill_entry *a, const struct spill_entry *b)
{
	int feeds = memcmp(a->feed.b, b->feed.b, KITH_ID_BYTES);

	if (feeds)
		return feeds;
	if (a->sequence != b->sequence)
		return a->sequence < b->sequence ? -1 : 1;
	if (a->file != b->file)
		return a->file < b->file ? -1 : 1;
	return a->line < b->line ? -1 : 1;
}

static void put(struct spill *s, uint32_t seed, uint32_t count)
{
	for (uint32_t i = 0; i < count; i++) {
		struct spill_entry e = entry(seed, i);

		assert_int_equal(spill_put(s, &e, NULL), KITH_OK);
	}
	assert_int_equal(spill_count(s), count);
}

/* All come back, whole and in order. */
static void assert_sorted(struct spill *s, uint32_t seed, uint32_t count)
{
	struct spill_entry got, before = { .sequence = 0 };
	uint8_t *seen = calloc(count + 1, 1);

	assert_non_null(seen);
	assert_int_equal(spill_sort(s, NULL), KITH_OK);
	for (uint32_t n = 0; n < count; n++) {
		struct spill_entry want;

		assert_int_equal(spill_next(s, &got, NULL), KITH_OK);
		assert_int_equal(spill_count(s), count - n - 1);
		assert_in_range(got.line, 1, count);
		want = entry(seed, (uint32_t)got.line - 1);
		assert_false(seen[got.line - 1]++);
		assert_int_equal(got.sequence, want.sequence);
		assert_int_equal(got.file, want.file);
		assert_true(got.received_us == want.received_us);
		assert_true(kith_feed_equal(&got.feed, &want.feed));
		assert_true(kith_equal(got.value, want.value));
		if (n)
			assert_true(order(&before, &got) < 0);
		before = got;
	}
	assert_int_equal(spill_next(s, &got, NULL), KITH_ENOENT);
	assert_int_equal(spill_next(s, &got, NULL), KITH_ENOENT);
	free(seen);
}

static void assert_round(const char *folder, uint32_t count, size_t ways)
{
	struct spill *s = spill_new(folder, SPILL_DISK_BYTES, ways);

	assert_non_null(s);
	put(s, count, count);
	assert_sorted(s, count, count);
	spill_free(s);
}

static void few_never_touch_the_disk(void **state)
{
	(void)state;
	for (uint32_t count = 0; count < 20; count++)
		assert_round("/nowhere/at/all", count, SPILL_WAYS_MIN);
	assert_round("/nowhere/at/all", 3000, SPILL_WAYS);
}

static void many_come_back_in_order(void **state)
{
	(void)state;
	/* 128 kB hold about 80: one run, several, a merge, merges of merges. */
	assert_round("/tmp", 100, SPILL_WAYS_MIN);
	assert_round("/tmp", 300, SPILL_WAYS_MIN);
	assert_round("/tmp", 500, SPILL_WAYS_MIN);
	assert_round("/tmp", 2000, SPILL_WAYS_MIN);
	assert_round("/tmp", 20000, SPILL_WAYS_MIN);
	assert_round("/tmp", 20000, 16);
	assert_round("/tmp", 20000, SPILL_WAYS);
}

static void the_largest_messages_fit(void **state)
{
	struct spill *s = spill_new("/tmp", SPILL_DISK_BYTES, SPILL_WAYS_MIN);
	struct spill_entry e = entry(1, 1), got;
	(void)state;

	assert_non_null(s);
	e.value = (struct kith_slice){ filler, sizeof(filler) };
	for (e.line = 100; e.line > 0; e.line--)
		assert_int_equal(spill_put(s, &e, NULL), KITH_OK);
	assert_int_equal(spill_sort(s, NULL), KITH_OK);
	for (uint64_t line = 1; line <= 100; line++) {
		assert_int_equal(spill_next(s, &got, NULL), KITH_OK);
		assert_int_equal(got.line, line);
		assert_true(kith_equal(got.value, e.value));
	}
	assert_int_equal(spill_next(s, &got, NULL), KITH_ENOENT);
	spill_free(s);
}

/* Puts until it is refused; what was put before stays. */
static void assert_refused(const char *folder, uint64_t disk,
			   enum kith_err want)
{
	struct spill *s = spill_new(folder, disk, SPILL_WAYS_MIN);
	enum kith_err err = KITH_OK;
	struct kith_error error = { 0 };
	uint32_t n = 0;

	assert_non_null(s);
	while (!err) {
		struct spill_entry e = entry(9, n);

		err = spill_put(s, &e, &error);
		n += !err;
	}
	assert_int_equal(err, want);
	assert_true(*error.text);
	assert_int_equal(spill_count(s), n);
	if (disk)
		assert_sorted(s, 9, n);
	spill_free(s);
}

static void the_disk_has_a_limit(void **state)
{
	(void)state;
	assert_refused("/tmp", 1 << 20, KITH_EFULL);
	assert_refused("/tmp", 0, KITH_EFULL);
}

static void a_folder_that_is_not_there_is_told(void **state)
{
	struct kith_error error = { 0 };
	struct spill *s = spill_new("/nowhere/at/all", SPILL_DISK_BYTES,
				    SPILL_WAYS_MIN);
	enum kith_err err = KITH_OK;
	(void)state;

	assert_non_null(s);
	for (uint32_t i = 0; !err; i++) {
		struct spill_entry e = entry(3, i);

		err = spill_put(s, &e, &error);
	}
	assert_int_equal(err, KITH_EIO);
	assert_non_null(strstr(error.text, "/nowhere/at/all"));
	spill_free(s);
}

/* As far as it comes; what was put comes back, or it is told. */
static void put_and_give_without_memory(void)
{
	struct spill *s = spill_new("/tmp", SPILL_DISK_BYTES, SPILL_WAYS_MIN);
	struct spill_entry e;
	enum kith_err err = KITH_OK;
	uint32_t n = 0;

	for (; s && !err && n < 300; n++) {
		e = entry(5, n);
		err = spill_put(s, &e, NULL);
	}
	if (err) {
		assert_int_equal(err, KITH_ENOMEM);
		assert_int_equal(spill_count(s), n - 1);
	}
	if (s && !err)
		err = spill_sort(s, NULL);
	while (s && !err) {
		err = spill_next(s, &e, NULL);
		n -= !err;
	}
	if (s && err == KITH_ENOENT)
		assert_int_equal(n, 0);
	spill_free(s);
}

static void every_allocation_may_fail(void **state)
{
	(void)state;
	for (size_t n = 1; alloc_fail_at(n); n++)
		put_and_give_without_memory();
	alloc_reset();
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(few_never_touch_the_disk),
		cmocka_unit_test(many_come_back_in_order),
		cmocka_unit_test(the_largest_messages_fit),
		cmocka_unit_test(the_disk_has_a_limit),
		cmocka_unit_test(a_folder_that_is_not_there_is_told),
		cmocka_unit_test(every_allocation_may_fail),
	};

	for (size_t i = 0; i < sizeof(filler); i++)
		filler[i] = (uint8_t)(i * 7 + i / 256);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
