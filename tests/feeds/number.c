#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#include "feeds/json.h"
#include "feeds/number.h"
#include "tests/support/data.h"

enum { RANDOM_RUNS = 20000 };

/* The same numbers on every run and machine. */
static uint64_t next_random(uint64_t *state)
{
	*state ^= *state << 13;
	*state ^= *state >> 7;
	*state ^= *state << 17;
	return *state;
}

static double from_bits(uint64_t bits)
{
	double d;

	memcpy(&d, &bits, sizeof(d));
	return d;
}

static uint64_t to_bits(double d)
{
	uint64_t bits;

	memcpy(&bits, &d, sizeof(bits));
	return bits;
}

/* Any finite double above 0; every fifth a power of two, every fifth near
 * to one, every fifth too small for a full fraction. */
static double random_double(uint64_t *state)
{
	const uint64_t fraction = (UINT64_C(1) << 52) - 1;
	uint64_t bits = next_random(state) >> 1;

	switch (next_random(state) % 5) {
	case 0: bits &= ~fraction; break;
	case 1: bits = (bits | fraction) - (bits & 3); break;
	case 2: bits &= fraction; break;
	default: break;
	}
	if (bits == 0 || !isfinite(from_bits(bits)))
		return 0.1;
	return from_bits(bits);
}

static void print(double d, char out[static NUMBER_TEXT_BYTES + 1])
{
	out[number_print(d, out)] = '\0';
}

static void assert_prints(double d, const char *expected)
{
	char out[NUMBER_TEXT_BYTES + 1];

	print(d, out);
	assert_string_equal(out, expected);
}

static double parse(const char *text)
{
	return number_parse(kith_text(text));
}

/* Digits that count: no sign, no point, no zeros at either end. */
static size_t significant(const char *text)
{
	size_t n = 0, zeros = 0;

	for (; *text && *text != 'e'; text++) {
		if (*text < '0' || *text > '9' || (n == 0 && *text == '0'))
			continue;
		n++;
		zeros = *text == '0' ? zeros + 1 : 0;
	}
	return n - zeros;
}

static void the_worked_examples_come_out(void **state)
{
	struct kith_slice list, one;
	struct kith_buf file =
		data_read_json("protocol/number-format.json", &list);
	size_t at = 0, n = 0;

	(void)state;
	for (; json_next_element(list, &at, &one); n++) {
		struct kith_slice in = json_plain(json_get(one, "json_in"));
		struct kith_slice out = json_plain(json_get(one, "out"));
		struct kith_slice hex = json_plain(json_get(one, "f64_be_hex"));
		char text[NUMBER_TEXT_BYTES];
		double d = number_parse(in);
		size_t length = number_print(d, text);

		assert_int_equal(length, out.n);
		assert_memory_equal(text, out.p, length);
		assert_true(to_bits(d) ==
			    strtoull((const char *)hex.p, NULL, 16));
		assert_int_equal(number_is_canonical(in),
				 kith_equal(in, out) && isfinite(d));
	}
	assert_int_equal(n, 39);
	kith_buf_free(&file);
}

static void what_is_not_finite_prints_as_null(void **state)
{
	(void)state;
	assert_prints(HUGE_VAL, "null");
	assert_prints(-HUGE_VAL, "null");
	assert_prints(nan(""), "null");
	assert_true(parse("1e309") == HUGE_VAL);
	assert_true(parse("-1e99999999999999999999") == -HUGE_VAL);
	assert_true(parse("1e-99999999999999999999") == 0);
}

static void the_form_changes_where_the_standard_says(void **state)
{
	(void)state;
	assert_prints(1e20, "100000000000000000000");
	assert_prints(999999999999999868928.0, "999999999999999900000");
	assert_prints(1e21, "1e+21");
	assert_prints(1.5e21, "1.5e+21");
	assert_prints(0.000001, "0.000001");
	assert_prints(0.00000123, "0.00000123");
	assert_prints(0.0000001, "1e-7");
	assert_prints(-1.25e-7, "-1.25e-7");
	assert_prints(123456789012345680.0, "123456789012345680");
	assert_prints(-0.0, "0");
}

static void powers_of_two_and_the_ends_of_the_range_are_exact(void **state)
{
	(void)state;
	assert_prints(ldexp(1, 53), "9007199254740992");
	assert_prints(ldexp(1, 89), "6.189700196426902e+26");
	assert_prints(ldexp(1, -1074), "5e-324");
	assert_prints(ldexp(1, -1022), "2.2250738585072014e-308");
	assert_prints(nextafter(ldexp(1, -1022), 0), "2.225073858507201e-308");
	assert_prints(1.7976931348623157e308, "1.7976931348623157e+308");
	/* half way to the next is still the greatest; half way is not */
	assert_true(parse("1.7976931348623158079e308") ==
		    1.7976931348623157e308);
	assert_true(parse("1.797693134862315808e308") == HUGE_VAL);
	/* half of the smallest goes to even, that is, to 0 */
	assert_true(parse("2.4703282292062327e-324") == 0);
	assert_true(parse("2.4703282292062328e-324") == ldexp(1, -1074));
}

static void ties_go_to_even_however_far_the_digits_go(void **state)
{
	/* 2^53 + 1 lies half way between two doubles */
	char text[3000] = "9007199254740993.";
	size_t n = strlen(text);

	(void)state;
	assert_true(parse("9007199254740993") == 9007199254740992.0);
	memset(text + n, '0', sizeof(text) - n - 1);
	assert_true(parse(text) == 9007199254740992.0);
	text[sizeof(text) - 2] = '1';
	assert_true(parse(text) == 9007199254740994.0);
}

