#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "feeds/json.h"
#include "feeds/message.h"
#include "feeds/verify.h"
#include "tests/support/data.h"

enum { COUNT = 40 };

/* By libsodium, and by the verifier. */
static bool is_agreed(struct kith_verify_item item)
{
	struct kith_verifier *v = kith_verifier_new();
	struct kith_verify_item again = item;

	assert_non_null(v);
	kith_verify(&item, 1);
	kith_verifier_check(v, &again, 1);
	kith_verifier_free(v);
	assert_int_equal(again.valid, item.valid);
	return item.valid;
}

/* The verdict on the message called name in classic-ed25519-edge.json. */
static bool is_valid(const char *name)
{
	struct kith_decoder *d = kith_decoder_new(NULL);
	struct kith_slice file;
	struct kith_buf data =
		data_read_json("protocol/classic-ed25519-edge.json", &file);
	struct kith_msg m;
	bool valid;

	assert_non_null(d);
	assert_int_equal(kith_msg_decode(d, KITH_CLASSIC, json_get(file, name),
					 &m, NULL), KITH_OK);
	valid = is_agreed((struct kith_verify_item){ m.author.b, m.signing,
						     m.signature, false });
	kith_decoder_free(d);
	kith_buf_free(&data);
	return valid;
}

static void a_good_signature_is_valid(void **state)
{
	(void)state;
	assert_true(is_valid("original"));
}

static void a_key_of_small_order_signs_nothing(void **state)
{
	(void)state;
	assert_false(is_valid("small_order_key_message"));
}

static void s_must_be_below_the_order(void **state)
{
	(void)state;
	assert_false(is_valid("s_plus_l_message"));
}

/* Two keys take turns; every third message is not what was signed, and every
 * fifth is checked with the other's key. */
static void each_of_many_gets_its_own_verdict(void **state)
{
	static const uint8_t seeds[2][KITH_SEED_BYTES] = { { 1 }, { 2 } };
	struct kith_verify_item items[COUNT];
	uint8_t signatures[COUNT][KITH_SIGNATURE_BYTES], texts[COUNT];
	struct kith_signer *signers[2];

	(void)state;
	for (int i = 0; i < 2; i++) {
		signers[i] = kith_signer_from_seed(seeds[i]);
		assert_non_null(signers[i]);
	}
	for (unsigned i = 0; i < COUNT; i++) {
		const struct kith_signer *by = signers[i % 2];
		struct kith_slice text = { &texts[i], 1 };

		texts[i] = (uint8_t)i;
		kith_sign(by, text, signatures[i]);
		texts[i] ^= i % 3 == 0;
		items[i] = (struct kith_verify_item){
			kith_signer_id(signers[(i + (i % 5 == 0)) % 2])->b,
			text, signatures[i], i % 2 };
	}
	kith_verify(items, COUNT);
	for (unsigned i = 0; i < COUNT; i++)
		assert_int_equal(items[i].valid, i % 3 != 0 && i % 5 != 0);
	kith_signer_free(signers[0]);
	kith_signer_free(signers[1]);
}

static void one_bit_anywhere_makes_it_invalid(void **state)
{
	static const uint8_t seed[KITH_SEED_BYTES] = { 7 };
	struct kith_signer *s = kith_signer_from_seed(seed);
	uint8_t signature[KITH_SIGNATURE_BYTES];
	struct kith_verify_item item;

	(void)state;
	assert_non_null(s);
	item = (struct kith_verify_item){ kith_signer_id(s)->b,
					  KITH_SLICE("text"), signature, true };
	kith_sign(s, item.message, signature);
	for (unsigned bit = 0; bit < 8 * sizeof(signature); bit++) {
		signature[bit / 8] ^= (uint8_t)(1 << bit % 8);
		kith_verify(&item, 1);
		assert_false(item.valid);
		signature[bit / 8] ^= (uint8_t)(1 << bit % 8);
	}
	kith_verify(&item, 1);
	assert_true(item.valid);
	kith_signer_free(s);
}

static void none_at_all_is_fine(void **state)
{
	(void)state;
	kith_verify(NULL, 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_good_signature_is_valid),
		cmocka_unit_test(a_key_of_small_order_signs_nothing),
		cmocka_unit_test(s_must_be_below_the_order),
		cmocka_unit_test(each_of_many_gets_its_own_verdict),
		cmocka_unit_test(one_bit_anywhere_makes_it_invalid),
		cmocka_unit_test(none_at_all_is_fine),
	};

	if (kith_init())
		return 1;
	return cmocka_run_group_tests(tests, NULL, NULL);
}
