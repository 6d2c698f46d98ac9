#include "src/store/keys.h"
#include "src/store/row.h"
#include "tests/fuzz/replay.h"

enum { ROW_BYTES_MAX = 4096, CHECKSUM_BYTES = 4, NUMBER_BYTES = 8 };

/* The checksum that bytes would have if they were a row of rx. */
static uint32_t checksum(const struct crc32c *c, uint64_t rx,
			 struct kith_slice row)
{
	struct key key = key_number(rx);

	row.p += CHECKSUM_BYTES;
	row.n -= CHECKSUM_BYTES;
	return crc32c(c, crc32c(c, 0, key_slice(&key)), row);
}

/* A receive number, then a row of a damaged disk: as it is, and as if its
 * checksum were right.  What is taken is written as the same bytes. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	uint8_t copy[ROW_BYTES_MAX], again[ROW_BYTES_MAX];
	struct kith_slice value = { copy, 0 };
	static struct crc32c c; /* the same in every run */
	struct message_row row;
	uint64_t rx;

	if (size < NUMBER_BYTES || size - NUMBER_BYTES > ROW_BYTES_MAX)
		return 0;
	rx = kith_be64(data);
	value.n = size - NUMBER_BYTES;
	memcpy(copy, data + NUMBER_BYTES, value.n);
	if (!c.table[0][1])
		crc32c_init(&c);
	(void)!row_decode(&c, rx, value, &row);
	if (value.n < NUMBER_BYTES)
		return 0;
	memset(copy + 5, 0, 3);
	kith_put_be32(copy, checksum(&c, rx, value));
	if (row_decode(&c, rx, value, &row) != (value.n > ROW_HEADER_BYTES))
		__builtin_trap();
	if (value.n <= ROW_HEADER_BYTES)
		return 0;
	row_encode(&c, &row, again);
	if (memcmp(copy, again, value.n) != 0)
		__builtin_trap();
	return 0;
}
