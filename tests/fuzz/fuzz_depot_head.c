#include <stdlib.h>

#include "src/depot/head.h"
#include "src/depot/head_text.h"
#include "tests/fuzz/replay.h"

/* The text as it is, and with the end line that is right for it. */

enum { ROOM = 1 << 20 };

/* What is read is written as the bytes that it was read from. */
static void read_head(struct kith_slice text)
{
	struct depot_head *h = malloc(sizeof(*h));
	struct kith_buf again = { .limit = ROOM };

	if (h && !depot_head_decode(text, h, NULL)) {
		depot_head_encode(&again, h);
		if (!kith_equal(kith_bytes(&again), text))
			abort();
	}
	kith_buf_free(&again);
	free(h);
}

static void read_info(struct kith_slice text)
{
	struct kith_buf again = { .limit = ROOM };
	struct kith_error e = { 0 };
	struct depot_info i;
	enum kith_err err = depot_info_decode(text, &i, &e);

	if (err != e.code || (err && !*e.text))
		abort();
	if (!err) {
		depot_info_encode(&again, &i);
		if (!kith_equal(kith_bytes(&again), text))
			abort();
	}
	kith_buf_free(&again);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct kith_buf text = { .limit = ROOM };

	if (!size || size > DEPOT_HEAD_BYTES_MAX)
		return 0;
	kith_buf_put(&text, (struct kith_slice){ data, size });
	read_head(kith_bytes(&text));
	read_info(kith_bytes(&text));
	head_text_end(&text, 0);
	read_head(kith_bytes(&text));
	read_info(kith_bytes(&text));
	kith_buf_free(&text);
	return 0;
}
