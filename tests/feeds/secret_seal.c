#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "feeds/secret_seal.h"
#include "feeds/signer_private.h"
#include "tests/support/alloc.h"

/* The least that Argon2id does: tests are many. */
static const struct kith_seal_cost cheap = { 1, 8192 };

enum { TEXT_BYTES_MAX = 4096 };

static struct kith_signer *signer_of_ones(void)
{
	uint8_t seed[KITH_SEED_BYTES];

	memset(seed, 1, sizeof(seed));
	return kith_signer_from_seed(seed);
}

static void seal(struct kith_buf *out, const char *passphrase)
{
	uint8_t random[KITH_SEAL_RANDOM_BYTES];
	struct kith_signer *s = signer_of_ones();

	for (size_t i = 0; i < sizeof(random); i++)
		random[i] = (uint8_t)i;
	*out = (struct kith_buf){ .limit = TEXT_BYTES_MAX };
	assert_int_equal(kith_secret_seal(s, kith_text(passphrase), &cheap,
					  random, out, NULL), KITH_OK);
	assert_int_equal(out->err, KITH_OK);
	kith_signer_free(s);
}

static enum kith_err unseal(struct kith_slice text, const char *passphrase,
			    char why[static KITH_ERROR_TEXT_BYTES])
{
	struct kith_signer *s = NULL, *ones = signer_of_ones();
	struct kith_error e = { 0 };
	enum kith_err err = kith_secret_unseal(text, kith_text(passphrase), &s,
					       &e);

	if (!err)
		assert_memory_equal(signer_secret(s), signer_secret(ones),
				    KITH_SECRET_BYTES);
	else
		assert_null(s);
	kith_signer_free(s);
	kith_signer_free(ones);
	memcpy(why, e.text, sizeof(e.text));
	return err;
}

/* The text with one string in it replaced by another. */
static struct kith_buf edit(const struct kith_buf *text, const char *from,
			    const char *to)
{
	struct kith_buf out = { .limit = 4 * TEXT_BYTES_MAX };
	const uint8_t *at = memmem(text->p, text->n, from, strlen(from));
	size_t before = at ? (size_t)(at - text->p) : 0;

	assert_non_null(at);
	kith_buf_put(&out, (struct kith_slice){ text->p, before });
	kith_buf_text(&out, to);
	kith_buf_put(&out, (struct kith_slice){ at + strlen(from),
						text->n - before -
							strlen(from) });
	return out;
}

static void assert_refused(const struct kith_buf *text, const char *from,
			   const char *to, enum kith_err want, const char *says)
{
	struct kith_buf changed = edit(text, from, to);
	char why[KITH_ERROR_TEXT_BYTES];

	assert_int_equal(unseal(kith_bytes(&changed), "open", why), want);
	if (!strstr(why, says))
		fail_msg("\"%s\" says nothing of \"%s\"", why, says);
	kith_buf_free(&changed);
}

static void opens_with_its_passphrase_and_no_other(void **state)
{
	char why[KITH_ERROR_TEXT_BYTES];
	struct kith_buf text;

	(void)state;
	seal(&text, "correct horse");
	assert_int_equal(unseal(kith_bytes(&text), "correct horse", why),
			 KITH_OK);
	assert_int_equal(unseal(kith_bytes(&text), "correct hors", why),
			 KITH_EDENIED);
	assert_string_equal(why, "wrong passphrase");
	assert_int_equal(unseal(kith_bytes(&text), "", why), KITH_EDENIED);
	kith_buf_free(&text);
}

static void says_whose_it_is_and_that_it_is_sealed(void **state)
{
	struct kith_signer *s = signer_of_ones(), *none = NULL;
	struct kith_error e = { 0 };
	struct kith_feed_id id;
	struct kith_buf text;

	(void)state;
	seal(&text, "open");
	assert_int_equal(text.p[0], '#');
	assert_true(kith_secret_is_sealed(kith_bytes(&text)));
	assert_int_equal(kith_secret_identity(kith_bytes(&text), &id, NULL),
			 KITH_OK);
	assert_true(kith_feed_equal(&id, kith_signer_id(s)));
	assert_int_equal(kith_secret_decode(kith_bytes(&text), &none, &e),
			 KITH_EDENIED);
	assert_non_null(strstr(e.text, "sealed with a passphrase"));
	assert_null(memmem(text.p, text.n, "AQEBAQEB", 8));
	kith_buf_free(&text);
	kith_signer_free(s);
}

