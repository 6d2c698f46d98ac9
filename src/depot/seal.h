/*
 * Sealed depots: one key for all that is in the folder.
 *
 * The key is random.  It lies in depot-a.txt wrapped by a passphrase (Argon2id)
 * or for recipients (sealed boxes to the X25519 form of their identities), or
 * both.  Files are frames of whole 4 KiB, each XChaCha20-Poly1305 under a key of
 * its file, with its place in the file bound in: frames cannot be cut out,
 * moved or swapped unseen.  Names are keyed hashes.  What is seen is the volume.
 * Source: protocol/15 section 5.5; kith-depot(5).
 */
#ifndef DEPOT_SEAL_H
#define DEPOT_SEAL_H

#include "feeds/bytes.h"
#include "feeds/id.h"
#include "feeds/signer.h"
#include "src/depot/name.h"

enum {
	DEPOT_FRAME_BYTES = 4096,	   /* frames are multiples of it */
	DEPOT_FRAME_BYTES_MAX = 1 << 20,
	DEPOT_RECIPIENTS_MAX = 100
};

struct depot_seal; /* the open key; NULL everywhere means plain */

/* A new key.  passphrase may be empty, recipients none, not both.  Appends to
 * out what depot_info.sealed holds.  Gives *seal; depot_seal_free. */
struct depot_seal_for {
	struct kith_slice passphrase;
	const struct kith_feed_id *recipients;
	size_t recipient_count;
};
KITH_CHECK enum kith_err depot_seal_new(const struct depot_seal_for *who,
					struct kith_buf *out,
					struct depot_seal **seal,
					struct kith_error *e);

/* By our identity, where it is a recipient, or by the passphrase (empty: none
 * is known yet).  ENOENT: not a recipient, and a passphrase is needed; EDENIED:
 * a wrong one; EFORMAT: also costs over the limits of seal.c. */
KITH_CHECK enum kith_err depot_seal_open(struct kith_slice sealed,
					 const struct kith_signer *self,
					 struct kith_slice passphrase,
					 struct depot_seal **seal,
					 struct kith_error *e);
void depot_seal_free(struct depot_seal *s);

/* The names that stand for the plain ones of depot/name.h. */
void depot_seal_writer(const struct depot_seal *s,
		       const struct depot_writer_id *plain,
		       struct depot_writer_id *out);
void depot_seal_blob(const struct depot_seal *s, const struct kith_blob_id *id,
		     struct kith_blob_id *out);

/* One frame for the place offset of the file name: header, text, padding. */
KITH_CHECK enum kith_err depot_seal_frame(const struct depot_seal *s,
					  const char *name, uint64_t offset,
					  struct kith_slice text,
					  struct kith_buf *out);

/* The frame at the front of in, which begins at offset.  False: none is there
 * or it is damaged; try DEPOT_FRAME_BYTES on.  *used and text where it is. */
bool depot_unseal_frame(const struct depot_seal *s, const char *name,
			uint64_t offset, struct kith_slice in, size_t *used,
			struct kith_buf *text);

#endif
