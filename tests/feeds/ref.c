#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "feeds/json.h"
#include "feeds/ref.h"
#include "tests/support/data.h"

/* 32 bytes whose base64 has a + and a / in it. */
#define DATA	 "+/v7+/v7+/v7+/v7+/v7+/v7+/v7+/v7+/v7+/v7+/s="
#define URI_DATA "-_v7-_v7-_v7-_v7-_v7-_v7-_v7-_v7-_v7-_v7-_s="

static enum kith_err parse(const char *text, struct kith_ref *ref)
{
	return kith_ref_parse(kith_text(text), ref, NULL);
}

static void assert_refused(const char *text)
{
	struct kith_ref ref;

	if (parse(text, &ref) != KITH_EFORMAT)
		fail_msg("taken: %s", text);
}

/* The text that is printed on the wire for ref. */
static void print(const struct kith_ref *ref, char out[KITH_REF_TEXT_BYTES])
{
	switch (ref->kind) {
	case KITH_REF_FEED: kith_feed_print(&ref->feed, out); break;
	case KITH_REF_MSG: kith_msg_print(&ref->msg, out); break;
	case KITH_REF_BLOB: kith_blob_print(&ref->blob, out); break;
	}
}

static void every_form_comes_out_as_it_went_in(void **state)
{
	static const struct {
		const char *wire, *uri;
		enum kith_ref_kind kind;
	} cases[] = {
		{ "@" DATA ".ed25519", "ssb:feed/classic/" URI_DATA,
		  KITH_REF_FEED },
		{ "%" DATA ".sha256", "ssb:message/classic/" URI_DATA,
		  KITH_REF_MSG },
		{ "&" DATA ".sha256", "ssb:blob/classic/" URI_DATA,
		  KITH_REF_BLOB },
		{ "%" DATA ".cloaked", "ssb:message/cloaked/" URI_DATA,
		  KITH_REF_MSG },
		{ NULL, "ssb:feed/bendybutt-v1/" URI_DATA, KITH_REF_FEED },
		{ NULL, "ssb:message/bendybutt-v1/" URI_DATA, KITH_REF_MSG },
		{ NULL, "ssb:feed/gabbygrove-v1/" URI_DATA, KITH_REF_FEED },
		{ NULL, "ssb:message/gabbygrove-v1/" URI_DATA, KITH_REF_MSG },
		{ NULL, "ssb:feed/buttwoo-v1/" URI_DATA, KITH_REF_FEED },
		{ NULL, "ssb:message/buttwoo-v1/" URI_DATA, KITH_REF_MSG },
		{ NULL, "ssb:feed/indexed-v1/" URI_DATA, KITH_REF_FEED },
		{ NULL, "ssb:message/indexed-v1/" URI_DATA, KITH_REF_MSG },
	};
	char out[KITH_REF_TEXT_BYTES];
	struct kith_ref ref;

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		const char *wire = cases[i].wire ? cases[i].wire : cases[i].uri;

		assert_int_equal(parse(cases[i].uri, &ref), KITH_OK);
		assert_int_equal(ref.kind, cases[i].kind);
		print(&ref, out);
		assert_string_equal(out, wire);
		assert_int_equal(parse(wire, &ref), KITH_OK);
		kith_ref_print_uri(&ref, out);
		assert_string_equal(out, cases[i].uri);
	}
}

static void the_same_key_in_two_formats_is_two_feeds(void **state)
{
	struct kith_feed_id classic, bendy;

	(void)state;
	assert_int_equal(kith_feed_parse(kith_text("@" DATA ".ed25519"),
					 &classic),
			 KITH_OK);
	assert_int_equal(
		kith_feed_parse(kith_text("ssb:feed/bendybutt-v1/" URI_DATA),
				&bendy),
		KITH_OK);
	assert_memory_equal(classic.b, bendy.b, sizeof(classic.b));
	assert_false(kith_feed_equal(&classic, &bendy));
}

