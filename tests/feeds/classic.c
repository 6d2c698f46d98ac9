#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>

#include "feeds/base64.h"
#include "feeds/json.h"
#include "feeds/message.h"
#include "feeds/ref.h"
#include "feeds/verify.h"
#include "tests/support/data.h"

enum { ROOM = 1 << 20 };

static int make_decoder(void **state)
{
	*state = kith_decoder_new(NULL);
	return *state ? 0 : -1;
}

static int free_decoder(void **state)
{
	kith_decoder_free(*state);
	return 0;
}

static struct kith_buf string_of(struct kith_slice value)
{
	struct kith_buf b = { .limit = ROOM };

	assert_true(json_unescape(value, &b));
	return b;
}

static struct kith_buf bytes_of_hex(struct kith_slice hex)
{
	struct kith_buf b = { .limit = ROOM };
	size_t n = 0;
	uint8_t *room = kith_buf_reserve(&b, hex.n / 2);

	assert_non_null(room);
	assert_int_equal(sodium_hex2bin(room, hex.n / 2, (const char *)hex.p,
					hex.n, NULL, &n, NULL), 0);
	b.n = n;
	return b;
}

static bool verifies(const struct kith_msg *m)
{
	struct kith_verify_item item = { m->author.b, m->signing, m->signature,
					 false };

	kith_verify(&item, 1);
	return item.valid;
}

static void assert_id(const struct kith_msg_id *id, struct kith_slice expected)
{
	char text[KITH_REF_TEXT_BYTES];

	kith_msg_print(id, text);
	assert_true(json_is(expected, text));
}

static void assert_sha256(struct kith_slice text, struct kith_slice hex)
{
	uint8_t hash[crypto_hash_sha256_BYTES];
	char out[2 * sizeof(hash) + 1];

	crypto_hash_sha256(hash, text.p, text.n);
	assert_true(json_is(hex, sodium_bin2hex(out, sizeof(out), hash,
						sizeof(hash))));
}

/* As ssb-validate decides, but for a member that stands there twice, which
 * JavaScript cannot see. */
static bool is_wanted(struct kith_slice one)
{
	return json_is(json_get(one, "ssb_validate_4_1_4"), "accept") &&
	       !json_is(json_get(one, "name"), "toplevel-dup");
}

static void check_edge_case(struct kith_decoder *d, struct kith_slice one)
{
	struct kith_buf wire = string_of(json_get(one, "wire"));
	struct kith_buf pretty = { .limit = ROOM };
	struct kith_slice name = json_plain(json_get(one, "name"));
	struct kith_tip tip = { 0 };
	struct kith_error e = { 0 };
	struct kith_msg m;
	uint64_t units;
	bool taken = !kith_msg_decode(d, KITH_CLASSIC, kith_bytes(&wire), &m,
				      &e) &&
		     verifies(&m) && !kith_chain(&tip, &m);

	if (taken != is_wanted(one))
		fail_msg("%.*s: %s", (int)name.n, (const char *)name.p,
			 e.text);
	if (taken) {
		json_pretty(m.canon, &pretty);
		kith_buf_reset(&wire);
		assert_true(json_unescape(json_get(one, "canonical"), &wire));
		assert_true(kith_equal(kith_bytes(&pretty),
				       kith_bytes(&wire)));
		assert_true(json_uint(json_get(one, "canonical_utf16_length"),
				      &units));
		assert_int_equal(m.units, units);
		assert_id(&m.id, json_get(one, "id"));
		assert_sha256(m.signing, json_get(one,
						  "signing_input_sha256"));
	}
	kith_buf_free(&pretty);
	kith_buf_free(&wire);
}

static void the_worked_edge_cases_come_out(void **state)
{
	struct kith_slice file, cases, one;
	struct kith_buf data =
		data_read_json("protocol/classic-edge-cases.json", &file);
	size_t at = 0, n = 0;

	cases = json_get(file, "cases");
	for (; json_next_element(cases, &at, &one); n++)
		check_edge_case(*state, one);
	assert_int_equal(n, 55);
	kith_buf_free(&data);
}

/* Reads, verifies and chains one message of classic-chain.json, then builds
 * it from its content and gets the same. */
static void check_link(struct kith_decoder *d, const struct kith_signer *alice,
		       struct kith_tip *tip, struct kith_slice one)
{
	struct kith_slice input = json_get(one, "signing_input_utf8_hex");
	struct kith_slice mac = json_get(one, "hmac_sha512_256_of_input_hex");
	struct kith_buf signing =
		bytes_of_hex(json_plain(mac.n ? mac : input));
	struct kith_draft draft = { .format = KITH_CLASSIC };
	struct kith_msg m, built;

