#include "feeds/bipf.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>

#include <cmocka.h>

#include "tests/support/bipf.h"
#include "tests/support/data.h"

enum { LIMIT = 1 << 20 };

static void assert_text(const struct kith_buf *b, const char *want)
{
	assert_int_equal(b->err, KITH_OK);
	assert_int_equal(b->n, strlen(want));
	assert_memory_equal(b->p, want, b->n);
}

static uint8_t nibble(uint8_t c)
{
	return (uint8_t)(c <= '9' ? c - '0' : c - 'a' + 10);
}

static struct kith_buf unhex(struct kith_slice hex)
{
	struct kith_buf b = { .limit = LIMIT };

	for (size_t i = 0; i + 1 < hex.n; i += 2)
		kith_buf_byte(&b, (uint8_t)(nibble(hex.p[i]) << 4 |
					    nibble(hex.p[i + 1])));
	return b;
}

static void assert_printed(struct kith_slice bytes, const char *want)
{
	struct kith_buf out = { .limit = LIMIT };
	struct bipf v;

	assert_int_equal(bipf_check(bytes, &v, NULL), KITH_OK);
	assert_int_equal(bipf_print(&v, &out, NULL), KITH_OK);
	assert_text(&out, want);
	kith_buf_free(&out);
}

static void every_kind_is_printed_as_javascript_does(void **state)
{
	static const char *const cases[][2] = {
		{ "06", "null" },
		{ "0e00", "false" },
		{ "0e01", "true" },
		{ "0e02", "null" },
		{ "2201000000", "1" },
		{ "22ffffffff", "-1" },
		{ "2200000080", "-2147483648" },
		{ "43000000000000f83f", "1.5" },
		{ "430000000000000080", "0" },
		{ "43000000000000f07f", "null" },
		{ "43408cb5781daf1544", "100000000000000000000" },
		{ "4350efe2d6e41a4b44", "1e+21" },
		{ "00", "\"\"" },
		{ "20c3a90a22", "\"\xc3\xa9\\n\\\"\"" },
		{ "110102", "{\"type\":\"Buffer\",\"data\":[1,2]}" },
		{ "3c22010000000861", "[1,\"a\"]" },
		{ "04", "[]" },
		{ "05", "{}" },
		{ "1d086106", "{\"a\":null}" },
		/* undefined: a member is left out, an element is null */
		{ "4508610e0208620e00", "{\"b\":false}" },
		{ "140e02", "[null]" },
		/* names keep their order, the same again stays */
		{ "35086206086106", "{\"b\":null,\"a\":null}" },
	};
	(void)state;

	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		struct kith_buf b = unhex(kith_text(cases[i][0]));

		assert_printed(kith_bytes(&b), cases[i][1]);
		kith_buf_free(&b);
	}
}

/* Lines of what the npm package made of random values, and their JSON. */
static void values_of_the_npm_package_are_printed_as_json(void **state)
{
	struct kith_buf data = data_read("own/bipf/values.txt");
	const uint8_t *p = data.p, *end = data.p + data.n;
	size_t lines = 0;
	(void)state;

	for (; p < end; lines++) {
		const uint8_t *space = memchr(p, ' ', (size_t)(end - p));
		const uint8_t *eol = memchr(p, '\n', (size_t)(end - p));
		struct kith_buf bytes = unhex((struct kith_slice){
			p, (size_t)(space - p) });
		struct kith_buf out = { .limit = LIMIT };
		struct bipf v;

		assert_int_equal(bipf_check(kith_bytes(&bytes), &v, NULL),
				 KITH_OK);
		assert_int_equal(bipf_print(&v, &out, NULL), KITH_OK);
		assert_int_equal(out.n, eol - space - 1);
		assert_memory_equal(out.p, space + 1, out.n);
		kith_buf_free(&out);
		kith_buf_free(&bytes);
		p = eol + 1;
	}
	assert_true(lines >= 100);
	kith_buf_free(&data);
}

static void malformed_bytes_are_refused_with_their_place(void **state)
{
	static const struct {
		const char *hex;
		size_t offset;
	} cases[] = {
		{ "", 0 },
		{ "ff", 0 },
		{ "ffffffffff01", 0 },
		{ "ffffffff7f", 0 }, /* a number over 32 bits */
		{ "07", 0 },	     /* no such kind */
		{ "0861ff", 2 },     /* more behind it */
		{ "10c3", 0 },	     /* longer than there is */
		{ "08c3", 1 },	     /* no UTF-8 */
		{ "18eda080", 1 },
		{ "0a01", 1 }, /* a number of another length */
		{ "0b01", 1 },
		{ "0e03", 1 }, /* no such word */
		{ "160000", 1 },
		{ "0cff", 1 },	/* an element that is none */
		{ "0d06", 2 },	/* a name that is no text */
		{ "0d00", 2 },	/* a name without value */
		{ "150861", 3 },
		{ "1d08c306", 2 }, /* a name that is no UTF-8 */
	};
	struct kith_error e;
	(void)state;

	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		struct kith_buf b = unhex(kith_text(cases[i].hex));

		e = (struct kith_error){ 0 };
		assert_int_equal(bipf_check(kith_bytes(&b), NULL, &e),
				 KITH_EFORMAT);
		assert_int_equal(e.offset, cases[i].offset);
		kith_buf_free(&b);
	}
}

