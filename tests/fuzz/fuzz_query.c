#include "src/views/query.h"
#include "tests/fuzz/replay.h"

/* Any bytes are a query, or an error that says why, and where in them. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct kith_error e = { 0 };
	struct query *q;

	if (!query_parse((struct kith_slice){ data, size }, &q, &e)) {
		if (query_counts(q) && query_is_live(q))
			__builtin_trap();
		query_free(q);
	} else if ((e.code != KITH_EFORMAT && e.code != KITH_ETOOBIG) ||
		   !e.text[0] || e.offset > size) {
		__builtin_trap();
	}
	return 0;
}
