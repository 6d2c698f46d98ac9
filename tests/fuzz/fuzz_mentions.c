#include <stdlib.h>

#include "feeds/json.h"
#include "tests/fuzz/replay.h"
#include "tools/text/mentions.h"

enum { OUT_BYTES_MAX = 1 << 26 };

/* What is said to stand in the text stands there. */
static void check(void *of, const struct mention *m)
{
	const struct kith_slice *text = of;

	if (m->n && (m->at >= text->n || m->n > text->n - m->at))
		abort();
	if (m->kind == MENTION_NAME &&
	    (!m->at || text->p[m->at - 1] != '@'))
		abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct kith_slice text = { data, size };
	struct kith_buf out = { .limit = OUT_BYTES_MAX };

	if (size > MENTIONS_TEXT_BYTES_MAX)
		return 0;
	if (!mentions_find(text, check, &text) || !mentions_write(text, &out))
		abort();
	if (json_kind(kith_bytes(&out)) != JSON_KIND_ARRAY)
		abort();
	kith_buf_free(&out);
	return 0;
}
