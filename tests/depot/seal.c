#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>
#include <sodium.h>

#include "src/depot/seal.h"
#include "tests/support/data.h"

enum { ROOM = 1 << 20, TEXT = DEPOT_BLOCK_TEXT_BYTES };

static const struct kith_seal_cost cheap = { 1, 8192 };

/* A depot's key by a passphrase, and for these. */
static struct depot_seal *make_seal(const char *passphrase,
				    const struct kith_feed_id *recipients,
				    size_t count, struct kith_buf *json)
{
	struct depot_seal_for who = { kith_text(passphrase), &cheap,
				      recipients, count };
	struct depot_seal *s = NULL;

	*json = (struct kith_buf){ .limit = ROOM };
	assert_int_equal(depot_seal_new(&who, json, &s, NULL), KITH_OK);
	return s;
}

static enum kith_err open_by(const struct kith_buf *json,
			     const struct kith_signer *self,
			     const char *passphrase, struct depot_seal **out)
{
	struct kith_error e = { 0 };
	enum kith_err err = depot_seal_open(kith_bytes(json), self,
					    kith_text(passphrase), out, &e);

	assert_int_equal(e.code, err);
	assert_true(!err || *e.text);
	return err;
}

static void assert_same(const struct depot_seal *a, const struct depot_seal *b)
{
	uint8_t ka[DEPOT_SEAL_KEY_BYTES], kb[DEPOT_SEAL_KEY_BYTES];

	depot_seal_key(a, ka);
	depot_seal_key(b, kb);
	assert_memory_equal(ka, kb, sizeof(ka));
}

static void passphrase_opens_what_it_sealed(void **state)
{
	struct kith_buf json;
	struct depot_seal *s = make_seal("a stick of salt", NULL, 0, &json);
	struct depot_seal *back = NULL;

	(void)state;
	assert_int_equal(open_by(&json, NULL, "a stick of salt", &back),
			 KITH_OK);
	assert_same(s, back);
	depot_seal_free(back);
	back = NULL;
	assert_int_equal(open_by(&json, NULL, "a stick of Salt", &back),
			 KITH_EDENIED);
	assert_int_equal(open_by(&json, NULL, "", &back), KITH_ENOENT);
	assert_null(back);
	depot_seal_free(s);
	kith_buf_free(&json);
}

static void recipients_open_it_by_their_identity(void **state)
{
	struct kith_signer *alice = kith_signer_generate();
	struct kith_signer *bob = kith_signer_generate();
	struct kith_signer *eve = kith_signer_generate();
	struct kith_feed_id to[] = { *kith_signer_id(alice),
				     *kith_signer_id(bob) };
	struct depot_seal *s, *back = NULL;
	struct kith_buf json;

	(void)state;
	s = make_seal("", to, 2, &json);
	assert_int_equal(open_by(&json, alice, "", &back), KITH_OK);
	assert_same(s, back);
	depot_seal_free(back);
	back = NULL;
	assert_int_equal(open_by(&json, bob, "", &back), KITH_OK);
	assert_same(s, back);
	depot_seal_free(back);
	back = NULL;
	assert_int_equal(open_by(&json, eve, "", &back), KITH_ENOENT);
	assert_int_equal(open_by(&json, eve, "guess", &back), KITH_ENOENT);
	assert_null(back);
	depot_seal_free(s);
	kith_buf_free(&json);
	kith_signer_free(alice);
	kith_signer_free(bob);
	kith_signer_free(eve);
}

static void either_way_opens_what_both_seal(void **state)
{
	struct kith_signer *alice = kith_signer_generate();
	struct kith_signer *eve = kith_signer_generate();
	struct depot_seal *s, *back = NULL;
	struct kith_buf json;

	(void)state;
	s = make_seal("both", kith_signer_id(alice), 1, &json);
	assert_int_equal(open_by(&json, alice, "", &back), KITH_OK);
	depot_seal_free(back);
	back = NULL;
	assert_int_equal(open_by(&json, eve, "both", &back), KITH_OK);
	assert_same(s, back);
	depot_seal_free(back);
	depot_seal_free(s);
	kith_buf_free(&json);
	kith_signer_free(alice);
	kith_signer_free(eve);
}

