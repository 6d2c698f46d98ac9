#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <sodium.h>

#include "feeds/ref.h"
#include "feeds/signer_private.h"

/* protocol/01 section 1: the identity of 32 bytes 0x01. */
static const char id_of_ones[] =
	"@iojj3XQJ8ZX9UtstPLpdcspnCb8dlBIb83SIAbQPb1w=.ed25519";

static struct kith_signer *signer_of(uint8_t byte)
{
	uint8_t seed[KITH_SEED_BYTES];
	struct kith_signer *s;

	memset(seed, byte, sizeof(seed));
	s = kith_signer_from_seed(seed);
	assert_non_null(s);
	return s;
}

static void id_is_the_public_key_of_the_seed(void **state)
{
	struct kith_signer *s = signer_of(1);
	char id[KITH_REF_TEXT_BYTES];

	(void)state;
	kith_feed_print(kith_signer_id(s), id);
	assert_string_equal(id, id_of_ones);
	assert_memory_equal(signer_secret(s) + KITH_SEED_BYTES,
			    kith_signer_id(s)->b, KITH_PUBLIC_BYTES);
	kith_signer_free(s);
}

static void signs_as_rfc_8032_says(void **state)
{
	/* Section 7.1, test 2. */
	static const uint8_t seed[KITH_SEED_BYTES] = {
		0x4c, 0xcd, 0x08, 0x9b, 0x28, 0xff, 0x96, 0xda,
		0x9d, 0xb6, 0xc3, 0x46, 0xec, 0x11, 0x4e, 0x0f,
		0x5b, 0x8a, 0x31, 0x9f, 0x35, 0xab, 0xa6, 0x24,
		0xda, 0x8c, 0xf6, 0xed, 0x4f, 0xb8, 0xa6, 0xfb,
	};
	static const uint8_t signature[KITH_SIGNATURE_BYTES] = {
		0x92, 0xa0, 0x09, 0xa9, 0xf0, 0xd4, 0xca, 0xb8,
		0x72, 0x0e, 0x82, 0x0b, 0x5f, 0x64, 0x25, 0x40,
		0xa2, 0xb2, 0x7b, 0x54, 0x16, 0x50, 0x3f, 0x8f,
		0xb3, 0x76, 0x22, 0x23, 0xeb, 0xdb, 0x69, 0xda,
		0x08, 0x5a, 0xc1, 0xe4, 0x3e, 0x15, 0x99, 0x6e,
		0x45, 0x8f, 0x36, 0x13, 0xd0, 0xf1, 0x1d, 0x8c,
		0x38, 0x7b, 0x2e, 0xae, 0xb4, 0x30, 0x2a, 0xee,
		0xb0, 0x0d, 0x29, 0x16, 0x12, 0xbb, 0x0c, 0x00,
	};
	struct kith_signer *s = kith_signer_from_seed(seed);
	uint8_t out[KITH_SIGNATURE_BYTES];

	(void)state;
	assert_non_null(s);
	kith_sign(s, KITH_SLICE("\x72"), out);
	assert_memory_equal(out, signature, sizeof(out));
	kith_signer_free(s);
}

static void generated_identities_differ(void **state)
{
	struct kith_signer *a = kith_signer_generate();
	struct kith_signer *b = kith_signer_generate();

	(void)state;
	assert_non_null(a);
	assert_non_null(b);
	assert_false(kith_feed_equal(kith_signer_id(a), kith_signer_id(b)));
	kith_signer_free(a);
	kith_signer_free(b);
}

static void both_sides_reach_the_same_shared_secret(void **state)
{
	struct kith_signer *a = signer_of(1), *b = signer_of(2);
	uint8_t point_a[32], point_b[32], one[32], two[32];

	(void)state;
	assert_int_equal(0, crypto_sign_ed25519_pk_to_curve25519(
				    point_a, kith_signer_id(a)->b));
	assert_int_equal(0, crypto_sign_ed25519_pk_to_curve25519(
				    point_b, kith_signer_id(b)->b));
	assert_int_equal(signer_dh(a, point_b, one), KITH_OK);
	assert_int_equal(signer_dh(b, point_a, two), KITH_OK);
	assert_memory_equal(one, two, sizeof(one));
	kith_signer_free(a);
	kith_signer_free(b);
}

static void a_point_of_small_order_is_refused(void **state)
{
	static const uint8_t zero[32], one[32] = { 1 };
	struct kith_signer *s = signer_of(1);
	uint8_t out[32];

	(void)state;
	memset(out, 7, sizeof(out));
	assert_int_equal(signer_dh(s, zero, out), KITH_EFORMAT);
	assert_int_equal(signer_dh(s, one, out), KITH_EFORMAT);
	for (size_t i = 0; i < sizeof(out); i++)
		assert_int_equal(out[i], 7);
	kith_signer_free(s);
}

static void init_twice_does_no_harm_nor_does_freeing_nothing(void **state)
{
	(void)state;
	assert_int_equal(kith_init(), KITH_OK);
	kith_signer_free(NULL);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(id_is_the_public_key_of_the_seed),
		cmocka_unit_test(signs_as_rfc_8032_says),
		cmocka_unit_test(generated_identities_differ),
		cmocka_unit_test(both_sides_reach_the_same_shared_secret),
		cmocka_unit_test(a_point_of_small_order_is_refused),
		cmocka_unit_test(
			init_twice_does_no_harm_nor_does_freeing_nothing),
	};

	return kith_init() ? 1 : cmocka_run_group_tests(tests, NULL, NULL);
}
