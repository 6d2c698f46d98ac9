/*
 * The secret file sealed with a passphrase.
 *
 * Text in, text out, as feeds/secret.h; whose key it is stays readable.
 * Argon2id makes a key of the passphrase, XChaCha20-Poly1305 seals the seed
 * with it and binds all else that counts.
 * Format: kith-secret(5).
 */
#ifndef FEEDS_SECRET_SEAL_H
#define FEEDS_SECRET_SEAL_H

#include "feeds/secret.h"

/* What Argon2id does: passes over so much memory. */
struct kith_seal_cost {
	uint32_t passes;
	uint64_t memory_bytes;
};

enum {
	KITH_SEAL_RANDOM_BYTES = 16 + 24, /* salt and nonce */
	/* What a file may demand before it is refused. */
	KITH_SEAL_PASSES_MAX = 16,
	KITH_SEAL_MEMORY_BYTES_MAX = 1 << 30,
	/* Of a passphrase. */
	KITH_SEAL_PASSPHRASE_BYTES_MAX = 4096
};

/* True if a file may demand that much. */
KITH_API bool kith_seal_is_fair(const struct kith_seal_cost *cost);

/* Appends the sealed file's text.  random: never used before.  The memory of
 * cost is taken while it works.  ENOMEM: there is not as much; ETOOBIG: the
 * cost is not fair, or the passphrase too long. */
KITH_API KITH_CHECK enum kith_err
kith_secret_seal(const struct kith_signer *s, struct kith_slice passphrase,
		 const struct kith_seal_cost *cost,
		 const uint8_t random[static KITH_SEAL_RANDOM_BYTES],
		 struct kith_buf *out, struct kith_error *e);

/* True if the text is a sealed file, of this version or another. */
KITH_API bool kith_secret_is_sealed(struct kith_slice text);

/* Gives *out; free with kith_signer_free.  EDENIED: another passphrase sealed
 * it; EFORMAT: the text is none, or a newer kith wrote it; ETOOBIG: it demands
 * too much; ENOMEM. */
KITH_API KITH_CHECK enum kith_err
kith_secret_unseal(struct kith_slice text, struct kith_slice passphrase,
		   struct kith_signer **out, struct kith_error *e);

/* Whose key the text holds, sealed or not.  Errors as _decode and _unseal;
 * that the key is there and right, only those two find out. */
KITH_API KITH_CHECK enum kith_err
kith_secret_identity(struct kith_slice text, struct kith_feed_id *out,
		     struct kith_error *e);

#endif
