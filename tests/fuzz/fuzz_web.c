#include <stdlib.h>

#include "src/web/ask.h"
#include "tests/fuzz/replay.h"

/* A path, a host and a range in one: whatever they are, a part lies within the
 * blob. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	uint64_t from = 0, count = 0;
	struct kith_blob_id id;
	char *text = malloc(size + 1);

	if (!text)
		return 0;
	if (size)
		memcpy(text, data, size);
	text[size] = 0;
	if (ask_blob(text, &id) && ask_is_local(text))
		__builtin_trap();
	if (ask_range(text, size, &from, &count) == ASK_PART &&
	    (!count || from >= size || count > size - from))
		__builtin_trap();
	free(text);
	return 0;
}
