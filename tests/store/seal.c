#include "src/store/seal.h"

#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>

#include "src/store/keys.h"

enum { VALUE_BYTES = 9 };

static const uint8_t key_bytes[] = { 3, 1, 2, 3 };
static const struct kith_slice key = { key_bytes, sizeof(key_bytes) };

/* A row as it stands in the file. */
struct sealed {
	uint8_t bytes[VALUE_BYTES + SEAL_BYTES];
};

static void make(const struct crc32c *c, struct sealed *out)
{
	memcpy(out->bytes, "the value", VALUE_BYTES);
	seal_make(c, TABLE_LOCAL, key,
		  (struct kith_slice){ out->bytes, VALUE_BYTES },
		  out->bytes + VALUE_BYTES);
}

static bool is_whole(const struct crc32c *c, const struct sealed *s,
		     enum store_table table, struct kith_slice of)
{
	struct kith_slice value = { s->bytes, sizeof(s->bytes) };
	bool whole = seal_check(c, table, of, &value);

	assert_int_equal(value.n,
			 whole ? VALUE_BYTES : VALUE_BYTES + SEAL_BYTES);
	return whole;
}

static void every_bit_of_a_sealed_row_counts(void **state)
{
	struct crc32c c;
	struct sealed s;
	(void)state;

	crc32c_init(&c);
	make(&c, &s);
	assert_true(is_whole(&c, &s, TABLE_LOCAL, key));
	for (size_t bit = 0; bit < 8 * sizeof(s.bytes); bit++) {
		s.bytes[bit / 8] ^= (uint8_t)(1 << bit % 8);
		assert_false(is_whole(&c, &s, TABLE_LOCAL, key));
		s.bytes[bit / 8] ^= (uint8_t)(1 << bit % 8);
	}
}

static void a_sealed_row_belongs_to_its_key_and_table(void **state)
{
	struct kith_slice other = { key_bytes, sizeof(key_bytes) - 1 };
	struct crc32c c;
	struct sealed s;
	(void)state;

	crc32c_init(&c);
	make(&c, &s);
	assert_false(is_whole(&c, &s, TABLE_CLOCKS, key));
	assert_false(is_whole(&c, &s, TABLE_LOCAL, other));
}

static void only_what_nothing_else_vouches_for_is_sealed(void **state)
{
	struct key schema = key_kind(KEY_SCHEMA), copy = key_kind(KEY_COPY);
	(void)state;

	assert_true(seal_covers(TABLE_LOCAL, key_slice(&copy)));
	assert_false(seal_covers(TABLE_LOCAL, key_slice(&schema)));
	assert_true(seal_covers(TABLE_FEEDS, key));
	assert_false(seal_covers(TABLE_LOG, key));
	assert_false(seal_covers(TABLE_BY_ID, key));
	assert_false(seal_covers(TABLE_CONTACTS, key));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_bit_of_a_sealed_row_counts),
		cmocka_unit_test(a_sealed_row_belongs_to_its_key_and_table),
		cmocka_unit_test(only_what_nothing_else_vouches_for_is_sealed),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