static void every_number_reads_back_as_itself(void **state)
{
	uint64_t seed = 1;

	(void)state;
	for (int i = 0; i < RANDOM_RUNS; i++) {
		char text[NUMBER_TEXT_BYTES + 1];
		double d = random_double(&seed);

		print(d, text);
		assert_true(parse(text) == d);
		assert_true(strtod(text, NULL) == d);
		assert_true(number_is_canonical(kith_text(text)));
	}
}

/* printf's digits are the nearest of their count, so that a shorter text than
 * ours that reads back cannot be missed but beside a power of two. */
static void no_shorter_text_reads_back(void **state)
{
	uint64_t seed = 2;

	(void)state;
	for (int i = 0; i < RANDOM_RUNS; i++) {
		char text[NUMBER_TEXT_BYTES + 1], other[40];
		double d = random_double(&seed);
		int digits = 1;

		print(d, text);
		do {
			snprintf(other, sizeof(other), "%.*e", digits - 1, d);
		} while (strtod(other, NULL) != d && digits++ < 17);
		assert_true(significant(text) <= significant(other));
	}
}

static void any_digits_read_as_the_nearest(void **state)
{
	uint64_t seed = 3;

	(void)state;
	for (int i = 0; i < RANDOM_RUNS; i++) {
		char text[64];
		uint64_t whole = next_random(&seed) >> (i % 64);
		unsigned fraction = (unsigned)next_random(&seed);
		int power = (int)(next_random(&seed) % 700) - 350;

		snprintf(text, sizeof(text), "%llu.%ue%d",
			 (unsigned long long)whole, fraction,
			 i % 3 ? power % 25 : power);
		assert_true(parse(text) == strtod(text, NULL));
	}
}

static void points_between_two_doubles_read_as_the_even_one(void **state)
{
	uint64_t seed = 4;

	(void)state;
	for (int i = 0; i < RANDOM_RUNS / 10; i++) {
		/* at most 2^1023: the sum below is exact, and finite */
		double d = fmod(random_double(&seed), ldexp(1, 1000));
		long double half = ((long double)d + nextafter(d, 1e300)) / 2;
		char text[1200];

		snprintf(text, sizeof(text), "%.1100Le", half);
		assert_true(parse(text) == strtod(text, NULL));
	}
}

static void canonical_is_what_would_be_printed(void **state)
{
	static const char *const canonical[] = {
		"0", "1", "-1", "10", "0.5", "-0.5", "1.25", "100000000000000",
		"1514517067954", "1514517067954.001", "1514517067954.0012",
		"9007199254740991", "9007199254740992", "123456789.12345678",
		"0.30000000000000004", "0.000001", "1e-7", "1e+21", "5e-324",
		"1.7976931348623157e+308", "-122.4194155", "0.1234567890123456",
	};
	static const char *const other[] = {
		"-0", "0.0", "1.0", "1.50", "1e5", "1E+21", "1e21", "1e-07",
		"0.0000001", "1000000000000000000000", "9007199254740993",
		"1514517067954.0010", "0.10", "1.7976931348623159e308",
		"0.3000000000000000444", "1e400", "123e-2", "0e0",
		"12345678901234567890", "1514517067954.00100001",
		"8514517067954.0012",
	};

	(void)state;
	for (size_t i = 0; i < sizeof(canonical) / sizeof(*canonical); i++)
		if (!number_is_canonical(kith_text(canonical[i])))
			fail_msg("%s is canonical", canonical[i]);
	for (size_t i = 0; i < sizeof(other) / sizeof(*other); i++)
		if (number_is_canonical(kith_text(other[i])))
			fail_msg("%s is not canonical", other[i]);
}

/* The short cuts must agree with printing for decimals of every length. */
static void the_short_cut_for_canonical_is_right(void **state)
{
	uint64_t seed = 5;

	(void)state;
	for (int i = 0; i < RANDOM_RUNS; i++) {
		char text[64], out[NUMBER_TEXT_BYTES + 1];
		uint64_t whole = next_random(&seed) % 10000000000000;
		unsigned places = (unsigned)(next_random(&seed) % 9);
		unsigned fraction = (unsigned)(next_random(&seed) % 1000000000);

		snprintf(text, sizeof(text), "%llu.%0*u",
			 (unsigned long long)whole >> (i % 40), (int)places,
			 fraction);
		print(parse(text), out);
		assert_int_equal(number_is_canonical(kith_text(text)),
				 strcmp(text, out) == 0);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_worked_examples_come_out),
		cmocka_unit_test(what_is_not_finite_prints_as_null),
		cmocka_unit_test(the_form_changes_where_the_standard_says),
		cmocka_unit_test(
			powers_of_two_and_the_ends_of_the_range_are_exact),
		cmocka_unit_test(ties_go_to_even_however_far_the_digits_go),
		cmocka_unit_test(every_number_reads_back_as_itself),
		cmocka_unit_test(no_shorter_text_reads_back),
		cmocka_unit_test(any_digits_read_as_the_nearest),
		cmocka_unit_test(
			points_between_two_doubles_read_as_the_even_one),
		cmocka_unit_test(canonical_is_what_would_be_printed),
		cmocka_unit_test(the_short_cut_for_canonical_is_right),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
