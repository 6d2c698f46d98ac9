/* Every type of binary field encoding, as the npm package reads it. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include "feeds/bfe_value.h"
#include "feeds/json.h"

static void reads_as(struct kith_slice in, const char *json)
{
	struct kith_buf out = { .limit = 1024 };
	struct bfe_value v;

	assert_int_equal(bfe_read(in, &v, NULL), KITH_OK);
	bfe_put_json(&v, &out);
	assert_true(kith_equal(kith_bytes(&out), kith_text(json)));
	assert_int_equal(json_check(kith_bytes(&out), NULL, NULL), KITH_OK);
	kith_buf_free(&out);
}

/* A type and a format in front of n bytes 0x08. */
static struct kith_slice filled(uint8_t type, uint8_t format, size_t n)
{
	static uint8_t b[128];

	memset(b, 8, sizeof(b));
	b[0] = type;
	b[1] = format;
	return (struct kith_slice){ b, 2 + n };
}

#define EIGHTS "CAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAg="
#define EIGHTS64 \
	"CAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICA=="

static void ids_become_their_texts(void **state)
{
	(void)state;
	reads_as(filled(0, 0, 32), "\"@" EIGHTS ".ed25519\"");
	reads_as(filled(0, 3, 32), "\"ssb:feed/bendybutt-v1/" EIGHTS "\"");
	reads_as(filled(1, 0, 32), "\"%" EIGHTS ".sha256\"");
	reads_as(filled(1, 2, 32), "\"%" EIGHTS ".cloaked\"");
	reads_as(filled(1, 5, 32), "\"ssb:message/buttwoo-v1/" EIGHTS "\"");
	reads_as(filled(2, 0, 32), "\"&" EIGHTS ".sha256\"");
	reads_as(filled(3, 0, 32),
		 "\"ssb:encryption-key/box2-dm-dh/" EIGHTS "\"");
	reads_as(filled(4, 0, 64), "\"" EIGHTS64 ".sig.ed25519\"");
	reads_as(filled(7, 1, 32), "\"ssb:identity/group/" EIGHTS "\"");
}

static void simple_values_become_json(void **state)
{
	static const uint8_t text[] = { 6, 0, 'h', 'i' };
	static const uint8_t yes[] = { 6, 1, 1 }, no[] = { 6, 1, 0 };

	(void)state;
	reads_as((struct kith_slice){ text, sizeof(text) }, "\"hi\"");
	reads_as((struct kith_slice){ yes, sizeof(yes) }, "true");
	reads_as((struct kith_slice){ no, sizeof(no) }, "false");
	reads_as(filled(6, 2, 0), "null");
	reads_as(filled(6, 3, 2), "{\"hex\":\"0808\"}");
	reads_as(filled(5, 1, 3), "\"CAgI.box2\"");
}

static void unknown_kinds_stay_opaque(void **state)
{
	(void)state;
	reads_as(filled(9, 7, 1), "\"ssb:unknown/9-7/CA==\"");
	reads_as(filled(0, 200, 0), "\"ssb:unknown/0-200/\"");
}

static void a_text_that_is_no_utf8_becomes_hex(void **state)
{
	static const uint8_t text[] = { 6, 0, 0xff, 'a' };

	(void)state;
	reads_as((struct kith_slice){ text, sizeof(text) },
		 "{\"hex\":\"ff61\"}");
}

static void wrong_lengths_are_refused(void **state)
{
	struct kith_error e = { 0 };
	struct bfe_value v;

	(void)state;
	assert_int_equal(bfe_read(filled(0, 0, 31), &v, &e), KITH_EFORMAT);
	assert_int_equal(e.offset, 33);
	assert_int_equal(bfe_read(filled(1, 3, 32), &v, NULL), KITH_EFORMAT);
	assert_int_equal(bfe_read(filled(6, 2, 1), &v, NULL), KITH_EFORMAT);
	assert_int_equal(bfe_read(filled(6, 1, 1), &v, NULL), KITH_EFORMAT);
	assert_int_equal(bfe_read(KITH_SLICE("a"), &v, NULL), KITH_EFORMAT);
	assert_int_equal(bfe_read(KITH_SLICE(""), &v, NULL), KITH_EFORMAT);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(ids_become_their_texts),
		cmocka_unit_test(simple_values_become_json),
		cmocka_unit_test(unknown_kinds_stay_opaque),
		cmocka_unit_test(a_text_that_is_no_utf8_becomes_hex),
		cmocka_unit_test(wrong_lengths_are_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