	assert_int_equal(kith_msg_decode(d, KITH_CLASSIC,
					 json_get(one, "message"), &m, NULL),
			 KITH_OK);
	assert_id(&m.id, json_get(one, "id"));
	assert_true(kith_equal(m.signing, kith_bytes(&signing)));
	assert_true(verifies(&m));
	assert_int_equal(kith_chain(tip, &m), KITH_OK);

	draft.content = m.content;
	draft.now_ms = m.claimed;
	assert_int_equal(kith_msg_build(d, alice, tip, &draft, &built, NULL),
			 KITH_OK);
	assert_true(kith_equal(built.canon, m.canon));
	assert_true(kith_msg_equal(&built.id, &m.id));
	assert_memory_equal(built.signature, m.signature,
			    sizeof(m.signature));
	*tip = (struct kith_tip){ m.sequence, m.id, m.claimed };
	kith_buf_free(&signing);
}

static void check_chain(struct kith_slice chain, const uint8_t *hmac,
			uint64_t length)
{
	uint8_t seed[KITH_SEED_BYTES];
	struct kith_decoder *d = kith_decoder_new(hmac);
	struct kith_signer *alice;
	struct kith_tip tip = { 0 };
	struct kith_slice one;
	size_t at = 0;

	memset(seed, 1, sizeof(seed));
	alice = kith_signer_from_seed(seed);
	assert_non_null(d);
	assert_non_null(alice);
	while (json_next_element(chain, &at, &one))
		check_link(d, alice, &tip, one);
	assert_int_equal(tip.sequence, length);
	kith_signer_free(alice);
	kith_decoder_free(d);
}

static void the_worked_chain_is_read_and_built(void **state)
{
	struct kith_slice file;
	struct kith_buf data =
		data_read_json("protocol/classic-chain.json", &file);

	(void)state;
	check_chain(json_get(file, "chain"), NULL, 5);
	kith_buf_free(&data);
}

static void the_worked_chain_under_a_network_key_too(void **state)
{
	uint8_t hmac[KITH_HMAC_BYTES];
	struct kith_slice file;
	struct kith_buf data =
		data_read_json("protocol/classic-chain.json", &file);

	(void)state;
	assert_true(base64_decode(json_plain(json_get(file, "hmac_key")), hmac,
				  sizeof(hmac)));
	check_chain(json_get(file, "chain_with_hmac"), hmac, 5);
	kith_buf_free(&data);
}

static void another_network_verifies_nothing(void **state)
{
	struct kith_slice file, one = { NULL, 0 };
	struct kith_buf data =
		data_read_json("protocol/classic-chain.json", &file);
	struct kith_msg m;
	size_t at = 0;

	assert_true(json_next_element(json_get(file, "chain_with_hmac"), &at,
				      &one));
	assert_int_equal(kith_msg_decode(*state, KITH_CLASSIC,
					 json_get(one, "message"), &m, NULL),
			 KITH_OK);
	assert_id(&m.id, json_get(one, "id"));
	assert_false(verifies(&m));
	kith_buf_free(&data);
}

/* A first message whose content is before, count times unit, and after. */
static struct kith_buf sized(const char *before, const char *unit,
			     size_t count, const char *after)
{
	struct kith_buf b = { .limit = ROOM };

	kith_buf_text(&b, "{\"previous\":null,\"author\":\"@iojj3XQJ8ZX9UtstP"
			  "LpdcspnCb8dlBIb83SIAbQPb1w=.ed25519\",\"sequence\":"
			  "1,\"timestamp\":1514517067954,\"hash\":\"sha256\","
			  "\"content\":");
	kith_buf_text(&b, before);
	while (count-- > 0)
		kith_buf_text(&b, unit);
	kith_buf_text(&b, after);
	kith_buf_text(&b, ",\"signature\":\"");
	for (int i = 0; i < 86; i++)
		kith_buf_byte(&b, 'A');
	kith_buf_text(&b, "==.sig.ed25519\"}");
	assert_int_equal(b.err, KITH_OK);
	return b;
}

