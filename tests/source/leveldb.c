#include "src/source/leveldb.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

#include "src/store/crc32c.h"
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

/* --- tables that no program writes --- */

enum { TABLE_BYTES_MAX = 8 << 20, KEY_BYTES = 4000, SHARING = 100000,
       NAMED = 1000 };

static void put_le(struct kith_buf *b, uint64_t n, size_t bytes)
{
	for (; bytes; bytes--, n >>= 8)
		kith_buf_byte(b, (uint8_t)n);
}

static void put_number(struct kith_buf *b, uint64_t n)
{
	for (; n > 0x7f; n >>= 7)
		kith_buf_byte(b, (uint8_t)(n | 0x80));
	kith_buf_byte(b, (uint8_t)n);
}

/* An entry of a key of more bytes behind those that it shares, and a value. */
static void put_entry(struct kith_buf *b, size_t shared, size_t more,
		      struct kith_slice value)
{
	put_number(b, shared);
	put_number(b, more);
	put_number(b, value.n);
	for (size_t i = 0; i < more; i++)
		kith_buf_byte(b, 1);
	kith_buf_put(b, value);
}

/* Ends the block that began there, not packed; its handle is appended to at. */
static void end_block(struct kith_buf *table, size_t began, struct kith_buf *at)
{
	struct crc32c crc;
	uint32_t sum;

	put_le(table, 0, 4); /* no offsets */
	put_number(at, began);
	put_number(at, table->n - began);
	kith_buf_byte(table, 0);
	crc32c_init(&crc);
	sum = crc32c(&crc, 0, (struct kith_slice){ table->p + began,
						   table->n - began });
	put_le(table, (uint32_t)((sum >> 15 | sum << 17) + 0xa282ead8u), 4);
}

/* Appends the index, where each of count entries names the block at handle,
 * and what is behind it. */
static void end_table(struct kith_buf *table, struct kith_slice handle,
		      size_t count)
{
	struct kith_buf footer = { .limit = 48 };
	size_t began = table->n;

	put_le(&footer, 0, 2);
	for (size_t i = 0; i < count; i++)
		put_entry(table, 0, 1, handle);
	end_block(table, began, &footer);
	put_le(&footer, 0, 40 - footer.n);
	put_le(&footer, UINT64_C(0xdb4775248b80fb57), 8);
	kith_buf_put(table, kith_bytes(&footer));
	kith_buf_free(&footer);
	assert_int_equal(table->err, KITH_OK);
}

static void count_entries(void *arg, const struct leveldb_entry *e)
{
	size_t *n = arg;
	(void)e;

	++*n;
}

static void block_that_is_named_again_is_read_once(void **state)
{
	struct kith_buf table = { .limit = TABLE_BYTES_MAX };
	struct kith_buf handle = { .limit = 20 };
	size_t n = 0;
	(void)state;

	put_entry(&table, 0, 20, KITH_SLICE("value"));
	end_block(&table, 0, &handle);
	end_table(&table, kith_bytes(&handle), NAMED);
	assert_int_equal(leveldb_table(kith_bytes(&table), count_entries, &n),
			 KITH_EFORMAT);
	assert_int_equal(n, 1);
	kith_buf_free(&handle);
	kith_buf_free(&table);
}

/* Four bytes in the file are a key of four thousand. */
static void keys_that_share_bytes_without_end_are_given_up(void **state)
{
	struct kith_buf table = { .limit = TABLE_BYTES_MAX };
	struct kith_buf handle = { .limit = 20 };
	size_t n = 0;
	(void)state;

	put_entry(&table, 0, KEY_BYTES, KITH_SLICE(""));
	for (size_t i = 0; i < SHARING; i++)
		put_entry(&table, KEY_BYTES, 0, KITH_SLICE(""));
	end_block(&table, 0, &handle);
	end_table(&table, kith_bytes(&handle), 1);
	assert_int_equal(leveldb_table(kith_bytes(&table), count_entries, &n),
			 KITH_EFORMAT);
	assert_true(n > 1 && n < SHARING);
	kith_buf_free(&handle);
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
		cmocka_unit_test(
			no_damaged_byte_of_a_table_changes_what_is_read),
		cmocka_unit_test(block_that_is_named_again_is_read_once),
		cmocka_unit_test(
			keys_that_share_bytes_without_end_are_given_up),
		cmocka_unit_test(a_log_that_is_cut_off_gives_what_is_whole),
		cmocka_unit_test(every_element_of_snappy_is_unpacked),
		cmocka_unit_test(malformed_snappy_is_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
