/* Comments in config files, src/store/comments.h. */
#include "src/store/comments.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

static void becomes(const char *text, const char *expected)
{
	uint8_t bytes[64];
	size_t n = strlen(text);

	assert_int_equal(n, strlen(expected));
	memcpy(bytes, text, n);
	comments_blank(bytes, n);
	assert_memory_equal(bytes, expected, n);
}

static void comments_become_spaces(void **state)
{
	(void)state;
	becomes("1 // one\n2", "1       \n2");
	becomes("1 /* one */ 2", "1           2");
	becomes("/*/1*/2", "      2");
	becomes("/**/1", "    1");
	becomes("// last", "       ");
}

static void lines_keep_their_numbers(void **state)
{
	(void)state;
	becomes("/* a\nb */\n1", "    \n    \n1");
}

static void what_stands_in_a_string_is_none(void **state)
{
	(void)state;
	becomes("\"//\" // x", "\"//\"     ");
	becomes("\"a\\\"/*\"", "\"a\\\"/*\"");
	becomes("{\"u\":\"http://x\"}", "{\"u\":\"http://x\"}");
}

static void what_does_not_end_goes_on_to_the_end(void **state)
{
	(void)state;
	becomes("1 /* a", "1     ");
	becomes("1 /*/", "1    ");
	becomes("\"// a", "\"// a");
	becomes("\"a\\", "\"a\\");
	becomes("/", "/");
	becomes("", "");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(comments_become_spaces),
		cmocka_unit_test(lines_keep_their_numbers),
		cmocka_unit_test(what_stands_in_a_string_is_none),
		cmocka_unit_test(what_does_not_end_goes_on_to_the_end),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
