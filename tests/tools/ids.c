#include "tools/pick/ids.h"

#include <ctype.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

/* 0, 1, ... 31 */
static const char hex[] = "000102030405060708090a0b0c0d0e0f"
			  "101112131415161718191a1b1c1d1e1f";
static const char base32[] =
	"AAAQEAYEAUDAOCAJBIFQYDIOB4IBCEQTCQKRMFYYDENBWHA5DYPQ";

static bool spells(const char *text)
{
	uint8_t bytes[KITH_ID_BYTES];

	if (!ids_spelled(kith_text(text), bytes))
		return false;
	for (size_t i = 0; i < sizeof(bytes); i++)
		if (bytes[i] != i)
			return false;
	return true;
}

static void hexadecimal_digits_of_either_case_spell_an_id(void **state)
{
	char upper[sizeof(hex)];

	(void)state;
	for (size_t i = 0; i < sizeof(hex); i++)
		upper[i] = (char)toupper((unsigned char)hex[i]);
	assert_true(spells(hex));
	assert_true(spells(upper));
}

static void base32_of_either_case_padded_or_not_spells_an_id(void **state)
{
	char text[64];

	(void)state;
	assert_true(spells(base32));
	snprintf(text, sizeof(text), "%s====", base32);
	assert_true(spells(text));
	for (char *p = text; *p; p++)
		*p = (char)tolower((unsigned char)*p);
	assert_true(spells(text));
}

static void feed_is_read_with_its_sigil_or_without(void **state)
{
	struct kith_feed_id printed, spelled;
	char text[KITH_REF_TEXT_BYTES];

	(void)state;
	assert_true(ids_feed_read(kith_text(hex), &spelled));
	assert_int_equal(spelled.format, KITH_CLASSIC);
	kith_feed_print(&spelled, text);
	assert_true(ids_feed_read(kith_text(text), &printed));
	assert_true(kith_feed_equal(&printed, &spelled));
	snprintf(text, sizeof(text), "@%s", base32);
	assert_true(ids_feed_read(kith_text(text), &printed));
	assert_true(kith_feed_equal(&printed, &spelled));
	snprintf(text, sizeof(text), "%%%s", base32);
	assert_false(ids_feed_read(kith_text(text), &printed));
	assert_false(ids_feed_read(kith_text(""), &printed));
}

static void anything_else_spells_none(void **state)
{
	uint8_t bytes[KITH_ID_BYTES];
	char text[80];

	(void)state;
	for (size_t i = 0; i < sizeof(hex); i++) {
		snprintf(text, sizeof(text), "%.*s", (int)i, hex);
		assert_int_equal(ids_spelled(kith_text(text), bytes),
				 i == sizeof(hex) - 1);
		snprintf(text, sizeof(text), "%s", hex);
		if (i < sizeof(hex) - 1) {
			text[i] = 'g';
			assert_false(ids_spelled(kith_text(text), bytes));
		}
	}
	snprintf(text, sizeof(text), "%s===", base32);
	assert_false(ids_spelled(kith_text(text), bytes));
	snprintf(text, sizeof(text), "%s=====", base32);
	assert_false(ids_spelled(kith_text(text), bytes));
	snprintf(text, sizeof(text), "%s", base32);
	text[0] = '1';
	assert_false(ids_spelled(kith_text(text), bytes));
	/* Bits of the last digit that no byte takes. */
	snprintf(text, sizeof(text), "%s", base32);
	text[51] = 'R';
	assert_false(ids_spelled(kith_text(text), bytes));
}

static void forms_of_ids_have_names(void **state)
{
	enum ids_form form;

	(void)state;
	assert_true(ids_form_read("short", &form) && form == IDS_SHORT);
	assert_true(ids_form_read("full", &form) && form == IDS_FULL);
	assert_true(ids_form_read("uri", &form) && form == IDS_URI);
	assert_false(ids_form_read("long", &form));
	assert_false(ids_form_read("", &form));
}

static void an_id_is_printed_cut_whole_and_as_uri(void **state)
{
	struct kith_feed_id feed = { .format = KITH_CLASSIC };
	struct kith_ref blob = { .kind = KITH_REF_BLOB };
	char text[KITH_REF_TEXT_BYTES];

	(void)state;
	ids_feed(IDS_SHORT, &feed, text);
	assert_string_equal(text, "@AAAAAAAA…");
	ids_feed(IDS_FULL, &feed, text);
	assert_string_equal(text, "@AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA="
				  ".ed25519");
	ids_feed(IDS_URI, &feed, text);
	assert_string_equal(text, "ssb:feed/classic/AAAAAAAAAAAAAAAAAAAAAAAAAA"
				  "AAAAAAAAAAAAAAAAA=");
	ids_ref(IDS_SHORT, &blob, text);
	assert_string_equal(text, "&AAAAAAAA…");
	/* What has no sigil is not cut: its start says only what it is. */
	feed.format = KITH_BENDYBUTT_V1;
	ids_feed(IDS_SHORT, &feed, text);
	assert_string_equal(text, "ssb:feed/bendybutt-v1/AAAAAAAAAAAAAAAAAAAAA"
				  "AAAAAAAAAAAAAAAAAAAAAA=");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(hexadecimal_digits_of_either_case_spell_an_id),
		cmocka_unit_test(
			base32_of_either_case_padded_or_not_spells_an_id),
		cmocka_unit_test(feed_is_read_with_its_sigil_or_without),
		cmocka_unit_test(anything_else_spells_none),
		cmocka_unit_test(forms_of_ids_have_names),
		cmocka_unit_test(an_id_is_printed_cut_whole_and_as_uri),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
