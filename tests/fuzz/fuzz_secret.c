#include <stdlib.h>

#include "feeds/secret.h"
#include "tests/fuzz/replay.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct kith_error e = { 0 };
	struct kith_signer *s = NULL;

	if (kith_init())
		abort();
	if (kith_secret_decode((struct kith_slice){ data, size }, &s, &e) ==
	    KITH_OK)
		kith_signer_free(s);
	return 0;
}
