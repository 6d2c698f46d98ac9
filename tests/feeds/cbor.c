/* CBOR as gabbygrove-v1 has it: what is taken, what is refused, and where. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include "feeds/cbor.h"

#define BYTES(...) \
	((struct kith_slice){ (const uint8_t[]){ __VA_ARGS__ }, \
			      sizeof((const uint8_t[]){ __VA_ARGS__ }) })

static void good(struct kith_slice s)
{
	size_t n = 0;

	assert_int_equal(cbor_check(s, &n, NULL), KITH_OK);
	assert_int_equal(n, s.n);
}

static void bad(struct kith_slice s, size_t at)
{
	struct kith_error e = { 0 };
	size_t n;

	assert_int_equal(cbor_check(s, &n, &e), KITH_EFORMAT);
	assert_int_equal(e.offset, at);
}

static void every_kind_is_taken(void **state)
{
	(void)state;
	good(BYTES(0x17));
	good(BYTES(0x18, 0x18));
	good(BYTES(0x19, 0x01, 0x00));
	good(BYTES(0x1a, 0x00, 0x01, 0x00, 0x00));
	good(BYTES(0x1b, 0, 0, 0, 1, 0, 0, 0, 0));
	good(BYTES(0x20));
	good(BYTES(0x42, 1, 2));
	good(BYTES(0x62, 'h', 'i'));
	good(BYTES(0x80));
	good(BYTES(0x82, 0x01, 0x81, 0xf6));
	good(BYTES(0xa1, 0x61, 'a', 0xf5));
	good(BYTES(0xd9, 0x04, 0x1a, 0x41, 0x00));
	good(BYTES(0xf4));
}

static void another_spelling_is_refused(void **state)
{
	(void)state;
	bad(BYTES(0x18, 0x17), 1);
	bad(BYTES(0x19, 0x00, 0xff), 1);
	bad(BYTES(0x1a, 0, 0, 0xff, 0xff), 1);
	bad(BYTES(0x1b, 0, 0, 0, 0, 0xff, 0xff, 0xff, 0xff), 1);
	bad(BYTES(0x1c), 0);
	bad(BYTES(0x5f, 0x41, 0, 0xff), 0);
	bad(BYTES(0x9f, 0xff), 0);
	bad(BYTES(0xf7), 0);
	bad(BYTES(0xf9, 0, 0), 0);
}

static void counts_are_not_believed(void **state)
{
	(void)state;
	bad(BYTES(0x9a, 0xff, 0xff, 0xff, 0xff), 5);
	bad(BYTES(0xbb, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff), 9);
	bad(BYTES(0x5b, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff), 9);
}

static void what_breaks_off_is_refused_at_every_byte(void **state)
{
	const struct kith_slice whole =
		BYTES(0x83, 0x42, 1, 2, 0xa1, 0x61, 'a', 0x19, 1, 0, 0xd9, 4,
		      0x1a, 0x41, 9);
	size_t n;

	(void)state;
	good(whole);
	for (size_t cut = 0; cut < whole.n; cut++)
		assert_int_equal(cbor_check((struct kith_slice){ whole.p, cut },
					    &n, NULL),
				 KITH_EFORMAT);
}

static void depth_has_a_limit(void **state)
{
	uint8_t bytes[CBOR_DEPTH_MAX + 2];
	struct kith_error e = { 0 };
	size_t n;

	(void)state;
	memset(bytes, 0x81, sizeof(bytes));
	bytes[CBOR_DEPTH_MAX] = 0xf6;
	good((struct kith_slice){ bytes, CBOR_DEPTH_MAX + 1 });
	bytes[CBOR_DEPTH_MAX] = 0x81;
	bytes[CBOR_DEPTH_MAX + 1] = 0xf6;
	assert_int_equal(cbor_check((struct kith_slice){ bytes,
							 sizeof(bytes) },
				    &n, &e),
			 KITH_ETOOBIG);
	assert_int_equal(e.offset, CBOR_DEPTH_MAX);
}

static void the_last_item_says_what_it_ends(void **state)
{
	struct cbor_token t;
	struct cbor c;

	(void)state;
	cbor_init(&c, BYTES(0x82, 0x01, 0xd8, 0x20, 0x82, 0x80, 0x02));
	for (unsigned i = 0; i < 4; i++) {
		assert_int_equal(cbor_next(&c, &t), CBOR_TOKEN);
		assert_int_equal(t.closes, 0);
	}
	assert_int_equal(cbor_next(&c, &t), CBOR_TOKEN);
	assert_int_equal(t.kind, CBOR_ARRAY);
	assert_int_equal(t.closes, 1);
	assert_int_equal(cbor_next(&c, &t), CBOR_TOKEN);
	assert_int_equal(t.closes, 2);
	assert_int_equal(cbor_next(&c, &t), CBOR_OVER);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_kind_is_taken),
		cmocka_unit_test(another_spelling_is_refused),
		cmocka_unit_test(counts_are_not_believed),
		cmocka_unit_test(what_breaks_off_is_refused_at_every_byte),
		cmocka_unit_test(depth_has_a_limit),
		cmocka_unit_test(the_last_item_says_what_it_ends),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
