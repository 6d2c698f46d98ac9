#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <sodium.h>

#include "feeds/signer_private.h"
#include "feeds/words.h"

#define SIX(word) word " " word " " word " " word " " word " " word " "
#define ZEROS SIX("abandon") SIX("abandon") SIX("abandon") \
	"abandon abandon abandon abandon abandon "

/* BIP 39's published vectors of 256 bits. */
static const struct {
	const char *seed, *words;
} vectors[] = {
	{ "0000000000000000000000000000000000000000000000000000000000000000",
	  ZEROS "art" },
	{ "7f7f7f7f7f7f7f7f7f7f7f7f7f7f7f7f7f7f7f7f7f7f7f7f7f7f7f7f7f7f7f7f",
	  "legal winner thank year wave sausage worth useful legal winner "
	  "thank year wave sausage worth useful legal winner thank year wave "
	  "sausage worth title" },
	{ "8080808080808080808080808080808080808080808080808080808080808080",
	  "letter advice cage absurd amount doctor acoustic avoid letter "
	  "advice cage absurd amount doctor acoustic avoid letter advice cage "
	  "absurd amount doctor acoustic bless" },
	{ "ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff",
	  SIX("zoo") SIX("zoo") SIX("zoo") "zoo zoo zoo zoo zoo vote" },
	{ "68a79eaca2324873eacc50cb9c6eca8cc68ea5d936f98787c60c7ebc74e6ce7c",
	  "hamster diagram private dutch cause delay private meat slide "
	  "toddler razor book happy fancy gospel tennis maple dilemma loan "
	  "word shrug inflict delay length" },
	{ "9f6a2878b2520799a44ef18bc7df394e7061a224d2c33cd015b157d746869863",
	  "panda eyebrow bullet gorilla call smoke muffin taste mesh discover "
	  "soft ostrich alcohol speed nation flash devote level hobby quick "
	  "inner drive ghost inside" },
	{ "066dca1a2bb7e8a1db2832148ce9933eea0f3ac9548d793112d9a95c9407efad",
	  "all hour make first leader extend hole alien behind guard gospel "
	  "lava path output census museum junior mass reopen famous sing "
	  "advance salt reform" },
	{ "f585c11aec520db57dd353c69554b21a89b20fb0650966fa0a9d6f74fd989d8f",
	  "void come effort suffer camp survey warrior heavy shoot primary "
	  "clutch crush open amazing screen patrol group space point ten exist "
	  "slush involve unfold" },
};

static void assert_seed(const char *text, const uint8_t seed[static 32])
{
	struct kith_signer *s = NULL;
	struct kith_error e = { 0 };

	if (kith_words_decode(kith_text(text), &s, &e))
		fail_msg("\"%s\": %s", text, e.text);
	assert_memory_equal(signer_secret(s), seed, KITH_SEED_BYTES);
	kith_signer_free(s);
}

static void assert_refused(const char *text, const char *why)
{
	struct kith_signer *s = NULL;
	struct kith_error e = { 0 };

	assert_int_equal(kith_words_decode(kith_text(text), &s, &e),
			 KITH_EFORMAT);
	assert_null(s);
	if (!strstr(e.text, why))
		fail_msg("\"%s\" says nothing of \"%s\"", e.text, why);
}

static void published_vectors_agree_in_both_directions(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(vectors) / sizeof(*vectors); i++) {
		uint8_t seed[KITH_SEED_BYTES];
		char words[KITH_WORDS_BYTES];
		struct kith_signer *s;

		sodium_hex2bin(seed, sizeof(seed), vectors[i].seed, 64, NULL,
			       NULL, NULL);
		s = kith_signer_from_seed(seed);
		kith_words_encode(s, words);
		assert_string_equal(words, vectors[i].words);
		assert_seed(words, seed);
		kith_signer_free(s);
	}
}

static void any_key_comes_back_from_its_words(void **state)
{
	(void)state;
	for (uint32_t i = 0; i < 1000; i++) {
		uint8_t seed[KITH_SEED_BYTES];
		char words[KITH_WORDS_BYTES];
		struct kith_signer *s;

		crypto_generichash(seed, sizeof(seed), (const uint8_t *)&i,
				   sizeof(i), NULL, 0);
		s = kith_signer_from_seed(seed);
		kith_words_encode(s, words);
		assert_seed(words, seed);
		kith_signer_free(s);
	}
}

/* Word number n of the list. */
static void word_of(uint32_t n, char out[static KITH_WORDS_BYTES])
{
	uint8_t seed[KITH_SEED_BYTES] = { 0 };
	struct kith_signer *s;

	seed[0] = (uint8_t)(n >> 3);
	seed[1] = (uint8_t)(n << 5);
	s = kith_signer_from_seed(seed);
	kith_words_encode(s, out);
	kith_signer_free(s);
	*strchr(out, ' ') = '\0';
}