/* depth arrays, one in another. */
static struct kith_buf nest(unsigned depth)
{
	struct kith_buf a = { .limit = LIMIT }, b;

	while (depth--) {
		b = (struct kith_buf){ .limit = LIMIT };
		bipf_put(&b, BIPF_ARRAY, kith_bytes(&a));
		kith_buf_free(&a);
		a = b;
	}
	return a;
}

static void depth_has_a_limit(void **state)
{
	struct kith_buf b = nest(BIPF_DEPTH_MAX);
	(void)state;

	assert_int_equal(bipf_check(kith_bytes(&b), NULL, NULL), KITH_OK);
	kith_buf_free(&b);
	b = nest(BIPF_DEPTH_MAX + 1);
	assert_int_equal(bipf_check(kith_bytes(&b), NULL, NULL), KITH_EFORMAT);
	kith_buf_free(&b);
}

static void members_are_walked_and_found(void **state)
{
	struct kith_buf b = { .limit = LIMIT };
	struct kith_slice key;
	struct bipf v, one;
	size_t at = 0, n = 0;
	double d;
	(void)state;

	bipf_put_json(&b, KITH_SLICE("{\"a\":1,\"bc\":[2.5,true],\"a\":3}"));
	assert_int_equal(bipf_check(kith_bytes(&b), &v, NULL), KITH_OK);
	while (bipf_next_member(&v, &at, &key, &one))
		n++;
	assert_int_equal(n, 3);
	assert_int_equal(at, v.data.n);
	assert_true(bipf_get(&v, "a", &one));
	assert_true(bipf_number(&one, &d) && d == 3);
	assert_false(bipf_is(&one, "3"));
	assert_true(bipf_get(&v, "bc", &one));
	assert_false(bipf_get(&one, "bc", &one));
	at = 0;
	assert_true(bipf_next_element(&one, &at, &v));
	assert_true(bipf_number(&v, &d) && d == 2.5);
	assert_true(bipf_next_element(&one, &at, &v));
	assert_false(bipf_number(&v, &d));
	assert_false(bipf_next_element(&one, &at, &v));
	assert_int_equal(at, one.data.n);
	kith_buf_free(&b);
}

/* Every cut and every flipped bit: what is not refused prints as JSON, and
 * walkers stay inside. */
static void damage_stays_inside(void **state)
{
	struct kith_buf b = { .limit = LIMIT }, out = { .limit = LIMIT };
	struct kith_slice key;
	struct bipf v, one;
	(void)state;

	bipf_put_json(&b, KITH_SLICE("{\"key\":\"%a\",\"value\":{\"n\":"
				     "[1,2.5,null,{\"x\":\"\\u00e9\"}]}}"));
	for (size_t bit = 0; bit < 8 * b.n; bit++) {
		struct kith_slice rest = kith_bytes(&b);
		size_t at = 0;

		b.p[bit / 8] ^= (uint8_t)(1 << bit % 8);
		kith_buf_reset(&out);
		if (!bipf_take(&rest, &v, NULL)) {
			while (bipf_next_member(&v, &at, &key, &one))
				assert_true(at <= v.data.n);
			if (!bipf_print(&v, &out, NULL))
				assert_true(out.n);
		}
		b.p[bit / 8] ^= (uint8_t)(1 << bit % 8);
	}
	for (size_t n = 0; n < b.n; n++)
		assert_int_equal(bipf_check((struct kith_slice){ b.p, n }, NULL,
					    NULL), KITH_EFORMAT);
	kith_buf_free(&out);
	kith_buf_free(&b);
}

static void no_room_is_an_error(void **state)
{
	struct kith_buf b = { .limit = LIMIT }, out = { .limit = 5 };
	struct bipf v;
	(void)state;

	bipf_put_json(&b, KITH_SLICE("[\"abcdef\"]"));
	assert_int_equal(bipf_check(kith_bytes(&b), &v, NULL), KITH_OK);
	assert_int_equal(bipf_print(&v, &out, NULL), KITH_ETOOBIG);
	kith_buf_free(&out);
	kith_buf_free(&b);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_kind_is_printed_as_javascript_does),
		cmocka_unit_test(values_of_the_npm_package_are_printed_as_json),
		cmocka_unit_test(malformed_bytes_are_refused_with_their_place),
		cmocka_unit_test(depth_has_a_limit),
		cmocka_unit_test(members_are_walked_and_found),
		cmocka_unit_test(damage_stays_inside),
		cmocka_unit_test(no_room_is_an_error),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
