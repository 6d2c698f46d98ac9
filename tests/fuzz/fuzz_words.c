#include <stdlib.h>

#include "feeds/words.h"
#include "tests/fuzz/replay.h"

/* What is taken comes back the same from its own words. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct kith_signer *s = NULL, *again = NULL;
	struct kith_error e = { 0 };
	char words[KITH_WORDS_BYTES];

	if (kith_init())
		abort();
	if (kith_words_decode((struct kith_slice){ data, size }, &s, &e))
		return 0;
	kith_words_encode(s, words);
	if (kith_words_decode(kith_text(words), &again, NULL) ||
	    !kith_feed_equal(kith_signer_id(s), kith_signer_id(again)))
		abort();
	kith_signer_free(s);
	kith_signer_free(again);
	return 0;
}
