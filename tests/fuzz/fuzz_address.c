#include "src/wire/address.h"
#include "tests/fuzz/replay.h"

/* What is taken is printed as a text that is read the same way. */
static void check_printed(const struct address *a)
{
	char text[ADDRESS_TEXT_BYTES], again[ADDRESS_TEXT_BYTES];
	struct address back;

	address_print(a, true, text);
	if (address_parse(kith_text(text), &back, NULL))
		__builtin_trap();
	address_print(&back, true, again);
	if (strcmp(text, again) != 0)
		__builtin_trap();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct kith_slice list = { data, size };
	struct kith_error e = { 0 };
	struct address a;

	if (address_check(list, &e) == KITH_OK && e.code != KITH_OK)
		__builtin_trap();
	if (address_parse(list, &a, NULL) == KITH_OK)
		check_printed(&a);
	return 0;
}
