#include "feeds/contact.h"
#include "feeds/json.h"
#include "tests/fuzz/replay.h"

/* Content is canonical by the time a view reads it. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct kith_buf canonical = { .limit = 1 << 20 };
	struct kith_slice value;
	struct kith_feed_id to;
	enum contact_edge edge;

	if (json_check((struct kith_slice){ data, size }, &value, NULL))
		return 0;
	json_compact(value, &canonical);
	if (!canonical.err &&
	    contact_read(kith_bytes(&canonical), &to, &edge) &&
	    edge != CONTACT_FOLLOW && edge != CONTACT_UNFOLLOW &&
	    edge != CONTACT_BLOCK)
		__builtin_trap();
	kith_buf_free(&canonical);
	return 0;
}
