/*
 * The text of the secret file that every SSB program keeps.
 *
 * Text in, text out: the home folder (src/store/home.h) reads and creates the
 * file.  Source: protocol/01 section 2.
 */
#ifndef FEEDS_SECRET_H
#define FEEDS_SECRET_H

#include "feeds/signer.h"

/* Longest secret file that is read, in bytes. */
enum { KITH_SECRET_FILE_BYTES_MAX = 16384 };

/* Appends the file's text.  The caller wipes out (sodium_memzero). */
KITH_API void kith_secret_encode(const struct kith_signer *s,
				 struct kith_buf *out);

/* Gives *out; free with kith_signer_free.  Comments, CRLF, a BOM and the bare
 * key text of old files are taken.  EFORMAT with the reason in e: no JSON,
 * not ed25519, a key of the wrong length, or halves that do not match.
 * EDENIED: it is sealed (feeds/secret_seal.h). */
KITH_API KITH_CHECK enum kith_err kith_secret_decode(struct kith_slice text,
						     struct kith_signer **out,
						     struct kith_error *e);

#endif
