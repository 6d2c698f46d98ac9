#include <stdlib.h>

#include "tests/fuzz/replay.h"
#include "tools/text/markdown.h"
#include "tools/text/text.h"

enum { OUT_BYTES_MAX = 1 << 26, PLACES = 4 };

/* Only our own line ends and styles come out, and lines that are text. */
static void check(struct kith_slice out, bool colour)
{
	for (size_t i = 0; i < out.n; i++)
		if (out.p[i] < 0x20 && out.p[i] != '\n' &&
		    !(colour && out.p[i] == 0x1b))
			abort();
	if (!text_is_utf8(out))
		abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct kith_slice text = { data, size };
	static const struct markdown hows[PLACES] = {
		{ .columns = 80 },
		{ .columns = 200, .colour = true },
		{ .columns = 1, .margin = { (const uint8_t *)"  ", 2 } },
		{ .columns = 40, .colour = true },
	};

	for (size_t i = 0; i < PLACES; i++) {
		struct kith_buf out = { .limit = OUT_BYTES_MAX };

		markdown_put(&out, text, &hows[i]);
		markdown_gist(&out, text, &hows[i]);
		if (out.err)
			abort();
		check(kith_bytes(&out), hows[i].colour);
		kith_buf_free(&out);
	}
	return 0;
}
