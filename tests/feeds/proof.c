#include "feeds/proof.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>

#include <cmocka.h>

enum { TEXT_BYTES = 2 * KITH_MSG_CANON_BYTES_MAX };

/* Two branches of a feed, and a message of another. */
struct branches {
	struct kith_decoder *d;
	struct kith_buf first, ours, theirs, next, stranger;
};

/* Signs content as the message after tip, keeps it, and moves tip. */
static void write(struct branches *b, uint8_t author, struct kith_tip *tip,
		  const char *content, struct kith_buf *out)
{
	uint8_t seed[KITH_SEED_BYTES] = { author };
	struct kith_signer *s = kith_signer_from_seed(seed);
	struct kith_draft draft = { KITH_CLASSIC, kith_text(content), 1000 };
	struct kith_msg m;

	assert_non_null(s);
	assert_int_equal(kith_msg_build(b->d, s, tip, &draft, &m, NULL),
			 KITH_OK);
	*out = (struct kith_buf){ .limit = TEXT_BYTES };
	kith_buf_put(out, m.canon);
	*tip = (struct kith_tip){ m.sequence, m.id, m.claimed };
	kith_signer_free(s);
}

static int make(void **state)
{
	struct branches *b = calloc(1, sizeof(*b));
	struct kith_tip tip = { 0 }, fork, other = { 0 };

	assert_non_null(b);
	b->d = kith_decoder_new(NULL);
	assert_non_null(b->d);
	write(b, 1, &tip, "{\"type\":\"post\",\"text\":\"one\"}", &b->first);
	fork = tip;
	write(b, 1, &tip, "{\"type\":\"post\",\"text\":\"two\"}", &b->ours);
	write(b, 1, &tip, "{\"type\":\"post\",\"text\":\"3\"}", &b->next);
	write(b, 1, &fork, "{\"type\":\"post\",\"text\":\"2\"}", &b->theirs);
	write(b, 2, &other, "{\"type\":\"post\",\"text\":\"one\"}",
	      &b->stranger);
	*state = b;
	return 0;
}

static int clear(void **state)
{
	struct branches *b = *state;

	kith_decoder_free(b->d);
	kith_buf_free(&b->first);
	kith_buf_free(&b->ours);
	kith_buf_free(&b->theirs);
	kith_buf_free(&b->next);
	kith_buf_free(&b->stranger);
	free(b);
	return 0;
}

/* What is said of the pair; why: what the text must say, NULL: it holds. */
static void assert_pair(struct branches *b, struct kith_slice one,
			struct kith_slice other, enum kith_err want,
			const char *why)
{
	struct kith_error e = { 0 };
	struct kith_proof p;

	kith_decoder_reset(b->d);
	assert_int_equal(kith_proof_check(b->d, KITH_CLASSIC, one, other, &p,
					  &e),
			 want);
	assert_int_equal(e.code, want);
	if (why)
		assert_non_null(strstr(e.text, why));
}

static void two_messages_for_one_place_are_a_proof(void **state)
{
	struct branches *b = *state;
	struct kith_proof p;

	assert_int_equal(kith_proof_check(b->d, KITH_CLASSIC,
					  kith_bytes(&b->ours),
					  kith_bytes(&b->theirs), &p, NULL),
			 KITH_OK);
	assert_int_equal(p.sequence, 2);
	assert_true(kith_feed_equal(&p.author, &p.messages[1].author));
	assert_true(kith_equal(p.messages[0].canon, kith_bytes(&b->ours)));
	assert_true(kith_equal(p.messages[1].canon, kith_bytes(&b->theirs)));
	assert_true(kith_msg_equal(&p.messages[0].previous,
				   &p.messages[1].previous));
}

static void one_message_twice_is_none(void **state)
{
	struct branches *b = *state;

	assert_pair(b, kith_bytes(&b->ours), kith_bytes(&b->ours),
		    KITH_EFORMAT, "both are the same message");
}

static void one_message_in_two_spellings_is_none(void **state)
{
	struct branches *b = *state;
	struct kith_buf spaced = { .limit = TEXT_BYTES };

	kith_buf_text(&spaced, "{ ");
	kith_buf_put(&spaced, (struct kith_slice){ b->ours.p + 1,
						   b->ours.n - 1 });
	assert_pair(b, kith_bytes(&b->ours), kith_bytes(&spaced),
		    KITH_EFORMAT, "both are the same message");
	kith_buf_free(&spaced);
}

static void two_places_are_none(void **state)
{
	struct branches *b = *state;

	assert_pair(b, kith_bytes(&b->ours), kith_bytes(&b->next),
		    KITH_EFORMAT, "different places: 2 and 3");
}

static void two_authors_are_none(void **state)
{
	struct branches *b = *state;

	assert_pair(b, kith_bytes(&b->first), kith_bytes(&b->stranger),
		    KITH_EFORMAT, "different authors");
}

/* Every byte of either counts: no change of one bit leaves a proof, but for
 * the case of none (bits that only spell differently are found by decoding). */
