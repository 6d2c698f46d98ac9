#include "src/source/leveldb.h"
#include "tests/fuzz/replay.h"

enum { BYTES_MAX = 1 << 16, OUT_BYTES_MAX = 1 << 18 };

static void look(void *arg, const struct leveldb_entry *e)
{
	size_t *sum = arg;

	for (size_t i = 0; i < e->key.n; i++)
		*sum += e->key.p[i];
	for (size_t i = 0; i < e->value.n; i++)
		*sum += e->value.p[i];
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct kith_slice file = { data, size };
	struct kith_buf out = { .limit = OUT_BYTES_MAX };
	size_t sum = 0;

	if (size > BYTES_MAX)
		return 0;
	(void)!leveldb_log(file, look, &sum);
	(void)!leveldb_table(file, look, &sum);
	if (!leveldb_unpack(file, &out) && out.n > OUT_BYTES_MAX)
		__builtin_trap();
	kith_buf_free(&out);
	return 0;
}
