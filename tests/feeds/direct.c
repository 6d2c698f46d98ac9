#include "feeds/direct.h"

#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>
#include <sodium.h>

#include "feeds/base64.h"
#include "feeds/json.h"
#include "feeds/utf16.h"
#include "tests/feeds/private.h"
#include "tests/support/data.h"

/* The identity of a key pair in an example. */
static struct kith_signer *signer_of(struct kith_slice keys)
{
	struct kith_slice text = json_plain(json_get(keys, "private"));
	uint8_t secret[KITH_SECRET_BYTES];
	struct kith_signer *s;

	text.n = base64_span(text);
	assert_true(base64_decode(text, secret, sizeof(secret)));
	s = kith_signer_from_seed(secret);
	assert_non_null(s);
	return s;
}

static void assert_shared(const struct kith_signer *s,
			  const struct kith_signer *peer,
			  struct kith_slice json)
{
	uint8_t js[KITH_BOX2_KEY_BYTES], bytewise[KITH_BOX2_KEY_BYTES];
	struct kith_direct_keys keys;

	private_hex(json_get(json, "key_from_ssb_private_group_keys_hex"), js,
		    sizeof(js));
	private_hex(json_get(json, "key_bytewise_order_hex"), bytewise,
		    sizeof(bytewise));
	assert_int_equal(kith_direct_keys(s, kith_signer_id(peer), &keys),
			 KITH_OK);
	assert_memory_equal(keys.b[0], js, sizeof(js));
	if (json_says_true(json_get(json, "js_equals_bytewise"))) {
		assert_int_equal(keys.n, 1);
		return;
	}
	assert_int_equal(keys.n, 2);
	assert_memory_equal(keys.b[1], bytewise, sizeof(bytewise));
}

static void both_ends_derive_the_keys_of_the_examples(void **state)
{
	struct kith_slice json, name, pair;
	struct kith_buf file = data_read_json("protocol/box2-dm-key.json",
					      &json);
	size_t at = 0, pairs = 0;

	(void)state;
	while (json_next_member(json, &at, &name, &pair)) {
		struct kith_signer *x, *y;

		if (json_kind(pair) != JSON_KIND_OBJECT)
			continue;
		x = signer_of(json_get(pair, "x"));
		y = signer_of(json_get(pair, "y"));
		assert_shared(x, y, pair);
		assert_shared(y, x, pair);
		kith_signer_free(x);
		kith_signer_free(y);
		pairs++;
	}
	assert_int_equal(pairs, 2);
	kith_buf_free(&file);
}

/* About one pair in seven has two keys: protocol/12 section 2.4. */
static void both_ends_of_any_pair_derive_the_same_keys(void **state)
{
	enum { PAIRS = 400 };
	struct kith_direct_keys one, other;
	size_t differ = 0;

	(void)state;
	for (size_t i = 0; i < PAIRS; i++) {
		struct kith_signer *a = kith_signer_generate();
		struct kith_signer *b = kith_signer_generate();

		assert_true(a && b);
		assert_int_equal(kith_direct_keys(a, kith_signer_id(b), &one),
				 KITH_OK);
		assert_int_equal(kith_direct_keys(b, kith_signer_id(a), &other),
				 KITH_OK);
		assert_int_equal(one.n, other.n);
		assert_memory_equal(one.b, other.b,
				    one.n * KITH_BOX2_KEY_BYTES);
		differ += one.n == 2;
		kith_signer_free(a);
		kith_signer_free(b);
	}
	assert_in_range(differ, 1, PAIRS / 3);
}

static void no_key_is_shared_with_oneself_or_with_no_point(void **state)
{
	struct kith_signer *s = private_signer(1);
	struct kith_feed_id peer = *kith_signer_id(s);
	struct kith_direct_keys keys = { .n = 7 };
	uint8_t zero[KITH_CURVE_BYTES] = { 0 };

	(void)state;
	assert_int_equal(kith_direct_keys(s, &peer, &keys), KITH_EFORMAT);
	peer.format = KITH_BUTTWOO_V1;
	assert_int_equal(kith_direct_keys(s, &peer, &keys), KITH_EFORMAT);
	memset(peer.b, 0, sizeof(peer.b));
	assert_int_equal(kith_direct_keys(s, &peer, &keys), KITH_EFORMAT);
	memset(peer.b, 2, sizeof(peer.b));
	assert_int_equal(kith_direct_keys(s, &peer, &keys), KITH_EFORMAT);
	assert_int_equal(kith_pobox_keys(s, zero, &keys), KITH_EFORMAT);
	assert_int_equal(keys.n, 7);
	kith_signer_free(s);
}

