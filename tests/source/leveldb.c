#include "src/source/leveldb.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

#include "tests/support/data.h"

enum { KEYS = 200, LONG = 40000 };

/* The newest of each key, as the database has it. */
struct contents {
	struct {
		uint64_t sequence;
		bool deleted;
		bool good; /* the value that was put first */
	} keys[KEYS];
	size_t entries, others;
};

static bool is_first(size_t i, struct kith_slice value)
{
	char want[64];

	snprintf(want, sizeof(want), "value %zu %.*s", i, (int)(i % 50),
		 "xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx");
	return kith_equal(value, kith_text(want));
}

static void take(void *arg, const struct leveldb_entry *e)
{
	struct contents *c = arg;
	char name[8] = { 0 };
	size_t i;

	c->entries++;
	if (e->key.n != 6) {
		assert_true(kith_equal(e->key, KITH_SLICE("long")));
		assert_int_equal(e->value.n, LONG);
		c->others++;
		return;
	}
	memcpy(name, e->key.p, e->key.n);
	i = (size_t)strtoul(name + 3, NULL, 10);
	assert_true(i < KEYS);
	if (e->sequence < c->keys[i].sequence)
		return;
	c->keys[i].sequence = e->sequence;
	c->keys[i].deleted = e->deleted;
	c->keys[i].good = is_first(i, e->value);
}

static void table_and_log_give_what_the_database_has(void **state)
{
	struct kith_buf table = data_read("own/leveldb/000005.ldb");
	struct kith_buf log = data_read("own/leveldb/000006.log");
	struct contents c = { .entries = 0 };
	(void)state;

	assert_int_equal(leveldb_log(kith_bytes(&log), take, &c), KITH_OK);
	assert_int_equal(c.entries, 4);
	assert_int_equal(c.others, 1);
	assert_int_equal(leveldb_table(kith_bytes(&table), take, &c), KITH_OK);
	for (size_t i = 0; i < KEYS; i++) {
		bool deleted = (i % 10 == 0 && i) || i == 2;

		assert_int_equal(c.keys[i].deleted, deleted);
		assert_int_equal(c.keys[i].good, !deleted && i > 1);
	}
	kith_buf_free(&table);
	kith_buf_free(&log);
}

static void ignore(void *arg, const struct leveldb_entry *e)
{
	size_t *sum = arg;

	for (size_t i = 0; i < e->key.n; i++)
		*sum += e->key.p[i];
	for (size_t i = 0; i < e->value.n; i++)
		*sum += e->value.p[i];
}

/* What is taken for good is what it was: the rest is of no use to us, as the
 * filter is. */
static void no_damaged_byte_of_a_table_changes_what_is_read(void **state)
{
	struct kith_buf table = data_read("own/leveldb/000005.ldb");
	size_t whole = 0, found = 0;
	(void)state;

	assert_int_equal(leveldb_table(kith_bytes(&table), ignore, &whole),
			 KITH_OK);
	for (size_t i = 0; i < table.n; i++) {
		size_t sum = 0;

		table.p[i] ^= 0x10;
		if (leveldb_table(kith_bytes(&table), ignore, &sum))
			found++;
		else
			assert_int_equal(sum, whole);
		table.p[i] ^= 0x10;
	}
	assert_true(found > table.n / 2);
	for (size_t n = 0; n < table.n; n++) {
		size_t sum = 0;

		assert_int_equal(leveldb_table((struct kith_slice){
						       table.p, n },
					       ignore, &sum), KITH_EFORMAT);
	}
	kith_buf_free(&table);
}

static void a_log_that_is_cut_off_gives_what_is_whole(void **state)
{
	struct kith_buf log = data_read("own/leveldb/000006.log");
	struct contents c = { .entries = 0 };
	(void)state;

	assert_int_equal(leveldb_log((struct kith_slice){ log.p, log.n - 1 },
				     take, &c), KITH_EFORMAT);
	assert_int_equal(c.entries, 2);
	log.p[10] ^= 1;
	c.entries = 0;
	assert_int_equal(leveldb_log(kith_bytes(&log), take, &c), KITH_EFORMAT);
	assert_int_equal(c.entries, 0);
	kith_buf_free(&log);
}

static void assert_unpacks(struct kith_slice packed, const char *want)
{
	struct kith_buf out = { .limit = 1000 };

	assert_int_equal(leveldb_unpack(packed, &out), KITH_OK);
	assert_int_equal(out.n, strlen(want));
	assert_memory_equal(out.p, want, out.n);
	kith_buf_free(&out);
}

static void every_element_of_snappy_is_unpacked(void **state)
{
	(void)state;

	assert_unpacks(KITH_SLICE("\x03\x08" "abc"), "abc");
	/* a literal with its length behind the tag */
	assert_unpacks(KITH_SLICE("\x03\xf0\x02" "abc"), "abc");
	/* copies with offsets of one, two and four bytes, over themselves */
	assert_unpacks(KITH_SLICE("\x06\x00" "a\x05\x01"), "aaaaaa");
	assert_unpacks(KITH_SLICE("\x05\x04" "ab\x0a\x02\x00"), "ababa");
	assert_unpacks(KITH_SLICE("\x05\x04" "ab\x0b\x02\x00\x00\x00"),
		       "ababa");
}

static void malformed_snappy_is_refused(void **state)
{
	static const struct kith_slice cases[] = {
		{ (const uint8_t *)"", 0 },
		{ (const uint8_t *)"\x03", 1 },
		{ (const uint8_t *)"\x03\x08" "ab", 4 },     /* cut off */
		{ (const uint8_t *)"\x02\x08" "abc", 5 },    /* too much */
		{ (const uint8_t *)"\x05\x00" "a\x05\x02", 5 }, /* too far */
		{ (const uint8_t *)"\x05\x00" "a\x05\x00", 5 },
		{ (const uint8_t *)"\x05\xfc\xff\xff\xff\xff", 6 },
	};
	struct kith_buf out = { .limit = 1000 };
	(void)state;

	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		kith_buf_reset(&out);
		assert_int_equal(leveldb_unpack(cases[i], &out), KITH_EFORMAT);
	}
	kith_buf_reset(&out);
	assert_int_equal(leveldb_unpack(KITH_SLICE("\xe9\x07"), &out),
			 KITH_ETOOBIG);
	kith_buf_free(&out);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(table_and_log_give_what_the_database_has),
		cmocka_unit_test(no_damaged_byte_of_a_table_changes_what_is_read),
		cmocka_unit_test(a_log_that_is_cut_off_gives_what_is_whole),
		cmocka_unit_test(every_element_of_snappy_is_unpacked),
		cmocka_unit_test(malformed_snappy_is_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