static void the_list_is_the_published_one(void **state)
{
	/* SHA-256 of english.txt beside BIP 39, one word a line. */
	static const char published[] =
		"2f5eed53a4727b4bf8880d8f3f199efc90e58503646d9ff8eff3a2ed3b24"
		"dbda";
	uint8_t hash[crypto_hash_sha256_BYTES];
	char hex[2 * sizeof(hash) + 1], word[KITH_WORDS_BYTES];
	crypto_hash_sha256_state list;

	(void)state;
	crypto_hash_sha256_init(&list);
	for (uint32_t n = 0; n < 2048; n++) {
		word_of(n, word);
		crypto_hash_sha256_update(&list, (const uint8_t *)word,
					  strlen(word));
		crypto_hash_sha256_update(&list, (const uint8_t *)"\n", 1);
	}
	crypto_hash_sha256_final(&list, hash);
	sodium_bin2hex(hex, sizeof(hex), hash, sizeof(hash));
	assert_string_equal(hex, published);
}

static void takes_words_as_people_type_them(void **state)
{
	static const uint8_t zero[KITH_SEED_BYTES];
	uint8_t ones[KITH_SEED_BYTES];

	(void)state;
	memset(ones, 0xff, sizeof(ones));
	assert_seed("\n\t" ZEROS "  art \r\n", zero);
	assert_seed("ABANDON abaN " SIX("Aband") SIX("aband") SIX("abando")
		    "abandon abandon\nabandon Art", zero);
	assert_seed(SIX("ZOO") SIX("zoo") SIX("zoo") "zoo zoo zoo zoo zoo VOTE",
		    ones);
}

static void names_the_word_that_is_none_and_the_nearest(void **state)
{
	(void)state;
	assert_refused(SIX("abandon") "abandn " SIX("abandon"),
		       "word 7, \"abandn\": did you mean \"abandon\"?");
	assert_refused("zooo " ZEROS,
		       "word 1, \"zooo\": did you mean \"zoo\"?");
	assert_refused(ZEROS "rat", "word 24, \"rat\": did you mean ");
	assert_refused(ZEROS "atr", "\"art\"");
	assert_refused(ZEROS "Xylophone",
		       "\"xylophone\", is none of the words");
	assert_refused(ZEROS "a", "word 24, \"a\", is none");
	assert_refused(ZEROS "aba", "word 24, \"aba\"");
	assert_refused(ZEROS "abandons", "did you mean \"abandon\"?");
	assert_refused(ZEROS "abandonabandonabandonabandon",
		       "\"abandonabandonab\", is none");
	assert_refused(ZEROS "\xc3\xa4rt", "word 24");
	assert_refused("1. " ZEROS, "word 1, \"1.\"");
}

static void the_place_of_a_wrong_word_is_given(void **state)
{
	struct kith_signer *s = NULL;
	struct kith_error e = { 0 };

	(void)state;
	assert_int_equal(kith_words_decode(KITH_SLICE("zoo  zoo xx zoo"), &s,
					   &e), KITH_EFORMAT);
	assert_int_equal(e.offset, 9);
}

static void a_zero_byte_ends_no_word(void **state)
{
	struct kith_signer *s = NULL;
	struct kith_error e = { 0 };

	(void)state;
	assert_int_equal(kith_words_decode(KITH_SLICE("zoo zoo\0x zoo"), &s,
					   &e), KITH_EFORMAT);
	assert_int_equal(e.offset, 4);
}

static void another_number_of_words_is_refused(void **state)
{
	(void)state;
	assert_refused("", "0 words, and a key has 24");
	assert_refused("zoo", "1 words, and a key has 24");
	assert_refused(ZEROS, "23 words");
	assert_refused(ZEROS "art art", "25 words");
}

static void a_wrong_checksum_is_told_as_a_wrong_or_misplaced_word(void **state)
{
	(void)state;
	assert_refused(ZEROS "arrow", "one is probably another word");
	assert_refused("art " ZEROS, "out of its place");
}

static void too_long_a_text_is_not_read(void **state)
{
	static uint8_t text[KITH_WORDS_INPUT_BYTES_MAX + 1];
	static const char words[] = ZEROS "art";
	struct kith_signer *s = NULL;

	(void)state;
	memset(text, ' ', sizeof(text));
	memcpy(text, words, strlen(words));
	assert_int_equal(kith_words_decode(
				 (struct kith_slice){ text, sizeof(text) }, &s,
				 NULL), KITH_ETOOBIG);
	assert_int_equal(kith_words_decode(
				 (struct kith_slice){ text, sizeof(text) - 1 },
				 &s, NULL), KITH_OK);
	kith_signer_free(s);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(published_vectors_agree_in_both_directions),
		cmocka_unit_test(any_key_comes_back_from_its_words),
		cmocka_unit_test(the_list_is_the_published_one),
		cmocka_unit_test(takes_words_as_people_type_them),
		cmocka_unit_test(names_the_word_that_is_none_and_the_nearest),
		cmocka_unit_test(the_place_of_a_wrong_word_is_given),
		cmocka_unit_test(a_zero_byte_ends_no_word),
		cmocka_unit_test(another_number_of_words_is_refused),
		cmocka_unit_test(
			a_wrong_checksum_is_told_as_a_wrong_or_misplaced_word),
		cmocka_unit_test(too_long_a_text_is_not_read),
	};

	return kith_init() ? 1 : cmocka_run_group_tests(tests, NULL, NULL);
}
