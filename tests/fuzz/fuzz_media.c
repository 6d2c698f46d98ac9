#include <stdlib.h>

#include "feeds/media.h"
#include "tests/fuzz/replay.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct media m = media_look((struct kith_slice){ data, size }, size);

	if (!m.type || !*m.type || !m.width != !m.height)
		abort();
	return 0;
}