static void old_spellings_of_uris_are_read(void **state)
{
	static const char *const cases[][2] = {
		{ "ssb:feed/ed25519/" URI_DATA, "@" DATA ".ed25519" },
		{ "ssb:message/sha256/" URI_DATA, "%" DATA ".sha256" },
		{ "ssb:blob/sha256/" URI_DATA, "&" DATA ".sha256" },
		{ "ssb:feed:classic:" URI_DATA, "@" DATA ".ed25519" },
		{ "ssb:blob:sha256:" URI_DATA, "&" DATA ".sha256" },
		{ "ssb://feed/classic/" URI_DATA, "@" DATA ".ed25519" },
		{ "ssb:blob/classic/" URI_DATA "?unbox=a/b:c",
		  "&" DATA ".sha256" },
		{ "ssb:feed/classic/" URI_DATA "#x", "@" DATA ".ed25519" },
		{ "ssb:feed/classic/-_v7-_v7-_v7-_v7-_v7-_v7-_v7-_v7-_v7-_v7"
		  "-%5Fs%3d", "@" DATA ".ed25519" },
	};
	char out[KITH_REF_TEXT_BYTES];
	struct kith_ref ref;

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		assert_int_equal(parse(cases[i][0], &ref), KITH_OK);
		print(&ref, out);
		assert_string_equal(out, cases[i][1]);
	}
}

static void what_is_not_a_sigil_reference_is_refused(void **state)
{
	(void)state;
	assert_refused("");
	assert_refused("@");
	assert_refused("hello");
	assert_refused("#channel");
	assert_refused(DATA ".ed25519");
	assert_refused("@" DATA);
	assert_refused("@" DATA ".");
	assert_refused("@" DATA ".sha256");
	assert_refused("@" DATA ".cloaked");
	assert_refused("%" DATA ".ed25519");
	assert_refused("&" DATA ".cloaked");
	assert_refused("@" DATA ".ED25519");
	assert_refused("@" DATA "Xed25519");
	assert_refused("@" DATA ".ed25519 ");
	assert_refused(" @" DATA ".ed25519");
	assert_refused("@" DATA ".ed25519\n");
	assert_refused("&" DATA ".sha256?unbox=AAAA.boxs");
	assert_refused("@" URI_DATA ".ed25519");
	/* The last character has a bit too many; then lengths around 32. */
	assert_refused("@AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAB=.ed25519");
	assert_refused("@AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA==.ed25519");
	assert_refused("@AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA.ed25519");
	assert_refused("@AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA.ed25519");
}

static void what_is_not_a_uri_reference_is_refused(void **state)
{
	(void)state;
	assert_refused("ssb:");
	assert_refused("ssb:feed");
	assert_refused("ssb:feed/classic");
	assert_refused("ssb:feed/classic/");
	assert_refused("ssb:feed/classic/short");
	assert_refused("ssb:feed/classic/" DATA);
	assert_refused("ssb:feed/classic/" URI_DATA "/extra");
	assert_refused("ssb:feed/buttwoo-v1/" URI_DATA "/" URI_DATA);
	assert_refused("ssb:feed/classic:" URI_DATA);
	assert_refused("ssb:feed:classic/" URI_DATA);
	assert_refused("ssb://feed:classic:" URI_DATA);
	assert_refused("SSB:feed/classic/" URI_DATA);
	assert_refused("ssb:FEED/classic/" URI_DATA);
	assert_refused(" ssb:feed/classic/" URI_DATA);
	assert_refused("ssb:feed/classic/%2Bv7-_v7-_v7-_v7-_v7-_v7-_v7-_v7-"
		       "_v7-_v7-_s=");
	assert_refused("ssb:feed/classic/AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"
		       "AAAAA%3");
	assert_refused("ssb:feed/classic/AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"
		       "AAAAA%3G");
	assert_refused("ssb:feed/classic/AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"
		       "AAAAA");
	assert_refused("ssb:experimental?action=start-http-auth");
}

static void errors_name_what_is_not_supported(void **state)
{
	struct kith_error e = { 0 }, suffix = { 0 };
	struct kith_ref ref;
	struct kith_slice uri = KITH_SLICE("ssb:feed/lols/" URI_DATA);
	struct kith_slice sigil = KITH_SLICE("@" DATA ".bbfeed-v1");

	(void)state;
	assert_int_equal(kith_ref_parse(uri, &ref, &e), KITH_EFORMAT);
	assert_non_null(strstr(e.text, "\"feed/lols\""));
	assert_int_equal(e.offset, 4);
	assert_int_equal(kith_ref_parse(sigil, &ref, &suffix), KITH_EFORMAT);
	assert_non_null(strstr(suffix.text, "\".bbfeed-v1\""));
}

static void a_failed_parse_leaves_the_result_alone(void **state)
{
	struct kith_feed_id feed = { KITH_INDEXED_V1, { 1, 2, 3 } };
	struct kith_feed_id before = feed;

	(void)state;
	assert_int_equal(kith_feed_parse(kith_text("%" DATA ".sha256"), &feed),
			 KITH_EFORMAT);
	assert_int_equal(kith_feed_parse(kith_text("@" DATA), &feed),
			 KITH_EFORMAT);
	assert_memory_equal(&feed, &before, sizeof(feed));
}

