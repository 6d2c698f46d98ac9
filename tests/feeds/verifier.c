/*
 * The verifier accepts what libsodium does.  On what has no other verdict than
 * libsodium's there is no other word.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

#include "feeds/signer.h"
#include "tests/support/forger.h"

enum {
	OF_A_KIND = 400,
	BATCH_MAX = 130,
	/* More than it remembers, and more than it makes tables for. */
	MANY_AUTHORS = 1500,
	FREQUENT_AUTHORS = 120,
	FREQUENT_ROUNDS = 30
};

struct world {
	struct forger *forger;
	struct kith_verifier *verifier;
};

/* n of them at once; gives how many are valid. */
static size_t agree(struct kith_verifier *v, const struct forged *forged,
		    size_t n)
{
	struct kith_verify_item *ours = calloc(n + 1, sizeof(*ours));
	struct kith_verify_item *theirs = calloc(n + 1, sizeof(*theirs));
	size_t valid = 0;

	assert_true(ours && theirs);
	for (size_t i = 0; i < n; i++)
		ours[i] = theirs[i] = forged_item(&forged[i]);
	kith_verifier_check(v, ours, n);
	kith_verify(theirs, n);
	for (size_t i = 0; i < n; i++) {
		if (ours[i].valid != theirs[i].valid)
			fail_msg("%s, number %zu: ours says %d",
				 forgery_name(forged[i].kind), i,
				 ours[i].valid);
		valid += ours[i].valid;
	}
	free(ours);
	free(theirs);
	return valid;
}

static size_t agree_on_kind(const struct world *w, enum forgery kind)
{
	static struct forged forged[OF_A_KIND];

	for (size_t i = 0; i < OF_A_KIND; i++)
		forger_make_kind(w->forger, kind, i, &forged[i]);
	return agree(w->verifier, forged, OF_A_KIND);
}

static void an_honest_signature_is_valid(void **state)
{
	assert_int_equal(agree_on_kind(*state, FORGERY_NONE), OF_A_KIND);
}

static void forgeries_of_every_kind_get_libsodiums_verdict(void **state)
{
	for (int kind = 0; kind < FORGERIES; kind++)
		agree_on_kind(*state, (enum forgery)kind);
}

/* Else the kinds would not say what they say. */
static void small_parts_that_cancel_out_are_valid_and_others_not(void **state)
{
	assert_in_range(agree_on_kind(*state, FORGERY_TORSIONS), 20,
			OF_A_KIND / 2);
	assert_in_range(agree_on_kind(*state, FORGERY_TORSION_KEY), 20,
			OF_A_KIND / 2);
	assert_in_range(agree_on_kind(*state, FORGERY_TORSION_R), 20,
			OF_A_KIND / 4);
}

static void small_and_uncanonical_points_are_never_valid(void **state)
{
	assert_int_equal(agree_on_kind(*state, FORGERY_SMALL_KEY), 0);
	assert_int_equal(agree_on_kind(*state, FORGERY_SMALL_R), 0);
	assert_int_equal(agree_on_kind(*state, FORGERY_UNCANONICAL), 0);
	assert_int_equal(agree_on_kind(*state, FORGERY_S_PLUS_L), 0);
}

static void flip(struct forged *f, size_t bit)
{
	uint8_t *at = bit < 512 ? f->signature + bit / 8 :
		      bit < 768 ? f->key + (bit - 512) / 8 :
				  f->message + (bit - 768) / 8;

	*at ^= (uint8_t)(1 << bit % 8);
}

static void every_bit_counts(void **state)
{
	static struct forged forged[768 + 8 * FORGED_MESSAGE_MAX];
	const struct world *w = *state;

	for (uint64_t number = 0; number < 4; number++) {
		struct forged good;
		size_t n;

		forger_make_kind(w->forger, FORGERY_NONE, number, &good);
		n = 768 + 8 * good.n;
		for (size_t bit = 0; bit < n; bit++) {
			forged[bit] = good;
			flip(&forged[bit], bit);
		}
		assert_int_equal(agree(w->verifier, forged, n), 0);
	}
}

static void a_batch_may_have_any_size(void **state)
{
	static struct forged forged[BATCH_MAX];
	const struct world *w = *state;

	for (size_t i = 0; i < BATCH_MAX; i++)
		forger_make(w->forger, i, &forged[i]);
	for (size_t n = 0; n <= BATCH_MAX; n++)
		agree(w->verifier, forged + (BATCH_MAX - n) / 2, n);
}

/* Author number i. */
static struct kith_signer *signer_of(uint32_t i)
{
	uint8_t seed[KITH_SEED_BYTES] = { 1 };

	memcpy(seed + 1, &i, sizeof(i));
	return kith_signer_from_seed(seed);
}

