#include <stdlib.h>

#include <sodium.h>

#include "src/depot/memory.h"
#include "tests/fuzz/replay.h"

enum { TEXT_BYTES_MAX = 1 << 20, LINE_BYTES = 20, HASH_BYTES = 32 };

/* What is taken is written, and what is written is taken: as the same bytes
 * from then on. */
static void write_and_take_again(struct depot_memory *m)
{
	struct kith_buf one = { .limit = TEXT_BYTES_MAX * 64 }, two = one;

	if (depot_memory_encode(m, &one))
		__builtin_trap();
	depot_memory_clear(m);
	if (depot_memory_decode(kith_bytes(&one), m) ||
	    depot_memory_encode(m, &two) ||
	    !kith_equal(kith_bytes(&one), kith_bytes(&two)))
		__builtin_trap();
	kith_buf_free(&one);
	kith_buf_free(&two);
}

/* The file as it is, and as if its hash and its depot were right. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct depot_memory m;
	struct kith_slice text = { data, size };
	uint8_t *copy;

	if (size < LINE_BYTES + sizeof(m.depot) + HASH_BYTES ||
	    size > TEXT_BYTES_MAX)
		return 0;
	memset(&m, 0, sizeof(m));
	memcpy(m.depot, data + LINE_BYTES, sizeof(m.depot));
	if (!depot_memory_decode(text, &m))
		write_and_take_again(&m);
	depot_memory_clear(&m);
	copy = malloc(size);
	if (!copy)
		return 0;
	memcpy(copy, data, size);
	text.p = copy;
	crypto_generichash(copy + size - HASH_BYTES, HASH_BYTES, copy,
			   size - HASH_BYTES, NULL, 0);
	if (!depot_memory_decode(text, &m))
		write_and_take_again(&m);
	depot_memory_clear(&m);
	free(copy);
	return 0;
}