static void an_open_secret_says_whose_it_is_too(void **state)
{
	struct kith_signer *s = signer_of_ones();
	struct kith_buf text = { .limit = TEXT_BYTES_MAX };
	struct kith_feed_id id;

	(void)state;
	kith_secret_encode(s, &text);
	assert_false(kith_secret_is_sealed(kith_bytes(&text)));
	assert_int_equal(kith_secret_identity(kith_bytes(&text), &id, NULL),
			 KITH_OK);
	assert_true(kith_feed_equal(&id, kith_signer_id(s)));
	assert_int_equal(kith_secret_identity(KITH_SLICE("{}"), &id, NULL),
			 KITH_EFORMAT);
	kith_buf_free(&text);
	kith_signer_free(s);
}

/* Every character but those of comments and white space counts. */
static void a_change_anywhere_is_noticed(void **state)
{
	struct kith_buf text;
	size_t taken = 0;
	char why[KITH_ERROR_TEXT_BYTES];
	const uint8_t *object;

	(void)state;
	seal(&text, "open");
	object = memchr(text.p, '{', text.n);
	for (size_t i = (size_t)(object - text.p); text.p[i] != '}'; i++) {
		uint8_t before = text.p[i];

		if (before == ' ' || before == '\n')
			continue;
		text.p[i] ^= 1;
		taken += !unseal(kith_bytes(&text), "open", why);
		text.p[i] = before;
	}
	assert_int_equal(taken, 0);
	assert_int_equal(unseal(kith_bytes(&text), "open", why), KITH_OK);
	kith_buf_free(&text);
}

static void cut_off_anywhere_it_is_none(void **state)
{
	char why[KITH_ERROR_TEXT_BYTES];
	struct kith_buf text;
	const uint8_t *end;

	(void)state;
	seal(&text, "open");
	end = memchr(text.p, '}', text.n);
	for (size_t n = 0; n <= (size_t)(end - text.p); n++)
		assert_int_equal(unseal((struct kith_slice){ text.p, n },
					"open", why), KITH_EFORMAT);
	kith_buf_free(&text);
}

static void what_it_demands_is_limited_before_it_is_done(void **state)
{
	struct kith_buf text;

	(void)state;
	seal(&text, "open");
	assert_refused(&text, "\"memory\": 8192", "\"memory\": 1073741825",
		       KITH_ETOOBIG, "more memory");
	assert_refused(&text, "\"memory\": 8192",
		       "\"memory\": 18446744073709551615", KITH_EFORMAT,
		       "the cost");
	assert_refused(&text, "\"memory\": 8192", "\"memory\": 8191",
		       KITH_ETOOBIG, "");
	assert_refused(&text, "\"passes\": 1", "\"passes\": 17", KITH_ETOOBIG,
		       "time");
	assert_refused(&text, "\"passes\": 1", "\"passes\": 4294967297",
		       KITH_ETOOBIG, "");
	assert_refused(&text, "\"passes\": 1", "\"passes\": 0", KITH_ETOOBIG,
		       "");
	assert_refused(&text, "\"passes\": 1", "\"passes\": 2", KITH_EDENIED,
		       "wrong passphrase");
	kith_buf_free(&text);
}

