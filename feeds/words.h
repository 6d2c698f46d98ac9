/*
 * A key as 24 words, to be written on paper and typed again.
 *
 * The words are those of BIP 39, English, for the key's 32 byte seed, as the
 * npm package ssb-keys-mnemonic has them; no passphrase goes in.  Whoever
 * has the words has the key.  Pure.
 * Source: BIP 39, "Generating the mnemonic".
 */
#ifndef FEEDS_WORDS_H
#define FEEDS_WORDS_H

#include "feeds/signer.h"

enum {
	KITH_WORDS_COUNT = 24,
	KITH_WORDS_BYTES = KITH_WORDS_COUNT * 9, /* with spaces and a NUL */
	KITH_WORDS_INPUT_BYTES_MAX = 4096
};

/* Prints the words, a space between two.  The caller wipes out. */
KITH_API void kith_words_encode(const struct kith_signer *s,
				char out[static KITH_WORDS_BYTES]);

/* Gives *out; free with kith_signer_free.  Upper case, any white space
 * between words, and words cut to four letters or more are taken.  EFORMAT:
 * e names the word that is none, its place and the nearest ones; or there
 * are not 24; or their checksum is wrong.  ETOOBIG; ENOMEM. */
KITH_API KITH_CHECK enum kith_err kith_words_decode(struct kith_slice text,
						    struct kith_signer **out,
						    struct kith_error *e);

#endif
