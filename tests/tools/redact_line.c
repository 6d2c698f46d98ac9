/* What is taken out of a line, and that its form stays. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

#include "tools/wire/redact_line.h"

#define ID "iojj3XQJ8ZX9UtstPLpdcspnCb8dlBIb83SIAbQPb1w="
#define URI "iojj3XQJ8ZX9UtstPLpdcspnCb8dlBIb83SIAbQPb1w="

static struct redaction state;

/* in redacted; lives until the next call. */
static const char *redacted(const char *in)
{
	static char line[4096];

	memset(&state, 0, sizeof(state));
	state.key[0] = 7;
	assert_true(strlen(in) < sizeof(line));
	memcpy(line, in, strlen(in) + 1);
	redact_line(&state, (uint8_t *)line, strlen(line));
	return line;
}

static void becomes(const char *in, const char *out)
{
	assert_string_equal(redacted(in), out);
}

static void texts_become_fillers_of_their_length(void **state_)
{
	(void)state_;
	becomes("{\"type\":\"post\",\"text\":\"Hello, Bob! 42\"}",
		"{\"type\":\"post\",\"text\":\"Xxxxx, Xxx! 00\"}");
	becomes("{\"t\":\"\303\251\342\202\254\360\237\220\261\"}",
		"{\"t\":\"\303\251\344\270\200\360\237\230\200\"}");
	becomes("{\"link\":\"https://example.com/a?b=1\"}",
		"{\"link\":\"https://xxxxxxx.xxx/x?x=0\"}");
}

static void escapes_stay_and_hide_nothing(void **state_)
{
	(void)state_;
	becomes("[\"\\n\\u0041\\u0062\\u0031\\u00E9\\u4e2d\\ud83d\\\"\"]",
		"[\"\\n\\u0058\\u0078\\u0030\\u00E9\\u4e00\\ud83d\\\"\"]");
	becomes("[\"\\u0000\\u2028\342\200\256\"]",
		"[\"\\u0000\\u2028\342\200\256\"]");
}

static void names_of_programs_stay_and_others_do_not(void **state_)
{
	(void)state_;
	becomes("{\"mentions\":{\"my friend\":true,\"x\":null}}",
		"{\"mentions\":{\"xx xxxxxx\":true,\"x\":null}}");
	becomes("{\"type\":\"my secret\"}", "{\"type\":\"xx xxxxxx\"}");
}

static void numbers_keep_their_form(void **state_)
{
	(void)state_;
	becomes("{\"lat\":-52.3070e+21,\"n\":0.0}",
		"{\"lat\":-11.1010e+11,\"n\":0.0}");
	becomes("{\"author\":\"\",\"sequence\":42,\"timestamp\":1795286670473,"
		"\"content\":{\"n\":42}}",
		"{\"author\":\"\",\"sequence\":42,\"timestamp\":1795286670473,"
		"\"content\":{\"n\":11}}");
}

static void one_id_becomes_one_other_in_every_form(void **state_)
{
	const char *out, *first, *second;

	(void)state_;
	out = redacted("[\"@" ID ".ed25519\",\"x net:h:1~shs:" ID " y\","
		       "\"ssb:feed/classic/" URI "\"]");
	first = strstr(out, "@") + 1;
	assert_memory_equal(first + 34, "REDACTEDA=.ed25519\"", 19);
	second = strstr(out, "~") + 5;
	assert_memory_equal(out, "[\"@", 3);
	assert_memory_equal(first, second, 44);
	assert_non_null(strstr(out, "\"ssb:feed/classic/"));
	assert_null(strstr(out, "iojj3"));
	assert_int_equal(state.ids, 3);
}

static void uris_keep_their_alphabet(void **state_)
{
	const char *out, *data;

	(void)state_;
	out = redacted("[\"ssb:message/classic/" URI "\"]");
	data = strstr(out, "classic/") + 8;
	assert_null(strchr(data, '+'));
	assert_null(strchr(data, '/'));
}

static void an_id_that_is_not_canonical_stays_so(void **state_)
{
	const char *out;

	(void)state_;
	out = redacted("[\"@iojj3XQJ8ZX9UtstPLpdcspnCb8dlBIb83SIAbQPb1x="
		       ".ed25519\"]");
	assert_non_null(strstr(out, "REDACTEDB=.ed25519"));
}

static void boxes_and_signatures_are_hidden(void **state_)
{
	static const char in[] =
		"{\"content\":\"AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"
		"AAAAAAAA.box2\",\"author\":\"\",\"signature\":\"AQEBAQEBAQEBAQEB"
		"AQEBAQEBAQEBAQEBAQEBAQEBAQGKiOPddAnxlf1S2y08ul1yymcJvx2UEhvzd"
		"IgBtA9vXA==.sig.ed25519\"}";
	const char *out;

	(void)state_;
	out = redacted(in);
	assert_int_equal(strlen(out), strlen(in));
	assert_non_null(strstr(out, "REDACTEDA.box2\""));
	assert_non_null(strstr(out, "REDACTEDA==.sig.ed25519\""));
	assert_null(strstr(out, "AQEBAQEB"));
}

static void what_is_no_json_is_redacted_too(void **state_)
{
	(void)state_;
	becomes("not json at all: 12 true", "xxx xxxx xx xxx: 11 true");
	becomes("{\"text\":\"torn of", "{\"text\":\"xxxx xx");
	becomes("{\"text\":\"torn \\", "{\"text\":\"xxxx \\");
	becomes("\377\300{", "\377\300{");
	becomes("", "");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(texts_become_fillers_of_their_length),
		cmocka_unit_test(escapes_stay_and_hide_nothing),
		cmocka_unit_test(names_of_programs_stay_and_others_do_not),
		cmocka_unit_test(numbers_keep_their_form),
		cmocka_unit_test(one_id_becomes_one_other_in_every_form),
		cmocka_unit_test(uris_keep_their_alphabet),
		cmocka_unit_test(an_id_that_is_not_canonical_stays_so),
		cmocka_unit_test(boxes_and_signatures_are_hidden),
		cmocka_unit_test(what_is_no_json_is_redacted_too),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