static void says_what_is_wrong_with_it(void **state)
{
	struct kith_buf text;

	(void)state;
	seal(&text, "open");
	assert_refused(&text, "\"sealed\": 1", "\"sealed\": 2", KITH_EFORMAT,
		       "a newer kith");
	assert_refused(&text, "\"sealed\"", "\"saeled\"", KITH_EFORMAT,
		       "no sealed key");
	assert_refused(&text, "argon2id13", "argon2i13", KITH_EFORMAT,
		       "the way it was sealed");
	assert_refused(&text, "\"salt\"", "\"Salt\"", KITH_EFORMAT, "salt");
	assert_refused(&text, "\"secret\": \"", "\"secret\": \"AAAA",
		       KITH_EFORMAT, "the sealed key");
	assert_refused(&text, "\"id\": \"@", "\"id\": \"%", KITH_EFORMAT,
		       "the identity");
	assert_refused(&text, "\"id\": \"@iojj", "\"id\": \"@AAAA",
		       KITH_EDENIED, "wrong passphrase");
	kith_buf_free(&text);
}

static void nothing_is_sealed_that_could_not_be_opened(void **state)
{
	static const uint8_t random[KITH_SEAL_RANDOM_BYTES];
	static uint8_t passphrase[KITH_SEAL_PASSPHRASE_BYTES_MAX + 1];
	const struct kith_seal_cost dear = { KITH_SEAL_PASSES_MAX + 1, 8192 };
	struct kith_buf text = { .limit = TEXT_BYTES_MAX };
	struct kith_buf tight = { .limit = 9 };
	struct kith_signer *s = signer_of_ones();

	(void)state;
	assert_int_equal(kith_secret_seal(s, KITH_SLICE("x"), &dear, random,
					  &text, NULL), KITH_ETOOBIG);
	assert_int_equal(kith_secret_seal(s, (struct kith_slice){
						  passphrase,
						  sizeof(passphrase) },
					  &cheap, random, &text, NULL),
			 KITH_ETOOBIG);
	assert_int_equal(kith_secret_seal(s, KITH_SLICE("x"), &cheap, random,
					  &tight, NULL), KITH_ETOOBIG);
	assert_int_equal(text.n, 0);
	kith_buf_free(&text);
	kith_buf_free(&tight);
	kith_signer_free(s);
}

/* Written once by this program: files of today must open for ever. */
static void a_file_of_version_1_opens(void **state)
{
	static const char file[] =
		"{\"sealed\":1,\"kdf\":\"argon2id13\",\"passes\":1,"
		"\"memory\":8192,\"salt\":\"AAECAwQFBgcICQoLDA0ODw==\","
		"\"cipher\":\"xchacha20-poly1305-ietf\","
		"\"nonce\":\"EBESExQVFhcYGRobHB0eHyAhIiMkJSYn\","
		"\"secret\":\"kQZvqlwz9OHLaetqEndUpmlt2Oglb5+2/EI7/VembZrTrEmg"
		"bRUjKpGrzB5lV5Vx\",\"id\":\"@iojj3XQJ8ZX9UtstPLpdcspn"
		"Cb8dlBIb83SIAbQPb1w=.ed25519\"}";
	char why[KITH_ERROR_TEXT_BYTES];

	(void)state;
	assert_int_equal(unseal(kith_text(file), "open", why), KITH_OK);
}

static void without_memory_no_signer_is_given(void **state)
{
	struct kith_signer *s = NULL;
	struct kith_buf text;

	(void)state;
	seal(&text, "open");
	assert_true(alloc_fail_at(1));
	assert_int_equal(kith_secret_unseal(kith_bytes(&text),
					    KITH_SLICE("open"), &s, NULL),
			 KITH_ENOMEM);
	assert_null(s);
	alloc_reset();
	kith_buf_free(&text);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(opens_with_its_passphrase_and_no_other),
		cmocka_unit_test(says_whose_it_is_and_that_it_is_sealed),
		cmocka_unit_test(an_open_secret_says_whose_it_is_too),
		cmocka_unit_test(a_change_anywhere_is_noticed),
		cmocka_unit_test(cut_off_anywhere_it_is_none),
		cmocka_unit_test(what_it_demands_is_limited_before_it_is_done),
		cmocka_unit_test(says_what_is_wrong_with_it),
		cmocka_unit_test(nothing_is_sealed_that_could_not_be_opened),
		cmocka_unit_test(a_file_of_version_1_opens),
		cmocka_unit_test(without_memory_no_signer_is_given),
	};

	return kith_init() ? 1 : cmocka_run_group_tests(tests, NULL, NULL);
}