static void a_changed_message_is_none(void **state)
{
	struct branches *b = *state;
	struct kith_slice ours = kith_bytes(&b->ours);
	struct kith_proof p;

	for (size_t i = 0; i < b->theirs.n; i++) {
		b->theirs.p[i] ^= 1;
		kith_decoder_reset(b->d);
		assert_int_not_equal(
			kith_proof_check(b->d, KITH_CLASSIC, ours,
					 kith_bytes(&b->theirs), &p, NULL),
			KITH_OK);
		b->theirs.p[i] ^= 1;
	}
}

static void the_bad_one_is_named(void **state)
{
	struct branches *b = *state;
	struct kith_slice junk = KITH_SLICE("junk");
	uint8_t *text;

	text = (uint8_t *)strstr((char *)b->theirs.p, "\"2\"");
	assert_non_null(text);
	text[1] = '4';
	assert_pair(b, kith_bytes(&b->ours), kith_bytes(&b->theirs),
		    KITH_ESIGN, "message 2: the signature does not verify");
	assert_pair(b, kith_bytes(&b->theirs), kith_bytes(&b->ours),
		    KITH_ESIGN, "message 1: the signature does not verify");
	assert_pair(b, junk, kith_bytes(&b->ours), KITH_EFORMAT, "message 1: ");
	assert_pair(b, kith_bytes(&b->ours), junk, KITH_EFORMAT, "message 2: ");
}

/* The text of two messages with what stands between and behind them. */
static enum kith_err read(struct branches *b, const char *before,
			  const char *between, const char *behind,
			  struct kith_error *e)
{
	struct kith_buf text = { .limit = TEXT_BYTES };
	struct kith_proof p;
	enum kith_err err;

	kith_buf_text(&text, before);
	kith_buf_put(&text, kith_bytes(&b->ours));
	kith_buf_text(&text, between);
	kith_buf_put(&text, kith_bytes(&b->theirs));
	kith_buf_text(&text, behind);
	kith_decoder_reset(b->d);
	err = kith_proof_read(b->d, kith_bytes(&text), &p, e);
	kith_buf_free(&text);
	return err;
}

static void a_text_of_two_lines_is_read(void **state)
{
	struct branches *b = *state;

	assert_int_equal(read(b, "", "\n", "\n", NULL), KITH_OK);
	assert_int_equal(read(b, "", "\n", "", NULL), KITH_OK);
	assert_int_equal(read(b, "", "\r\n", "\r\n", NULL), KITH_OK);
}

static void another_number_of_lines_is_none(void **state)
{
	static const char *const bad[][3] = {
		{ "", "", "\n" }, { "", "\n", "\n\n" }, { "\n", "\n", "\n" },
		{ "", "\n\n", "\n" }, { "", "\n", "\n{}\n" }
	};
	struct branches *b = *state;
	struct kith_error e;
	struct kith_proof p;

	for (size_t i = 0; i < sizeof(bad) / sizeof(*bad); i++) {
		e = (struct kith_error){ 0 };
		assert_int_equal(read(b, bad[i][0], bad[i][1], bad[i][2], &e),
				 KITH_EFORMAT);
		assert_non_null(strstr(e.text, "two lines"));
	}
	assert_int_equal(kith_proof_read(b->d, kith_bytes(&b->ours), &p, NULL),
			 KITH_EFORMAT);
	assert_int_equal(kith_proof_read(b->d, (struct kith_slice){ NULL, 0 },
					 &p, NULL), KITH_EFORMAT);
}

static void text_over_the_limit_is_not_read(void **state)
{
	static uint8_t text[KITH_PROOF_BYTES_MAX + 1];
	struct branches *b = *state;
	struct kith_error e = { 0 };
	struct kith_proof p;

	memset(text, ' ', sizeof(text));
	assert_int_equal(kith_proof_read(b->d, (struct kith_slice){
						 text, sizeof(text) }, &p, &e),
			 KITH_ETOOBIG);
	e = (struct kith_error){ 0 };
	assert_int_equal(kith_proof_read(b->d, (struct kith_slice){
						 text, sizeof(text) - 1 },
					 &p, &e),
			 KITH_EFORMAT);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(
			two_messages_for_one_place_are_a_proof, make, clear),
		cmocka_unit_test_setup_teardown(one_message_twice_is_none,
						make, clear),
		cmocka_unit_test_setup_teardown(
			one_message_in_two_spellings_is_none, make, clear),
		cmocka_unit_test_setup_teardown(two_places_are_none, make,
						clear),
		cmocka_unit_test_setup_teardown(two_authors_are_none, make,
						clear),
		cmocka_unit_test_setup_teardown(a_changed_message_is_none, make,
						clear),
		cmocka_unit_test_setup_teardown(the_bad_one_is_named, make,
						clear),
		cmocka_unit_test_setup_teardown(a_text_of_two_lines_is_read,
						make, clear),
		cmocka_unit_test_setup_teardown(another_number_of_lines_is_none,
						make, clear),
		cmocka_unit_test_setup_teardown(text_over_the_limit_is_not_read,
						make, clear),
	};

	if (kith_init())
		return 1;
	return cmocka_run_group_tests(tests, NULL, NULL);
}
