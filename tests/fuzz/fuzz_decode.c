#include <stdlib.h>

#include "feeds/json.h"
#include "feeds/signer.h"
#include "tests/fuzz/replay.h"
#include "tools/wire/decode.h"

/* Opens nothing, as keys that do not fit. */
static enum kith_opening foreign(void *arg, const struct kith_boxed *box,
				 struct kith_opened *out)
{
	(void)arg;
	(void)out;
	return kith_box_scheme(box->content) ? KITH_FOREIGN : KITH_BROKEN;
}

/* Whatever a token is, its explanation is JSON, and lines are made of it. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const uint8_t app_key[32] = { 1 };
	const struct decode_ways ways = { .app_key = app_key,
					  .open = foreign };
	struct kith_slice token = { data, size };
	struct kith_buf json = { .limit = DECODE_OUT_BYTES_MAX };
	struct kith_buf lines = { .limit = DECODE_OUT_BYTES_MAX };
	enum decode_result result;

	if (size > DECODE_TOKEN_BYTES_MAX || kith_init())
		return 0;
	result = decode_token(&ways, token, &json);
	if ((result == DECODE_UNKNOWN || result == DECODE_NO_MEMORY) !=
	    !json.n)
		abort();
	if (json.n && json_check(kith_bytes(&json), NULL, NULL))
		abort();
	decode_lines(kith_bytes(&json), &lines);
	if (json.n && !lines.n)
		abort();
	kith_buf_free(&json);
	kith_buf_free(&lines);
	return 0;
}