/* The rows of classic-limits.json, made again. */
static void the_worked_limits_come_out(void **state)
{
	static const struct {
		const char *before, *unit;
		size_t count;
		const char *after;
	} made[] = {
		{ "{\"type\":\"post\",\"text\":\"", "a", 7860, "\"}" },
		{ "{\"type\":\"post\",\"text\":\"", "a", 7861, "\"}" },
		{ "{\"type\":\"post\",\"text\":\"", "\xe2\x82\xac", 7860,
		  "\"}" },
		{ "{\"type\":\"post\",\"text\":\"", "\xf0\x9f\x98\x80", 3930,
		  "\"}" },
		{ "{\"type\":\"post\",\"text\":\"", "\xf0\x9f\x98\x80", 4100,
		  "\"}" },
		{ "\"", "AAAA", 1972, ".box\"" },
		{ "\"", "AAAA", 2047, ".box\"" },
		{ "{\"type\":\"post\",\"a\":[", "1,", 999, "1]}" },
	};
	struct kith_slice file, cases, one;
	struct kith_buf data =
		data_read_json("protocol/classic-limits.json", &file);
	size_t at = 0, n = 0;

	cases = json_get(file, "cases");
	for (; json_next_element(cases, &at, &one); n++) {
		struct kith_buf wire = sized(made[n].before, made[n].unit,
					     made[n].count, made[n].after);
		bool fits = json_is(json_get(one, "ssb_validate"), "accept");
		struct kith_buf pretty = { .limit = ROOM };
		struct kith_error e = { 0 };
		struct kith_msg m = { 0 };
		uint64_t units, bytes;
		char said[40];

		assert_true(json_uint(json_get(one, "total_utf16"), &units));
		assert_true(json_uint(json_get(one, "total_utf8"), &bytes));
		json_pretty(kith_bytes(&wire), &pretty);
		assert_int_equal(pretty.n, bytes);
		assert_int_equal(kith_msg_decode(*state, KITH_CLASSIC,
						 kith_bytes(&wire), &m, &e),
				 fits ? KITH_OK : KITH_ETOOBIG);
		assert_int_equal(m.units, fits ? units : 0);
		snprintf(said, sizeof(said), "%llu UTF-16 units",
			 (unsigned long long)units);
		assert_true(fits || strstr(e.text, said));
		kith_buf_free(&pretty);
		kith_buf_free(&wire);
	}
	assert_int_equal(n, 8);
	kith_buf_free(&data);
}

/* An id hashes the low byte of each unit, so that A and U+0141 look alike;
 * the signature tells them apart. */
static void the_low_bytes_make_the_id(void **state)
{
	struct kith_buf a = sized("{\"type\":\"", "AAA", 1, "\"}");
	struct kith_buf b = sized("{\"type\":\"", "\xc5\x81", 3, "\"}");
	struct kith_msg m, other;

	assert_int_equal(kith_msg_decode(*state, KITH_CLASSIC, kith_bytes(&a),
					 &m, NULL), KITH_OK);
	assert_int_equal(kith_msg_decode(*state, KITH_CLASSIC, kith_bytes(&b),
					 &other, NULL), KITH_OK);
	assert_true(kith_msg_equal(&m.id, &other.id));
	assert_int_equal(m.units, other.units);
	assert_int_equal(m.signing.n + 3, other.signing.n);
	kith_buf_free(&a);
	kith_buf_free(&b);
}

/* The id by the book: every unit's low byte, by way of the pretty text. */
static void assert_id_by_the_book(const struct kith_msg *m)
{
	struct kith_buf pretty = { .limit = ROOM }, low = { .limit = ROOM };
	uint8_t hash[crypto_hash_sha256_BYTES];

	json_pretty(m->canon, &pretty);
	for (size_t i = 0; i < pretty.n; i++) {
		uint32_t c = pretty.p[i];
		size_t more = c < 0x80 ? 0 : c < 0xe0 ? 1 : c < 0xf0 ? 2 : 3;

		c &= more ? 0x3fu >> more : 0x7f;
		for (; more > 0; more--)
			c = c << 6 | (pretty.p[++i] & 0x3f);
		if (c >= 0x10000) {
			kith_buf_byte(&low, (uint8_t)((c - 0x10000) >> 10));
			c = (c - 0x10000) & 0x3ff;
		}
		kith_buf_byte(&low, (uint8_t)c);
	}
	crypto_hash_sha256(hash, low.p, low.n);
	assert_memory_equal(hash, m->id.b, sizeof(hash));
	assert_int_equal(low.n, m->units);
	kith_buf_free(&pretty);
	kith_buf_free(&low);
}