static void each_kind_is_taken_only_as_what_it_is(void **state)
{
	static const char *const texts[] = { "@" DATA ".ed25519",
					     "%" DATA ".sha256",
					     "&" DATA ".sha256" };
	struct kith_feed_id feed;
	struct kith_msg_id msg;
	struct kith_blob_id blob;

	(void)state;
	for (size_t i = 0; i < 3; i++) {
		struct kith_slice s = kith_text(texts[i]);

		assert_int_equal(kith_feed_parse(s, &feed) == KITH_OK, i == 0);
		assert_int_equal(kith_msg_parse(s, &msg) == KITH_OK, i == 1);
		assert_int_equal(kith_blob_parse(s, &blob) == KITH_OK, i == 2);
	}
}

/* The tables beside the protocol pages, but that .sha256 ends no feed here. */
static void expect_checked(struct kith_slice item)
{
	struct kith_buf s = { .limit = 1024 };
	bool feed, msg, blob;
	struct kith_ref ref;

	assert_true(json_unescape(json_get(item, "s"), &s));
	feed = json_says_true(json_get(item, "isFeed")) &&
	       !memmem(s.p, s.n, ".sha256", 7);
	msg = json_says_true(json_get(item, "isMsg")) ||
	      json_says_true(json_get(item, "isCloaked"));
	blob = json_says_true(json_get(item, "isBlob"));
	if (kith_ref_parse(kith_bytes(&s), &ref, NULL)) {
		assert_false(feed || msg || blob);
	} else {
		assert_int_equal(ref.kind == KITH_REF_FEED, feed);
		assert_int_equal(ref.kind == KITH_REF_MSG, msg);
		assert_int_equal(ref.kind == KITH_REF_BLOB, blob);
	}
	kith_buf_free(&s);
}

static void agrees_with_the_worked_references(void **state)
{
	struct kith_slice all, item;
	struct kith_buf file = data_read_json("protocol/refs.json", &all);
	char out[KITH_REF_TEXT_BYTES];
	size_t at = 0, seen = 0;
	struct kith_ref ref;

	(void)state;
	for (; json_next_element(json_get(all, "ref_checks"), &at, &item);
	     seen++)
		expect_checked(item);
	assert_int_equal(seen, 16);
	for (at = 0; json_next_element(json_get(all, "uris"), &at, &item);
	     seen++) {
		struct kith_slice sigil = json_plain(json_get(item, "sigil"));

		assert_int_equal(kith_ref_parse(sigil, &ref, NULL), KITH_OK);
		kith_ref_print_uri(&ref, out);
		assert_true(json_is(json_get(item, "uri"), out));
	}
	assert_int_equal(seen, 16 + 4);
	kith_buf_free(&file);
}

/* What JS turns into a sigil we do too, but for data of another length. */
static void agrees_with_the_worked_uris(void **state)
{
	struct kith_slice all, item;
	struct kith_buf file = data_read_json("protocol/refs.json", &all);
	size_t at = 0, seen = 0, taken = 0;
	char out[KITH_REF_TEXT_BYTES];
	struct kith_ref ref;

	(void)state;
	while (json_next_element(json_get(all, "uri_checks"), &at, &item)) {
		struct kith_slice uri = json_plain(json_get(item, "s"));
		struct kith_slice feed = json_get(item, "toFeedSigil");
		struct kith_slice msg = json_get(item, "toMessageSigil");

		seen++;
		if (kith_ref_parse(uri, &ref, NULL))
			continue;
		taken++;
		print(&ref, out);
		if (json_kind(feed) == JSON_KIND_STRING)
			assert_true(json_is(feed, out));
		if (json_kind(msg) == JSON_KIND_STRING)
			assert_true(json_is(msg, out));
	}
	assert_int_equal(seen, 10);
	assert_int_equal(taken, 5);
	kith_buf_free(&file);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_form_comes_out_as_it_went_in),
		cmocka_unit_test(the_same_key_in_two_formats_is_two_feeds),
		cmocka_unit_test(old_spellings_of_uris_are_read),
		cmocka_unit_test(what_is_not_a_sigil_reference_is_refused),
		cmocka_unit_test(what_is_not_a_uri_reference_is_refused),
		cmocka_unit_test(errors_name_what_is_not_supported),
		cmocka_unit_test(a_failed_parse_leaves_the_result_alone),
		cmocka_unit_test(each_kind_is_taken_only_as_what_it_is),
		cmocka_unit_test(agrees_with_the_worked_references),
		cmocka_unit_test(agrees_with_the_worked_uris),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