static void key_that_is_remembered_opens_its_depot_only(void **state)
{
	struct kith_buf json, other_json;
	struct depot_seal *s = make_seal("x", NULL, 0, &json), *back = NULL;
	struct depot_seal *other = make_seal("x", NULL, 0, &other_json);
	uint8_t key[DEPOT_SEAL_KEY_BYTES];

	(void)state;
	depot_seal_key(s, key);
	assert_int_equal(depot_seal_open_key(kith_bytes(&json), key, &back,
					     NULL),
			 KITH_OK);
	assert_same(s, back);
	depot_seal_free(back);
	assert_int_equal(depot_seal_open_key(kith_bytes(&other_json), key,
					     &back, NULL),
			 KITH_EDENIED);
	assert_int_equal(depot_seal_open_key(KITH_SLICE("{}"), key, &back,
					     NULL),
			 KITH_EFORMAT);
	depot_seal_free(s);
	depot_seal_free(other);
	kith_buf_free(&json);
	kith_buf_free(&other_json);
}

static void nobody_is_named_by_the_seal(void **state)
{
	struct kith_signer *alice = kith_signer_generate();
	struct kith_buf json;
	struct depot_seal *s = make_seal("p", kith_signer_id(alice), 1, &json);
	uint8_t curve[32];
	char text[64];

	(void)state;
	assert_int_equal(crypto_sign_ed25519_pk_to_curve25519(
				 curve, kith_signer_id(alice)->b),
			 0);
	sodium_bin2base64(text, sizeof(text), kith_signer_id(alice)->b, 30,
			  sodium_base64_VARIANT_ORIGINAL);
	kith_buf_byte(&json, '\0');
	assert_null(strstr((const char *)json.p, text));
	sodium_bin2base64(text, sizeof(text), curve, 30,
			  sodium_base64_VARIANT_ORIGINAL);
	assert_null(strstr((const char *)json.p, text));
	depot_seal_free(s);
	kith_buf_free(&json);
	kith_signer_free(alice);
}

/* json with the n-th place of was written otherwise. */
static struct kith_buf changed(const struct kith_buf *json, const char *was,
			       const char *is)
{
	struct kith_buf out = { .limit = ROOM };
	size_t n = strlen(was), i = 0;

	while (i + n <= json->n && memcmp(json->p + i, was, n) != 0)
		i++;
	assert_true(i + n <= json->n);
	kith_buf_put(&out, (struct kith_slice){ json->p, i });
	kith_buf_text(&out, is);
	kith_buf_put(&out, (struct kith_slice){ json->p + i + n,
						json->n - i - n });
	return out;
}

static void seal_that_costs_too_much_is_not_tried(void **state)
{
	static const char *const costs[] = {
		"\"passes\":17,\"memory\":8192",
		"\"passes\":4294967297,\"memory\":8192",
		"\"passes\":1,\"memory\":1073741825",
		"\"passes\":1,\"memory\":9007199254740991",
		"\"passes\":0,\"memory\":8192",
		"\"passes\":1,\"memory\":1",
	};
	struct kith_buf json;
	struct depot_seal *s = make_seal("p", NULL, 0, &json), *back = NULL;

	(void)state;
	for (size_t i = 0; i < sizeof(costs) / sizeof(*costs); i++) {
		struct kith_buf other = changed(
			&json, "\"passes\":1,\"memory\":8192", costs[i]);

		assert_int_equal(open_by(&other, NULL, "p", &back),
				 KITH_ETOOBIG);
		kith_buf_free(&other);
	}
	assert_null(back);
	depot_seal_free(s);
	kith_buf_free(&json);
}

static void damaged_seal_is_no_wrong_passphrase(void **state)
{
	static const struct {
		const char *was, *is;
	} harm[] = {
		{ "xchacha20", "rot13" }, { "argon2id13", "md5" },
		{ "\"check\"", "\"chec\"" }, { "\"salt\":\"", "\"salt\":\"AA" },
		{ "\"nonce\":\"", "\"nonce\":\"!" },
		{ "\"key\":\"", "\"key\":\"AAAA" }, { "}}", "}" },
		{ "\"passes\":1", "\"passes\":\"1\"" },
	};
	struct kith_buf json;
	struct depot_seal *s = make_seal("p", NULL, 0, &json), *back = NULL;

	(void)state;
	for (size_t i = 0; i < sizeof(harm) / sizeof(*harm); i++) {
		struct kith_buf other = changed(&json, harm[i].was,
						harm[i].is);

		assert_int_equal(open_by(&other, NULL, "p", &back),
				 KITH_EFORMAT);
		kith_buf_free(&other);
	}
	assert_null(back);
	depot_seal_free(s);
	kith_buf_free(&json);
}

