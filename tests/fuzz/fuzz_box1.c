#include <stdlib.h>

#include "feeds/box1.h"
#include "feeds/json.h"
#include "tests/fuzz/replay.h"

/* The first 33 bytes are a message's own key, the rest a content.  The seed of
 * the identity that it may be for is all ones. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static struct kith_signer *s;
	uint8_t seed[KITH_SEED_BYTES];
	struct kith_box_key key = { .n = sizeof(key.b) };
	struct kith_boxed m = { { NULL, 0 }, NULL, NULL };
	struct kith_opened out, again;
	enum kith_opening got;

	memset(seed, 1, sizeof(seed));
	if (kith_init() || (!s && !(s = kith_signer_from_seed(seed))))
		abort();
	if (size < sizeof(key.b))
		return 0;
	memcpy(key.b, data, sizeof(key.b));
	m.content = (struct kith_slice){ data + sizeof(key.b),
					 size - sizeof(key.b) };
	got = kith_box1_open(s, &m, &out);
	if (got == KITH_OPENED && json_check(kith_plain(&out), NULL, NULL))
		abort();
	if ((got == KITH_OPENED || got == KITH_UNUSABLE) &&
	    (kith_box_open_by_key(&m, &out.key, &again) != got ||
	     !kith_equal(kith_plain(&out), kith_plain(&again))))
		abort();
	got = kith_box_open_by_key(&m, &key, &out);
	if (got == KITH_BROKEN)
		abort();
	return 0;
}
