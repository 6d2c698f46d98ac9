#include <stdlib.h>

#include "feeds/secret_seal.h"
#include "tests/fuzz/replay.h"

/* All that is read before a passphrase is tried, which is slow on purpose. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct kith_slice text = { data, size };
	struct kith_error e = { 0 };
	struct kith_feed_id id;
	enum kith_err err;

	if (kith_init())
		abort();
	err = kith_secret_identity(text, &id, &e);
	if (err && !*e.text)
		abort();
	if (!err && kith_secret_is_sealed(text) && id.format != KITH_CLASSIC)
		abort();
	return 0;
}