static void too_many_recipients_and_bad_ones_are_refused(void **state)
{
	static struct kith_feed_id many[DEPOT_RECIPIENTS_MAX + 1];
	struct kith_signer *alice = kith_signer_generate();
	struct kith_buf json = { .limit = ROOM };
	struct depot_seal_for who = { .recipients = many };
	struct depot_seal *s = NULL;

	(void)state;
	for (size_t i = 0; i <= DEPOT_RECIPIENTS_MAX; i++)
		many[i] = *kith_signer_id(alice);
	who.recipient_count = DEPOT_RECIPIENTS_MAX + 1;
	assert_int_equal(depot_seal_new(&who, &json, &s, NULL), KITH_ETOOBIG);
	who.recipient_count = DEPOT_RECIPIENTS_MAX;
	assert_int_equal(depot_seal_new(&who, &json, &s, NULL), KITH_OK);
	depot_seal_free(s);
	s = NULL;
	memset(many[1].b, 0xff, sizeof(many[1].b));
	who.recipient_count = 2;
	assert_int_equal(depot_seal_new(&who, &json, &s, NULL), KITH_EDENIED);
	assert_null(s);
	kith_buf_free(&json);
	kith_signer_free(alice);
}

static void seal_that_nobody_could_open_is_none(void **state)
{
	struct depot_seal_for nobody = { .recipients = NULL };
	struct kith_buf json = { .limit = ROOM };
	struct depot_seal *s = NULL;

	(void)state;
	assert_int_equal(depot_seal_new(&nobody, &json, &s, NULL),
			 KITH_EDENIED);
	assert_null(s);
	assert_int_equal(json.n, 0);
}

static void names_are_those_of_one_depot_only(void **state)
{
	struct kith_buf json[2];
	struct depot_seal *s[2] = { make_seal("p", NULL, 0, &json[0]),
				    make_seal("p", NULL, 0, &json[1]) };
	struct depot_writer_id plain = { "mzuhvlpymk6xo3epygfy5h4oea" };
	struct depot_writer_id w[2], again;
	struct kith_blob_id blob = { { 1 } }, b[2];

	(void)state;
	for (int i = 0; i < 2; i++) {
		depot_seal_writer(s[i], &plain, &w[i]);
		depot_seal_blob(s[i], &blob, &b[i]);
		assert_true(depot_writer_is(w[i].name));
		assert_string_not_equal(w[i].name, plain.name);
		assert_memory_not_equal(b[i].b, blob.b, sizeof(blob.b));
	}
	depot_seal_writer(s[0], &plain, &again);
	assert_string_equal(again.name, w[0].name);
	assert_string_not_equal(w[0].name, w[1].name);
	assert_memory_not_equal(b[0].b, b[1].b, sizeof(blob.b));
	for (int i = 0; i < 2; i++) {
		depot_seal_free(s[i]);
		kith_buf_free(&json[i]);
	}
}

/* --- blocks --- */

static bool opens(const struct depot_seal *s, const char *name,
		  uint64_t index, const uint8_t *block)
{
	struct depot_seal_file f;
	uint8_t text[TEXT];
	size_t n;

	depot_seal_file(s, name, &f);
	return depot_unseal_block(&f, index, block, text, &n);
}

static void block_opens_in_its_place_only(void **state)
{
	struct kith_buf json;
	struct depot_seal *s = make_seal("p", NULL, 0, &json);
	struct depot_seal_file f;
	uint8_t block[DEPOT_BLOCK_BYTES];

	(void)state;
	depot_seal_file(s, "w/x/000001.seg", &f);
	depot_seal_block(&f, 7, KITH_SLICE("hello"), block);
	assert_true(opens(s, "w/x/000001.seg", 7, block));
	assert_true(opens(s, "w/x/000001.seg.p", 7, block));
	assert_false(opens(s, "w/x/000001.seg", 6, block));
	assert_false(opens(s, "w/x/000001.seg", 7 + (UINT64_C(1) << 32),
			   block));
	assert_false(opens(s, "w/x/000002.seg", 7, block));
	assert_false(opens(s, "w/y/000001.seg", 7, block));
	depot_seal_free(s);
	kith_buf_free(&json);
}

