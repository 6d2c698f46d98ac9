#include "feeds/json.h"
#include "src/views/filler.h"
#include "tests/fuzz/replay.h"

/* Content is canonical by the time a view reads it.  Each view takes any, and
 * has room for all it says of one message. */
static void take(struct kith_slice content)
{
	struct message_row row = { .rx = 1, .feed_number = 1, .sequence = 1,
				   .received_us = 1 };
	struct view_message m = { .row = &row, .claimed = 1,
				  .content = content };
	struct filler *f = filler_new();

	for (size_t i = 0; f && views[i]; i++)
		if (views[i]->rows && !filler_add(f, views[i], &m))
			__builtin_trap();
	filler_free(f);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	/* Messages are shorter. */
	struct kith_buf canonical = { .limit = 64 << 10 };
	struct kith_slice value;

	if (json_check((struct kith_slice){ data, size }, &value, NULL))
		return 0;
	json_compact(value, &canonical);
	if (!canonical.err)
		take(kith_bytes(&canonical));
	kith_buf_free(&canonical);
	return 0;
}
