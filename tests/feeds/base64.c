#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "feeds/base64.h"

static bool decodes(const char *text, size_t n)
{
	uint8_t out[64];

	return base64_decode(kith_text(text), out, n);
}

static void encodes_the_examples_of_the_rfc(void **state)
{
	static const char *const examples[][2] = {
		{ "", "" },		{ "f", "Zg==" },
		{ "fo", "Zm8=" },	{ "foo", "Zm9v" },
		{ "foob", "Zm9vYg==" }, { "fooba", "Zm9vYmE=" },
		{ "foobar", "Zm9vYmFy" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(examples) / sizeof(examples[0]); i++) {
		struct kith_slice plain = kith_text(examples[i][0]);
		char out[16] = { 0 };

		base64_encode(plain, out);
		assert_string_equal(out, examples[i][1]);
		assert_int_equal(strlen(out), BASE64_CHARS(plain.n));
	}
}

static void decodes_what_it_encodes_at_every_length(void **state)
{
	uint8_t in[100], out[100];
	char text[BASE64_CHARS(100)];

	(void)state;
	for (size_t i = 0; i < sizeof(in); i++)
		in[i] = (uint8_t)(i * 89 + 200);
	for (size_t n = 0; n <= sizeof(in); n++) {
		struct kith_slice encoded = { (uint8_t *)text,
					      BASE64_CHARS(n) };

		base64_encode((struct kith_slice){ in, n }, text);
		assert_true(base64_decode(encoded, out, n));
		assert_memory_equal(in, out, n);
		assert_int_equal(base64_span(encoded), encoded.n);
	}
}

static void another_length_is_refused(void **state)
{
	(void)state;
	assert_true(decodes("Zm9v", 3));
	assert_false(decodes("Zm9v", 2));
	assert_false(decodes("Zm9v", 4));
	assert_false(decodes("Zm9", 2));
	assert_false(decodes("Zm8", 2));
	assert_false(decodes("Zm8=", 3));
	assert_false(decodes("Zm8=", 1));
	assert_false(decodes("Zg==", 2));
	assert_false(decodes("Zm9v=", 3));
	assert_false(decodes("", 1));
	assert_false(decodes("Zg==", 0));
}

static void bits_that_no_byte_takes_must_be_zero(void **state)
{
	size_t one = 0, two = 0;

	(void)state;
	for (int c = 0; c < 256; c++) {
		uint8_t text[4] = { 'Z', (uint8_t)c, '=', '=' }, out[2];

		one += base64_decode((struct kith_slice){ text, 4 }, out, 1);
		text[1] = 'm';
		text[2] = (uint8_t)c;
		two += base64_decode((struct kith_slice){ text, 4 }, out, 2);
	}
	assert_int_equal(one, 4);
	assert_int_equal(two, 16);
}

static void other_characters_are_refused_at_every_place(void **state)
{
	static const char alphabet[] =
		"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
		"0123456789+/";

	(void)state;
	for (size_t place = 0; place < 8; place++)
		for (int c = 0; c < 256; c++) {
			uint8_t text[8], out[6];
			bool known = c && strchr(alphabet, c);

			memcpy(text, "Zm9vYmFy", 8);
			text[place] = (uint8_t)c;
			assert_int_equal(
				base64_decode((struct kith_slice){ text, 8 },
					      out, 6),
				known);
		}
}

static void span_ends_before_the_first_bad_group(void **state)
{
	static const struct {
		const char *text;
		size_t span;
	} cases[] = {
		{ "", 0 },	    { "Zm9", 0 },     { "Zm9v", 4 },
		{ "Zm9vY", 4 },	    { "Zm9vYg==", 8 }, { "Zm9vYh==", 4 },
		{ "Zm8=Zm9v", 4 },  { "Zm9v.box", 4 }, { "Zm9vYm\nE=", 4 },
		{ "Zm9vYmE=.b", 8 }, { "====", 0 },    { "Z===", 0 },
		{ "Zg=v", 0 },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
		assert_int_equal(base64_span(kith_text(cases[i].text)),
				 cases[i].span);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(encodes_the_examples_of_the_rfc),
		cmocka_unit_test(decodes_what_it_encodes_at_every_length),
		cmocka_unit_test(another_length_is_refused),
		cmocka_unit_test(bits_that_no_byte_takes_must_be_zero),
		cmocka_unit_test(other_characters_are_refused_at_every_place),
		cmocka_unit_test(span_ends_before_the_first_bad_group),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
