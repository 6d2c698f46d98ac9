#include "tests/wire/vectors.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>
#include <sodium.h>

json_t *vectors_load(const char *file, const char *member)
{
	const char *source = getenv("SRCDIR");
	char path[4096];
	json_t *whole, *part;

	snprintf(path, sizeof(path), "%s/tests/vectors/protocol/%s",
		 source ? source : ".", file);
	whole = json_load_file(path, 0, NULL);
	part = json_incref(json_object_get(whole, member));
	json_decref(whole);
	assert_non_null(part);
	return part;
}

size_t vectors_hex(const json_t *from, const char *name, uint8_t *out)
{
	const char *hex = name ? vectors_text(from, name)
			       : json_string_value(from);
	size_t n;

	assert_non_null(hex);
	assert_int_equal(sodium_hex2bin(out, VECTORS_BYTES_MAX, hex,
					strlen(hex), NULL, &n, NULL),
			 0);
	return n;
}

const char *vectors_text(const json_t *from, const char *name)
{
	return json_string_value(json_object_get(from, name));
}