static void every_character_is_hashed_by_its_units(void **state)
{
	static const char *const texts[] = {
		"\x7f", "\xc2\x80", "\xc3\xa9", "\xdf\xbf", "\xe0\xa0\x80",
		"\xe2\x82\xac", "\xef\xbf\xbf", "\xf0\x90\x80\x80",
		"\xf0\x9f\x98\x80", "\xf4\x8f\xbf\xbf", "\\ud800", "\\u0000",
		"\xed\x9f\xbf", "\xee\x80\x80",
		"ab\xf0\x9f\x98\x80yz\\n\xc3\xbf",
	};

	for (size_t i = 0; i < sizeof(texts) / sizeof(*texts); i++) {
		struct kith_buf wire = sized("{\"type\":\"abc\",\"\":\"",
					     texts[i], 9, "\"}");
		struct kith_msg m;

		assert_int_equal(kith_msg_decode(*state, KITH_CLASSIC,
						 kith_bytes(&wire), &m, NULL),
				 KITH_OK);
		assert_ptr_equal(m.canon.p, wire.p);
		assert_id_by_the_book(&m);
		kith_buf_free(&wire);
	}
}

/* Where text first stands in b. */
static size_t find(const struct kith_buf *b, const char *text)
{
	size_t n = strlen(text), at = 0;

	while (at + n <= b->n && memcmp(b->p + at, text, n) != 0)
		at++;
	assert_true(at + n <= b->n);
	return at;
}

/* [[[...]]] of depth levels, in a content that is otherwise short. */
static enum kith_err decode_nested(struct kith_decoder *d, size_t depth)
{
	struct kith_buf wire = sized("{\"type\":\"abc\",\"a\":", "[", depth,
				     "1");
	struct kith_buf whole = { .limit = ROOM };
	size_t head = find(&wire, ",\"signature");
	enum kith_err err;
	struct kith_msg m;

	kith_buf_put(&whole, (struct kith_slice){ wire.p, head });
	for (size_t i = 0; i < depth; i++)
		kith_buf_byte(&whole, ']');
	kith_buf_byte(&whole, '}');
	kith_buf_put(&whole, (struct kith_slice){ wire.p + head,
						  wire.n - head });
	err = kith_msg_decode(d, KITH_CLASSIC, kith_bytes(&whole), &m, NULL);
	kith_buf_free(&whole);
	kith_buf_free(&wire);
	return err;
}

static void nesting_ends_with_the_size_or_its_own_limit(void **state)
{
	assert_int_equal(decode_nested(*state, 59), KITH_OK);
	assert_int_equal(decode_nested(*state, 62), KITH_ETOOBIG);
	assert_int_equal(decode_nested(*state, JSON_DEPTH_MAX - 2),
			 KITH_ETOOBIG);
	assert_int_equal(decode_nested(*state, JSON_DEPTH_MAX - 1),
			 KITH_EFORMAT);
}

/* More names than the canonical pass has room for are too many anyway; and
 * where they are the same name again and again, they are one. */
static void thousands_of_members_are_too_many_unless_they_are_one(void **state)
{
	struct kith_buf wire = sized("{\"type\":\"abc\"", ",\"a\":1", 2000,
				     "}");
	struct kith_buf many = { .limit = ROOM };
	size_t head = find(&wire, ",\"a\""), tail = find(&wire, "},\"sign");
	struct kith_msg m;

	assert_int_equal(kith_msg_decode(*state, KITH_CLASSIC,
					 kith_bytes(&wire), &m, NULL),
			 KITH_OK);
	assert_true(kith_equal(m.content,
			       KITH_SLICE("{\"type\":\"abc\",\"a\":1}")));
	kith_buf_put(&many, (struct kith_slice){ wire.p, head });
	for (uint64_t i = 0; i < 2000; i++) {
		kith_buf_text(&many, ",\"a");
		kith_buf_uint(&many, i);
		kith_buf_text(&many, "\":1");
	}
	kith_buf_put(&many, (struct kith_slice){ wire.p + tail,
						 wire.n - tail });
	assert_int_equal(kith_msg_decode(*state, KITH_CLASSIC,
					 kith_bytes(&many), &m, NULL),
			 KITH_ETOOBIG);
	kith_buf_free(&many);
	kith_buf_free(&wire);
}

#define WITH_DECODER(test) \
	cmocka_unit_test_setup_teardown(test, make_decoder, free_decoder)

int main(void)
{
	const struct CMUnitTest tests[] = {
		WITH_DECODER(the_worked_edge_cases_come_out),
		cmocka_unit_test(the_worked_chain_is_read_and_built),
		cmocka_unit_test(the_worked_chain_under_a_network_key_too),
		WITH_DECODER(another_network_verifies_nothing),
		WITH_DECODER(the_worked_limits_come_out),
		WITH_DECODER(the_low_bytes_make_the_id),
		WITH_DECODER(every_character_is_hashed_by_its_units),
		WITH_DECODER(nesting_ends_with_the_size_or_its_own_limit),
		WITH_DECODER(
			thousands_of_members_are_too_many_unless_they_are_one),
	};

	if (kith_init())
		return 1;
	return cmocka_run_group_tests(tests, NULL, NULL);
}
