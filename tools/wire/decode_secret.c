/* Keys that are nobody else's: whose they are is said, and not one byte of
 * their secret half. */
#include "tools/wire/decode_private.h"

#include <sodium.h>

#include "feeds/base64.h"
#include "feeds/json.h"
#include "feeds/secret_seal.h"
#include "feeds/words.h"

enum { SEED_TEXT_CHARS = 88 };

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

/* Twenty-four words are often but a sentence: only their checksum tells.  What
 * is wrong with others `kith init --words` says. */
enum decode_looks words_looks(struct kith_slice s)
{
	struct kith_signer *signer = NULL;
	struct kith_error e = { 0 };
	bool key = !kith_words_decode(s, &signer, &e);

	sodium_memzero(&e, sizeof(e)); /* it may quote one */
	kith_signer_free(signer);
	return key ? LOOKS_SURE : LOOKS_NOT;
}

void words_explain(struct decode *d, struct kith_slice s)
{
	struct kith_signer *signer = NULL;

	decode_text(d, "is", "the secret key of an identity, as words");
	if (!kith_words_decode(s, &signer, NULL))
		decode_feed(d, "feed", kith_signer_id(signer));
	kith_signer_free(signer);
}
