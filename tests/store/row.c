#include "src/store/row.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>

#include <cmocka.h>

#define CANON "{\"previous\":null}"

enum { RX = 77, ROW_BYTES = ROW_HEADER_BYTES + sizeof(CANON) - 1 };

static const struct message_row sample = {
	.rx = RX,
	.format = KITH_CLASSIC,
	.feed_number = 0xfedcba98,
	.sequence = UINT64_C(9007199254740991),
	.id = { KITH_CLASSIC, { 1, 2, 3, [31] = 4 } },
	.received_us = INT64_C(1700000000000001),
	.source = 12,
	.units = 8192,
	.canon = { (const uint8_t *)CANON, sizeof(CANON) - 1 },
};

static void assert_castagnoli(const struct crc32c *c)
{
	static const uint8_t zeros[32];

	/* RFC 3720, appendix B.4, and the usual check value. */
	assert_int_equal(crc32c(c, 0, KITH_SLICE("123456789")), 0xe3069283);
	assert_int_equal(crc32c(c, 0, (struct kith_slice){ zeros, 32 }),
			 0x8a9136aa);
}

static void checksum_is_castagnolis_on_any_processor(void **state)
{
	struct crc32c c;
	(void)state;

	crc32c_init(&c);
	assert_castagnoli(&c);
	crc32c_init_table(&c);
	assert_castagnoli(&c);
}

static void checksum_is_the_same_in_pieces(void **state)
{
	const struct kith_slice all =
		KITH_SLICE("a text of more than two times eight bytes");
	struct crc32c c, by_table;
	(void)state;

	crc32c_init(&c);
	crc32c_init_table(&by_table);
	for (size_t n = 0; n <= all.n; n++) {
		struct kith_slice head = { all.p, n };
		struct kith_slice tail = { all.p + n, all.n - n };
		uint32_t crc = crc32c(&c, 0, head);

		assert_int_equal(crc, crc32c(&by_table, 0, head));
		assert_int_equal(crc32c(&c, crc, tail), crc32c(&c, 0, all));
		assert_int_equal(crc32c(&by_table, crc, tail),
				 crc32c(&c, 0, all));
	}
}

static void row_comes_back_whole(void **state)
{
	uint8_t bytes[ROW_BYTES];
	struct message_row out;
	struct crc32c c;
	(void)state;

	crc32c_init(&c);
	row_encode(&c, &sample, bytes);
	assert_true(row_decode(&c, RX, (struct kith_slice){ bytes, ROW_BYTES },
			       &out));
	assert_int_equal(out.rx, sample.rx);
	assert_int_equal(out.format, sample.format);
	assert_int_equal(out.feed_number, sample.feed_number);
	assert_int_equal(out.sequence, sample.sequence);
	assert_true(kith_msg_equal(&out.id, &sample.id));
	assert_int_equal(out.received_us, sample.received_us);
	assert_int_equal(out.source, sample.source);
	assert_int_equal(out.units, sample.units);
	assert_true(kith_equal(out.canon, sample.canon));
}

static void changed_bit_is_noticed(void **state)
{
	uint8_t bytes[ROW_BYTES];
	struct message_row out;
	struct crc32c c;
	(void)state;

	crc32c_init(&c);
	row_encode(&c, &sample, bytes);
	for (size_t bit = 0; bit < 8 * ROW_BYTES; bit++) {
		bytes[bit / 8] ^= (uint8_t)(1u << bit % 8);
		assert_false(row_decode(&c, RX,
					(struct kith_slice){ bytes, ROW_BYTES },
					&out));
		bytes[bit / 8] ^= (uint8_t)(1u << bit % 8);
	}
	assert_false(row_decode(&c, RX + 1,
				(struct kith_slice){ bytes, ROW_BYTES },
				&out));
	for (size_t n = 0; n < ROW_BYTES; n++)
		assert_false(row_decode(&c, RX,
					(struct kith_slice){ bytes, n },
					&out));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(checksum_is_castagnolis_on_any_processor),
		cmocka_unit_test(checksum_is_the_same_in_pieces),
		cmocka_unit_test(row_comes_back_whole),
		cmocka_unit_test(changed_bit_is_noticed),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
