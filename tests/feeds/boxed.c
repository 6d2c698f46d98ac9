#include "feeds/boxed.h"

#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>
#include <sodium.h>

static void the_suffix_tells_the_scheme(void **state)
{
	(void)state;
	assert_int_equal(kith_box_scheme(KITH_SLICE("\"AAAA.box\"")),
			 KITH_BOX1);
	assert_int_equal(kith_box_scheme(KITH_SLICE("\"AAAA.box2\"")),
			 KITH_BOX2);
	assert_int_equal(kith_box_scheme(KITH_SLICE("\"AAAA.box3\"")),
			 KITH_BOX_NONE);
	assert_int_equal(kith_box_scheme(KITH_SLICE("\"AAAA.boxx\"")),
			 KITH_BOX_NONE);
	assert_int_equal(kith_box_scheme(KITH_SLICE("\".box\"")),
			 KITH_BOX_NONE);
	assert_int_equal(kith_box_scheme(KITH_SLICE("{\"type\":\"x\"}")),
			 KITH_BOX_NONE);
	assert_int_equal(kith_box_scheme(KITH_SLICE("")), KITH_BOX_NONE);
}

static void room_is_what_recipients_leave(void **state)
{
	(void)state;
	assert_int_equal(kith_box_room(KITH_BOX1, 7),
			 5847 - 72 - 7 * 49);
	assert_int_equal(kith_box_room(KITH_BOX1, 1), 5847 - 72 - 49);
	assert_int_equal(kith_box_room(KITH_BOX1, 8), 0);
	assert_int_equal(kith_box_room(KITH_BOX1, 0), 0);
	assert_int_equal(kith_box_room(KITH_BOX2, 16), 5844 - 48 - 16 * 32);
	assert_int_equal(kith_box_room(KITH_BOX2, 17), 0);
	assert_int_equal(kith_box_room(KITH_BOX_NONE, 1), 0);
}

static struct kith_box_key key_of(uint8_t n)
{
	struct kith_box_key key = { .n = n };

	randombytes_buf(key.b, n);
	return key;
}

static void disclosed_keys_of_both_schemes_are_read_back(void **state)
{
	(void)state;
	for (uint8_t n = 32; n <= 33; n++) {
		struct kith_box_key key = key_of(n), back = { 0 };
		char text[KITH_BOX_KEY_TEXT_BYTES];

		kith_box_key_print(&key, text);
		assert_int_equal(strlen(text), KITH_BOX_KEY_TEXT_BYTES - 1);
		assert_int_equal(kith_box_key_parse(kith_text(text), &back),
				 KITH_OK);
		assert_int_equal(back.n, n);
		assert_memory_equal(back.b, key.b, n);
	}
}

static void other_texts_are_no_keys(void **state)
{
	struct kith_box_key key = key_of(33), back = { .n = 7 };
	char text[KITH_BOX_KEY_TEXT_BYTES];

	(void)state;
	kith_box_key_print(&key, text);
	for (size_t i = 0; i < strlen(text); i++) {
		char was = text[i];

		text[i] = '!';
		assert_int_equal(kith_box_key_parse(kith_text(text), &back),
				 KITH_EFORMAT);
		text[i] = was;
		assert_int_equal(kith_box_key_parse(
					 (struct kith_slice){
						 (uint8_t *)text, i },
					 &back),
				 KITH_EFORMAT);
	}
	key.n = 31;
	kith_box_key_print(&key, text);
	assert_int_equal(kith_box_key_parse(kith_text(text), &back),
			 KITH_EFORMAT);
	assert_int_equal(back.n, 7); /* as it was */
}

static void what_was_opened_can_be_wiped(void **state)
{
	static struct kith_opened out;
	static const struct kith_opened zero;

	(void)state;
	memset(&out, 7, sizeof(out));
	kith_opened_clear(&out);
	assert_memory_equal(&out, &zero, sizeof(out));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_suffix_tells_the_scheme),
		cmocka_unit_test(room_is_what_recipients_leave),
		cmocka_unit_test(disclosed_keys_of_both_schemes_are_read_back),
		cmocka_unit_test(other_texts_are_no_keys),
		cmocka_unit_test(what_was_opened_can_be_wiped),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
