#include "feeds/ref.h"
#include "tests/fuzz/replay.h"

/* What is taken is printed as a text that stands for the same. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	char uri[KITH_REF_TEXT_BYTES], again[KITH_REF_TEXT_BYTES];
	struct kith_error e = { 0 };
	struct kith_ref ref, back;

	if (kith_ref_parse((struct kith_slice){ data, size }, &ref, &e))
		return 0;
	kith_ref_print_uri(&ref, uri);
	if (kith_ref_parse(kith_text(uri), &back, NULL))
		__builtin_trap();
	kith_ref_print_uri(&back, again);
	if (strcmp(uri, again) != 0)
		__builtin_trap();
	return 0;
}
