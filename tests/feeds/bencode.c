/* Bencode: what is taken, what is refused, and where. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include "feeds/bencode.h"

static void good(const char *text)
{
	size_t n = 0;

	assert_int_equal(bencode_check(kith_text(text), &n, NULL), KITH_OK);
	assert_int_equal(n, strlen(text));
}

static void bad(const char *text, size_t at)
{
	struct kith_error e = { 0 };
	size_t n;

	assert_int_equal(bencode_check(kith_text(text), &n, &e),
			 KITH_EFORMAT);
	assert_int_equal(e.offset, at);
}

static void every_kind_is_taken(void **state)
{
	(void)state;
	good("i0e");
	good("i-1e");
	good("i9223372036854775807e");
	good("0:");
	good("4:spam");
	good("le");
	good("l4:spami42ee");
	good("de");
	good("d1:ai1e2:aadee");
}

static void another_spelling_is_refused(void **state)
{
	(void)state;
	bad("i01e", 3);
	bad("i-0e", 3);
	bad("i+1e", 1);
	bad("ie", 1);
	bad("i1.5e", 2);
	bad("i9223372036854775808e", 19);
	bad("04:spam", 2);
	bad("x", 0);
	bad("e", 0);
}

static void keys_are_strings_in_order(void **state)
{
	(void)state;
	good("d1:ai1e1:bi2ee");
	good("d1:ai1e2:abi2ee");
	bad("d1:bi1e1:ai2ee", 7);
	bad("d1:ai1e1:ai2ee", 7);
	bad("di1ei2ee", 1);
	bad("d1:ae", 4);
}

static void what_breaks_off_says_where(void **state)
{
	static const char whole[] = "ld3:keyl5:valuei-12eeee";
	size_t n;

	(void)state;
	good(whole);
	for (size_t cut = 0; cut < sizeof(whole) - 1; cut++) {
		struct kith_slice s = { (const uint8_t *)whole, cut };
		struct kith_error e = { 0 };

		assert_int_equal(bencode_check(s, &n, &e), KITH_EFORMAT);
		assert_int_equal(e.offset, cut);
	}
}

static void what_is_behind_is_not_looked_at(void **state)
{
	size_t n = 0;

	(void)state;
	assert_int_equal(bencode_check(KITH_SLICE("i1eXYZ"), &n, NULL),
			 KITH_OK);
	assert_int_equal(n, 3);
}

static void depth_has_a_limit(void **state)
{
	char text[2 * (BENCODE_DEPTH_MAX + 1) + 1] = "";
	struct kith_error e = { 0 };
	size_t n = 0;

	(void)state;
	memset(text, 'l', BENCODE_DEPTH_MAX);
	memset(text + BENCODE_DEPTH_MAX, 'e', BENCODE_DEPTH_MAX);
	good(text);
	memset(text, 'l', BENCODE_DEPTH_MAX + 1);
	assert_int_equal(bencode_check(kith_text(text), &n, &e),
			 KITH_ETOOBIG);
	assert_int_equal(e.offset, BENCODE_DEPTH_MAX);
}

static void tokens_come_in_order_with_their_places(void **state)
{
	static const enum bencode_kind kinds[] = {
		BENCODE_DICT, BENCODE_STRING, BENCODE_LIST, BENCODE_INTEGER,
		BENCODE_END, BENCODE_END,
	};
	struct bencode_token t;
	struct bencode b;

	(void)state;
	bencode_init(&b, KITH_SLICE("d1:ali-7eee"));
	for (size_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++) {
		assert_int_equal(bencode_next(&b, &t), BENCODE_TOKEN);
		assert_int_equal(t.kind, kinds[i]);
		assert_true(t.key == (i == 1));
	}
	assert_int_equal(t.end, 11);
	assert_int_equal(bencode_next(&b, &t), BENCODE_OVER);
	assert_int_equal(bencode_next(&b, &t), BENCODE_OVER);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_kind_is_taken),
		cmocka_unit_test(another_spelling_is_refused),
		cmocka_unit_test(keys_are_strings_in_order),
		cmocka_unit_test(what_breaks_off_says_where),
		cmocka_unit_test(what_is_behind_is_not_looked_at),
		cmocka_unit_test(depth_has_a_limit),
		cmocka_unit_test(tokens_come_in_order_with_their_places),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