/* Signs as author i, every fifth time wrongly. */
static void sign(const struct kith_signer *s, uint32_t i, struct forged *out)
{
	*out = (struct forged){ .kind = FORGERY_NONE, .n = sizeof(i) };
	memcpy(out->message, &i, sizeof(i));
	memcpy(out->key, kith_signer_id(s)->b, sizeof(out->key));
	kith_sign(s, (struct kith_slice){ out->message, out->n },
		  out->signature);
	out->message[0] ^= i % 5 == 0;
}

static void more_authors_than_are_remembered_are_verified(void **state)
{
	static struct forged forged[MANY_AUTHORS];
	const struct world *w = *state;

	for (uint32_t i = 0; i < MANY_AUTHORS; i++) {
		struct kith_signer *s = signer_of(i);

		assert_non_null(s);
		sign(s, i, &forged[i]);
		kith_signer_free(s);
	}
	for (int round = 0; round < 3; round++)
		assert_int_equal(agree(w->verifier, forged, MANY_AUTHORS),
				 MANY_AUTHORS / 5 * 4);
}

/* Messages of authors first to first + FREQUENT_AUTHORS, in turn. */
static void take_turns(const struct world *w, uint32_t first)
{
	static struct forged forged[FREQUENT_AUTHORS];
	struct kith_signer *signers[FREQUENT_AUTHORS];

	for (uint32_t i = 0; i < FREQUENT_AUTHORS; i++) {
		signers[i] = signer_of(first + i);
		assert_non_null(signers[i]);
	}
	for (uint32_t round = 0; round < FREQUENT_ROUNDS; round++) {
		for (uint32_t i = 0; i < FREQUENT_AUTHORS; i++)
			sign(signers[i], 7 * round + i, &forged[i]);
		assert_int_equal(agree(w->verifier, forged, FREQUENT_AUTHORS),
				 FREQUENT_AUTHORS / 5 * 4);
	}
	for (uint32_t i = 0; i < FREQUENT_AUTHORS; i++)
		kith_signer_free(signers[i]);
}

static void others_may_become_frequent_and_then_the_first_again(void **state)
{
	take_turns(*state, 0);
	take_turns(*state, FREQUENT_AUTHORS);
	take_turns(*state, 0);
}

/* Authors whose keys have the same byte where places are chosen by, each of
 * them frequent before it gives way. */
static void authors_may_contend_for_one_place(void **state)
{
	enum { RIVALS = 9, IN_A_ROW = 30 };
	const struct world *w = *state;
	struct kith_signer *rivals[RIVALS];
	struct forged forged[IN_A_ROW];
	size_t n = 0;

	for (uint32_t i = 0; n < RIVALS; i++) {
		struct kith_signer *s = signer_of(i);

		assert_non_null(s);
		if (kith_signer_id(s)->b[8] == 0x17)
			rivals[n++] = s;
		else
			kith_signer_free(s);
	}
	for (int round = 0; round < 3; round++)
		for (size_t k = 0; k < n; k++) {
			for (uint32_t i = 0; i < IN_A_ROW; i++)
				sign(rivals[k], i, &forged[i]);
			assert_int_equal(agree(w->verifier, forged, IN_A_ROW),
					 IN_A_ROW / 5 * 4);
		}
	while (n--)
		kith_signer_free(rivals[n]);
}

static void a_long_message_is_verified(void **state)
{
	const struct world *w = *state;
	struct kith_signer *s = signer_of(0);
	uint8_t signature[KITH_SIGNATURE_BYTES];
	struct kith_verify_item item;
	uint8_t *text = calloc(1, 1 << 20);

	assert_true(s && text);
	item = (struct kith_verify_item){ kith_signer_id(s)->b,
					  { text, 1 << 20 }, signature, false };
	kith_sign(s, item.message, signature);
	kith_verifier_check(w->verifier, &item, 1);
	assert_true(item.valid);
	text[(1 << 20) - 1] = 1;
	kith_verifier_check(w->verifier, &item, 1);
	assert_false(item.valid);
	free(text);
	kith_signer_free(s);
}

static int start(void **state)
{
	static struct world w;

	w.forger = forger_new(6);
	w.verifier = kith_verifier_new();
	*state = &w;
	return !w.forger || !w.verifier;
}

static int stop(void **state)
{
	struct world *w = *state;

	forger_free(w->forger);
	kith_verifier_free(w->verifier);
	return 0;
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(an_honest_signature_is_valid),
		cmocka_unit_test(
			forgeries_of_every_kind_get_libsodiums_verdict),
		cmocka_unit_test(
			small_parts_that_cancel_out_are_valid_and_others_not),
		cmocka_unit_test(small_and_uncanonical_points_are_never_valid),
		cmocka_unit_test(every_bit_counts),
		cmocka_unit_test(a_batch_may_have_any_size),
		cmocka_unit_test(more_authors_than_are_remembered_are_verified),
		cmocka_unit_test(
			others_may_become_frequent_and_then_the_first_again),
		cmocka_unit_test(authors_may_contend_for_one_place),
		cmocka_unit_test(a_long_message_is_verified),
	};

	if (kith_init())
		return 1;
	return cmocka_run_group_tests(tests, start, stop);
}
