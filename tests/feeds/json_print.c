#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdlib.h>

#include "feeds/json.h"
#include "tests/support/alloc.h"
#include "tests/support/data.h"

enum { ROOM = 1 << 20, RANDOM_RUNS = 3000 };

static void assert_bytes(const struct kith_buf *b, const char *expected)
{
	assert_int_equal(b->err, KITH_OK);
	if (!kith_equal(kith_bytes(b), kith_text(expected)))
		fail_msg("%.*s is not %s", (int)b->n, (const char *)b->p,
			 expected);
}

static void assert_compact(const char *in, const char *expected)
{
	struct kith_buf out = { .limit = ROOM };
	struct kith_slice value;

	assert_int_equal(json_check(kith_text(in), &value, NULL), KITH_OK);
	json_compact(value, &out);
	assert_bytes(&out, expected);
	kith_buf_free(&out);
}

static void compact_prints_as_v8_does(void **state)
{
	(void)state;
	assert_compact(" { \"a\" : [ 1 , 2 ] } ", "{\"a\":[1,2]}");
	assert_compact("[1.0,1E3,-0,1e400,0.0000001]", "[1,1000,0,null,1e-7]");
	assert_compact("\"\\u0041\\/\\u001F\\u000a\\u20AC\\u0022\"",
		       "\"A/\\u001f\\n\xe2\x82\xac\\\"\"");
	assert_compact("\"\\ud83d\\ude00\\ude00\\ud83d\\uD83Dx\"",
		       "\"\xf0\x9f\x98\x80\\ude00\\ud83d\\ud83dx\"");
	assert_compact("\"\x7f\\u007f\\u2028\"", "\"\x7f\x7f\xe2\x80\xa8\"");
	assert_compact("{}", "{}");
	assert_compact("[ ]", "[]");
	assert_compact("null", "null");
}

static void members_stand_as_v8_enumerates_them(void **state)
{
	(void)state;
	assert_compact("{\"b\":1,\"a\":2}", "{\"b\":1,\"a\":2}");
	assert_compact("{\"a\":1,\"b\":2,\"a\":3}", "{\"a\":3,\"b\":2}");
	assert_compact("{\"a\":1,\"\\u0061\":{\"x\":0}}",
		       "{\"a\":{\"x\":0}}");
	assert_compact("{\"b\":1,\"10\":2,\"9\":3,\"a\":4}",
		       "{\"9\":3,\"10\":2,\"b\":1,\"a\":4}");
	assert_compact("{\"4294967295\":1,\"4294967294\":2,\"01\":3,\"-1\":4,"
		       "\"0\":5,\"1.5\":6}",
		       "{\"0\":5,\"4294967294\":2,\"4294967295\":1,\"01\":3,"
		       "\"-1\":4,\"1.5\":6}");
	assert_compact("{\"__proto__\":{\"b\":1,\"1\":2}}",
		       "{\"__proto__\":{\"1\":2,\"b\":1}}");
	assert_compact("{\"7\":1,\"a\":2,\"7\":3}", "{\"7\":3,\"a\":2}");
}

static void many_members_are_ordered_too(void **state)
{
	struct kith_buf in = { .limit = ROOM }, out = { .limit = ROOM };
	struct kith_slice key, value;
	size_t at = 0, n = 0;

	(void)state;
	kith_buf_byte(&in, '{');
	for (uint64_t i = 0; i < 2000; i++) {
		kith_buf_text(&in, i ? ",\"" : "\"");
		kith_buf_uint(&in, (1999 - i) / 2);
		kith_buf_text(&in, "\":");
		kith_buf_uint(&in, i);
	}
	kith_buf_byte(&in, '}');
	json_compact(kith_bytes(&in), &out);
	for (; json_next_member(kith_bytes(&out), &at, &key, &value); n++) {
		uint64_t last;

		assert_true(json_uint(value, &last));
		assert_int_equal(last, 1999 - 2 * n);
	}
	assert_int_equal(n, 1000);
	kith_buf_free(&in);
	kith_buf_free(&out);
}

static void output_over_its_limit_is_an_error_only(void **state)
{
	struct kith_buf out = { .limit = 10 };

	(void)state;
	json_compact(KITH_SLICE("{\"a\":1,\"b\":2,\"a\":3}"), &out);
	assert_int_equal(out.err, KITH_ETOOBIG);
	kith_buf_reset(&out);
	json_pretty(KITH_SLICE("[1,2,3]"), &out);
	assert_int_equal(out.err, KITH_ETOOBIG);
	kith_buf_free(&out);
}

static void pretty_only_adds_white_space(void **state)
{
	struct kith_buf out = { .limit = ROOM };

	(void)state;
	json_pretty(KITH_SLICE("{\"a\":[1,{}],\"b:,\":{\"c\":\"[\\\"\"},"
			       "\"d\":[]}"), &out);
	assert_bytes(&out, "{\n  \"a\": [\n    1,\n    {}\n  ],\n"
			   "  \"b:,\": {\n    \"c\": \"[\\\"\"\n  },\n"
			   "  \"d\": []\n}");
	kith_buf_free(&out);
}

static void one_line_keeps_every_spelling(void **state)
{
	struct kith_buf out = { .limit = ROOM };

	(void)state;
	json_one_line(KITH_SLICE("{\r\n\t\"b\\n\": [1.0,\n -0],\n\"a\" :1}\n"),
		      &out);
	assert_bytes(&out, "{\"b\\n\": [1.0, -0],\"a\" :1}");
	kith_buf_free(&out);
}