static void writer_and_readers_of_a_po_box_share_the_key(void **state)
{
	struct kith_slice json;
	struct kith_buf file = data_read_json("protocol/box2-pobox-key.json",
					      &json);
	struct kith_signer *alice = signer_of(json_get(json, "alice"));
	uint8_t secret[KITH_CURVE_BYTES], key[KITH_BOX2_KEY_BYTES];
	char id[KITH_REF_TEXT_BYTES];
	struct kith_direct_keys to, from;
	struct kith_pobox pobox;

	(void)state;
	private_hex(json_get(json, "po_box_secret_hex"), secret,
		    sizeof(secret));
	private_hex(json_get(json, "key_hex"), key, sizeof(key));
	kith_pobox_init(&pobox, secret);
	kith_pobox_print(pobox.public, id);
	assert_true(json_is(json_get(json, "po_box_id"), id));
	assert_int_equal(kith_pobox_keys(alice, pobox.public, &to), KITH_OK);
	assert_int_equal(kith_pobox_reader_keys(&pobox, kith_signer_id(alice),
						&from),
			 KITH_OK);
	assert_memory_equal(to.b[0], key, sizeof(key));
	assert_memory_equal(from.b[0], key, sizeof(key));
	kith_signer_free(alice);
	kith_buf_free(&file);
}

static void ids_of_po_boxes_are_read_back_and_no_others(void **state)
{
	static const char *const others[] = {
		"",
		"ssb:identity/po-box/",
		"ssb:identity/po-box/AAAA",
		"ssb:identity/group/"
		"BAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQ=",
		"ssb:identity/po-box/"
		"BAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQ=x",
		"%BAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQ=.cloaked",
	};
	uint8_t key[KITH_CURVE_BYTES], back[KITH_CURVE_BYTES];
	char text[KITH_REF_TEXT_BYTES];

	(void)state;
	randombytes_buf(key, sizeof(key));
	kith_pobox_print(key, text);
	assert_int_equal(kith_pobox_parse(kith_text(text), back), KITH_OK);
	assert_memory_equal(back, key, sizeof(key));
	for (size_t i = 0; i < sizeof(others) / sizeof(others[0]); i++)
		assert_int_equal(kith_pobox_parse(kith_text(others[i]), back),
				 KITH_EFORMAT);
}

static int sign(int n)
{
	return n < 0 ? -1 : n > 0;
}

/* In ascending order as JavaScript has it, with what it makes of bytes that
 * are no UTF-8: U+FFFD for each as long as it could have been one. */
static void texts_are_ordered_as_javascript_orders_them(void **state)
{
	static const char *const ascending[] = {
		"",		    "a",
		"a\x7f",	    "b",
		"\xc2\x80",	    "\xdf\xbf",
		"\xe0\xa0\x80",	    "\xed\x9f\xbf",
		"\xf0\x90\x80\x80", "\xf4\x8f\xbf\xbf", /* pairs: D800... */
		"\xee\x80\x80",	    "\xef\xbf\xbc",
		"\x80",		    "\xc1 ",
		"\342\202A",
		"\xff\xfd",
	};
	enum { N = sizeof(ascending) / sizeof(ascending[0]) };

	(void)state;
	for (size_t i = 0; i < N; i++)
		for (size_t j = 0; j < N; j++)
			assert_int_equal(
				sign(utf16_compare(kith_text(ascending[i]),
						   kith_text(ascending[j]))),
				sign((int)i - (int)j));
}

static void bytes_that_are_no_utf8_compare_as_replacements(void **state)
{
	/* Each row reads as so many U+FFFD. */
	static const struct {
		const char *bytes, *replaced;
	} rows[] = {
		{ "\x80", "\xef\xbf\xbd" },
		{ "\xf5", "\xef\xbf\xbd" },
		{ "\xe2\x82", "\xef\xbf\xbd" },
		{ "\xf0\x9f\x98", "\xef\xbf\xbd" },
		{ "\xc0\x80", "\xef\xbf\xbd\xef\xbf\xbd" },
		{ "\xe0\x80\x80",
		  "\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd" },
		{ "\xed\xa0\x80",
		  "\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd" },
		{ "\xf4\x90", "\xef\xbf\xbd\xef\xbf\xbd" },
		{ "\xe2\x82\xe2\x82\xac", "\xef\xbf\xbd\xe2\x82\xac" },
		{ "\xf0\x9f\x41", "\357\277\275A" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		assert_int_equal(utf16_compare(kith_text(rows[i].bytes),
					       kith_text(rows[i].replaced)),
				 0);
}

static int init(void **state)
{
	(void)state;
	return kith_init() != KITH_OK;
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(both_ends_derive_the_keys_of_the_examples),
		cmocka_unit_test(both_ends_of_any_pair_derive_the_same_keys),
		cmocka_unit_test(
			no_key_is_shared_with_oneself_or_with_no_point),
		cmocka_unit_test(writer_and_readers_of_a_po_box_share_the_key),
		cmocka_unit_test(ids_of_po_boxes_are_read_back_and_no_others),
		cmocka_unit_test(texts_are_ordered_as_javascript_orders_them),
		cmocka_unit_test(
			bytes_that_are_no_utf8_compare_as_replacements),
	};

	return cmocka_run_group_tests(tests, init, NULL);
}