static void block_with_any_bit_changed_does_not_open(void **state)
{
	struct kith_buf json;
	struct depot_seal *s = make_seal("p", NULL, 0, &json);
	struct depot_seal_file f;
	uint8_t block[DEPOT_BLOCK_BYTES];

	(void)state;
	depot_seal_file(s, "x", &f);
	depot_seal_block(&f, 0, KITH_SLICE("hello"), block);
	for (size_t i = 0; i < sizeof(block); i++) {
		block[i] ^= (uint8_t)(1 << i % 8);
		assert_false(opens(s, "x", 0, block));
		block[i] ^= (uint8_t)(1 << i % 8);
	}
	assert_true(opens(s, "x", 0, block));
	depot_seal_free(s);
	kith_buf_free(&json);
}

/* Everything as another program made it of the page alone, with the key 0, 1,
 * ... 31. */
static void sealed_things_are_those_of_the_page(void **state)
{
	static const uint8_t sealed_blob[KITH_ID_BYTES] = {
		0xc1, 0x6f, 0xa6, 0xfe, 0x19, 0xa6, 0x68, 0x12,
		0xec, 0x27, 0x08, 0xe1, 0x2e, 0x11, 0x14, 0xa6,
		0xbe, 0x57, 0x93, 0x12, 0xdc, 0xe5, 0xec, 0x5c,
		0x94, 0x84, 0x31, 0x95, 0x13, 0x89, 0x52, 0xa7
	};
	struct depot_writer_id w = { "mzuhvlpymk6xo3epygfy5h4oea" };
	struct kith_buf block = data_read("depot/sealed-block");
	uint8_t key[DEPOT_SEAL_KEY_BYTES], text[TEXT];
	struct depot_seal *s = NULL;
	struct depot_seal_file f;
	struct kith_blob_id blob;
	size_t n;

	(void)state;
	for (size_t i = 0; i < sizeof(key); i++)
		key[i] = (uint8_t)i;
	memset(blob.b, 7, sizeof(blob.b));
	assert_int_equal(
		depot_seal_open_key(
			KITH_SLICE("{\"cipher\":\"xchacha20-poly1305-ietf\","
				   "\"check\":\"Si5r2vylfwlDlTUAafaxRA==\"}"),
			key, &s, NULL),
		KITH_OK);
	depot_seal_file(s, "w/mzuhvlpymk6xo3epygfy5h4oea/000001.seg", &f);
	depot_seal_writer(s, &w, &w);
	depot_seal_blob(s, &blob, &blob);
	assert_string_equal(w.name, "d6hibsjuqa5as2szg2d2w2spez");
	assert_memory_equal(blob.b, sealed_blob, sizeof(sealed_blob));
	assert_int_equal(block.n, DEPOT_BLOCK_BYTES);
	assert_true(depot_unseal_block(&f, 3, block.p, text, &n));
	assert_true(kith_equal((struct kith_slice){ text, n },
			       KITH_SLICE("m e3069283 9 123456789\n")));
	depot_seal_free(s);
	kith_buf_free(&block);
}

static int begin(void **state)
{
	(void)state;
	return kith_init() != KITH_OK;
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(passphrase_opens_what_it_sealed),
		cmocka_unit_test(recipients_open_it_by_their_identity),
		cmocka_unit_test(either_way_opens_what_both_seal),
		cmocka_unit_test(key_that_is_remembered_opens_its_depot_only),
		cmocka_unit_test(nobody_is_named_by_the_seal),
		cmocka_unit_test(seal_that_costs_too_much_is_not_tried),
		cmocka_unit_test(damaged_seal_is_no_wrong_passphrase),
		cmocka_unit_test(too_many_recipients_and_bad_ones_are_refused),
		cmocka_unit_test(seal_that_nobody_could_open_is_none),
		cmocka_unit_test(names_are_those_of_one_depot_only),
		cmocka_unit_test(block_opens_in_its_place_only),
		cmocka_unit_test(block_with_any_bit_changed_does_not_open),
		cmocka_unit_test(sealed_things_are_those_of_the_page),
	};

	return cmocka_run_group_tests(tests, begin, NULL);
}