static void writers_spell_canonically(void **state)
{
	struct kith_buf out = { .limit = ROOM };

	(void)state;
	json_put_text(&out, "a\"\\\n\x01/\x7f\xc3\xa9\xff");
	json_put_number(&out, 1514517067954.001);
	json_put_string(&out, (struct kith_slice){ NULL, 0 });
	assert_bytes(&out, "\"a\\\"\\\\\\n\\u0001/\x7f\xc3\xa9\xef\xbf\xbd\""
			   "1514517067954.001\"\"");
	kith_buf_free(&out);
}

/* The bytes that a text of hexadecimal digits spells. */
static void put_hex(struct kith_buf *out, struct kith_slice hex)
{
	for (size_t i = 0; i + 1 < hex.n; i += 2) {
		char pair[3] = { (char)hex.p[i], (char)hex.p[i + 1], 0 };

		kith_buf_byte(out, (uint8_t)strtoul(pair, NULL, 16));
	}
}

static void the_worked_escapes_come_out(void **state)
{
	struct kith_slice list, one;
	struct kith_buf file =
		data_read_json("protocol/string-escape.json", &list);
	size_t at = 0, n = 0;

	(void)state;
	for (; json_next_element(list, &at, &one); n++) {
		struct kith_slice units = json_plain(json_get(one,
							      "utf16_hex"));
		struct kith_buf in = { .limit = ROOM }, out = in, want = in;

		kith_buf_byte(&in, '"');
		for (size_t i = 0; i < units.n; i += 5) {
			kith_buf_text(&in, "\\u");
			kith_buf_put(&in, (struct kith_slice){ units.p + i,
							       4 });
		}
		kith_buf_byte(&in, '"');
		json_compact(kith_bytes(&in), &out);
		put_hex(&want, json_plain(json_get(one, "json_utf8_hex")));
		assert_true(kith_equal(kith_bytes(&out), kith_bytes(&want)));
		kith_buf_free(&in);
		kith_buf_free(&out);
		kith_buf_free(&want);
	}
	assert_int_equal(n, 29);
	kith_buf_free(&file);
}

/* The same texts on every run and machine. */
static uint32_t next_random(uint64_t *state)
{
	*state = *state * UINT64_C(6364136223846793005) +
		 UINT64_C(1442695040888963407);
	return (uint32_t)(*state >> 33);
}

static void put_random(struct kith_buf *b, uint64_t *seed, unsigned depth)
{
	static const char *const scalars[] = {
		"0", "1.50", "null", "true", "\"\"", "\"\\u0061\"",
		"\"\\ud83d\\ude00\"", "\"\xe2\x82\xac\"", "1e3", "\"\\n\\/\"",
	};
	static const char *const names[] = { "\"a\"", "\"b\"", "\"\\u0062\"",
					     "\"1\"", "\"0\"", "\"01\"" };
	bool object = next_random(seed) % 2;
	unsigned members = next_random(seed) % 6;

	if (depth == 4 || next_random(seed) % 3 == 0) {
		kith_buf_text(b, scalars[next_random(seed) % 10]);
		return;
	}
	kith_buf_text(b, object ? "{ " : "[ ");
	for (unsigned i = 0; i < members; i++) {
		kith_buf_text(b, i ? " ," : "");
		kith_buf_text(b, object ? names[next_random(seed) % 6] : "");
		kith_buf_text(b, object ? ": " : "");
		put_random(b, seed, depth + 1);
	}
	kith_buf_byte(b, object ? '}' : ']');
}

static void the_compact_form_is_a_fixed_point(void **state)
{
	struct kith_buf in = { .limit = ROOM }, once = in, twice = in,
			pretty = in;
	uint64_t seed = 1;

	(void)state;
	for (int i = 0; i < RANDOM_RUNS; i++) {
		kith_buf_reset(&in);
		kith_buf_reset(&once);
		kith_buf_reset(&twice);
		kith_buf_reset(&pretty);
		put_random(&in, &seed, 0);
		assert_int_equal(json_check(kith_bytes(&in), NULL, NULL),
				 KITH_OK);
		json_compact(kith_bytes(&in), &once);
		json_pretty(kith_bytes(&once), &pretty);
		json_compact(kith_bytes(&pretty), &twice);
		assert_true(kith_equal(kith_bytes(&once),
				       kith_bytes(&twice)));
	}
	kith_buf_free(&in);
	kith_buf_free(&once);
	kith_buf_free(&twice);
	kith_buf_free(&pretty);
}

static void every_failing_allocation_is_reported(void **state)
{
	(void)state;
	for (size_t n = 1; alloc_fail_at(n); n++) {
		struct kith_buf out = { .limit = ROOM };

		json_compact(KITH_SLICE("{\"b\":[1,2,{\"x\":\"y\"}],\"1\":2,"
					"\"b\":\"a text of some length, so "
					"that the buffer has to grow\"}"),
			     &out);
		if (out.err)
			assert_int_equal(out.err, KITH_ENOMEM);
		else
			assert_bytes(&out, "{\"1\":2,\"b\":\"a text of some "
					   "length, so that the buffer has to "
					   "grow\"}");
		kith_buf_free(&out);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(compact_prints_as_v8_does),
		cmocka_unit_test(members_stand_as_v8_enumerates_them),
		cmocka_unit_test(many_members_are_ordered_too),
		cmocka_unit_test(output_over_its_limit_is_an_error_only),
		cmocka_unit_test(pretty_only_adds_white_space),
		cmocka_unit_test(one_line_keeps_every_spelling),
		cmocka_unit_test(writers_spell_canonically),
		cmocka_unit_test(the_worked_escapes_come_out),
		cmocka_unit_test(the_compact_form_is_a_fixed_point),
		cmocka_unit_test(every_failing_allocation_is_reported),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
