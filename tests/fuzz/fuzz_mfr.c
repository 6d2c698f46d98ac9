#include "feeds/json.h"
#include "src/views/mfr.h"
#include "tests/fuzz/replay.h"

/* What comes out is JSON too. */
static void emit(void *arg, struct kith_slice value)
{
	size_t *emitted = arg;

	++*emitted;
	if (json_check(value, NULL, NULL))
		__builtin_trap();
}

/* {"query":[...],"values":[...]}: the values go through the query. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct kith_slice text, value;
	struct kith_error e = { 0 };
	size_t at = 0, emitted = 0;
	struct mfr *m;

	if (json_check((struct kith_slice){ data, size }, &text, NULL))
		return 0;
	if (mfr_new(json_get(text, "query"), emit, &emitted, &m, &e)) {
		if (!e.text[0])
			__builtin_trap();
		return 0;
	}
	while (json_next_element(json_get(text, "values"), &at, &value))
		if (mfr_take(m, value))
			break;
	(void)!mfr_finish(m);
	mfr_free(m);
	return 0;
}
