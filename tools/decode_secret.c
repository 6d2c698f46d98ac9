/* Keys that are nobody else's: whose they are is said, and not one byte of
 * their secret half. */
#include "tools/decode_private.h"

#include <sodium.h>

#include "feeds/base64.h"
#include "feeds/json.h"
#include "feeds/secret_seal.h"
#include "feeds/words.h"

enum { WORD_COUNT_MIN = 20, SEED_TEXT_CHARS = 88 };

/* --- secret files --- */

enum decode_looks secret_looks(struct kith_slice s)
{
	bool object = decode_has(s, '{');

	if (kith_secret_is_sealed(s))
		return LOOKS_SURE;
	return object && (decode_find(s, "\"private\"") < s.n ||
			  (decode_find(s, "\"curve\"") < s.n &&
			   decode_find(s, "\"public\"") < s.n))
		       ? LOOKS_SURE
		       : LOOKS_NOT;
}

/* Of what is damaged: the first whole id that stands there, which is public. */
static void put_any_id(struct decode *d, struct kith_slice s)
{
	enum { ID_CHARS = 53 };
	struct kith_feed_id id;

	for (size_t i = 0; i + ID_CHARS <= s.n; i++)
		if (s.p[i] == '@' &&
		    !kith_feed_parse((struct kith_slice){ s.p + i, ID_CHARS },
				     &id)) {
			decode_feed(d, "feed", &id);
			return;
		}
}

static void explain_open(struct decode *d, struct kith_slice s)
{
	struct kith_signer *signer = NULL;
	struct kith_error e = { 0 };

	if (kith_secret_decode(s, &signer, &e)) {
		decode_text(d, "state", "damaged");
		put_any_id(d, s);
		decode_fail(d, e.offset, "%s", e.text);
		return;
	}
	decode_text(d, "state", "whole: both halves are there and match");
	decode_feed(d, "feed", kith_signer_id(signer));
	kith_signer_free(signer);
}

void secret_explain(struct decode *d, struct kith_slice s)
{
	struct kith_feed_id id;
	struct kith_error e = { 0 };

	decode_text(d, "is", "the secret key of an identity: whoever has it "
			     "writes in its name");
	if (!kith_secret_is_sealed(s)) {
		explain_open(d, s);
		return;
	}
	decode_text(d, "state", "sealed with a passphrase");
	if (kith_secret_identity(s, &id, &e))
		decode_fail(d, e.offset, "%s", e.text);
	else
		decode_feed(d, "feed", &id);
}

/* --- the key alone --- */

/* As old files have it, and the member of new ones. */
enum decode_looks private_key_looks(struct kith_slice s)
{
	return s.n >= SEED_TEXT_CHARS && s.n < 2 * SEED_TEXT_CHARS &&
			       decode_ends(s, ".ed25519") &&
			       !decode_ends(s, ".sig.ed25519") &&
			       base64_span(s) >= SEED_TEXT_CHARS - 4
		       ? LOOKS_SURE
		       : LOOKS_NOT;
}

void private_key_explain(struct decode *d, struct kith_slice s)
{
	decode_text(d, "is", "the secret key of an identity, as old files "
			     "have it");
	explain_open(d, s);
}

/* The seed, then the public key that belongs to it. */
static struct kith_signer *signer_of(struct kith_slice s)
{
	struct kith_signer *signer = kith_signer_from_seed(s.p);

	if (signer && memcmp(kith_signer_id(signer)->b, s.p + KITH_SEED_BYTES,
			     KITH_PUBLIC_BYTES) != 0) {
		kith_signer_free(signer);
		return NULL;
	}
	return signer;
}

enum decode_looks key_pair_looks(struct kith_slice s)
{
	struct kith_signer *signer = NULL;

	if (s.n == KITH_SECRET_BYTES)
		signer = signer_of(s);
	kith_signer_free(signer);
	return signer ? LOOKS_SURE : LOOKS_NOT;
}

void key_pair_explain(struct decode *d, struct kith_slice s)
{
	struct kith_signer *signer = signer_of(s);

	decode_text(d, "is", "the secret key of an identity, bare");
	if (signer)
		decode_feed(d, "feed", kith_signer_id(signer));
	kith_signer_free(signer);
}

/* --- words --- */

static size_t count_words(struct kith_slice s)
{
	size_t words = 0;
	bool inside = false;

	for (size_t i = 0; i < s.n; i++) {
		bool letter = (s.p[i] >= 'a' && s.p[i] <= 'z') ||
			      (s.p[i] >= 'A' && s.p[i] <= 'Z');

		if (!letter && s.p[i] != ' ' && s.p[i] != '\n' &&
		    s.p[i] != '\t' && s.p[i] != '\r')
			return 0;
		words += letter && !inside;
		inside = letter;
	}
	return words;
}

/* Those that were mistyped, and one or the other lost. */
enum decode_looks words_looks(struct kith_slice s)
{
	size_t n = s.n < KITH_WORDS_INPUT_BYTES_MAX ? count_words(s) : 0;
	struct kith_signer *signer = NULL;
	struct kith_error e = { 0 };

	if (n < WORD_COUNT_MIN || n > KITH_WORDS_COUNT + 1)
		return LOOKS_NOT;
	if (!kith_words_decode(s, &signer, &e)) {
		kith_signer_free(signer);
		return LOOKS_SURE;
	}
	sodium_memzero(&e, sizeof(e)); /* it may quote one */
	return LOOKS_SURE;
}

void words_explain(struct decode *d, struct kith_slice s)
{
	struct kith_signer *signer = NULL;
	struct kith_error e = { 0 };

	decode_text(d, "is", "the secret key of an identity, as words");
	decode_uint(d, "words", count_words(s));
	if (kith_words_decode(s, &signer, &e))
		decode_fail(d, 0, "they are not the 24 words of a key, or one "
			    "is wrong: `kith init --words` says which");
	else
		decode_feed(d, "feed", kith_signer_id(signer));
	sodium_memzero(&e, sizeof(e));
	kith_signer_free(signer);
}
