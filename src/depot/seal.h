/*
 * Sealed depots: one key for all that is in the folder.
 *
 * The key is random.  It lies in depot-a.txt wrapped by a passphrase (Argon2id)
 * or for recipients (sealed boxes to the X25519 form of their identities), or
 * both.  Files are rows of 4 KiB blocks, each XChaCha20-Poly1305 under a key of
 * its file's name, with its place bound in: blocks cannot be moved or swapped
 * unseen.  Names are keyed hashes.  What is seen is the volume.
 * Source: protocol/15 section 5.5; kith-depot(5).
 */
#ifndef DEPOT_SEAL_H
#define DEPOT_SEAL_H

#include "feeds/bytes.h"
#include "feeds/id.h"
#include "feeds/secret_seal.h"
#include "src/depot/folder.h"
#include "src/depot/name.h"

enum {
	DEPOT_BLOCK_BYTES = 4096,
	DEPOT_BLOCK_TEXT_BYTES = 4054, /* of it; the rest: nonce, tag, length */
	DEPOT_RECIPIENTS_MAX = 100,
	DEPOT_SEAL_KEY_BYTES = 32
};

struct depot_seal; /* the open key; NULL everywhere means plain */

/* A new key.  passphrase may be empty, recipients none; both: EDENIED.  Whoever
 * makes it is among the recipients only if it is named.  Appends to out what
 * depot_info.sealed holds.  Gives *seal; depot_seal_free.  EDENIED: also a
 * recipient whose key is no point; ETOOBIG; ENOMEM. */
struct depot_seal_for {
	struct kith_slice passphrase;
	const struct kith_seal_cost *cost; /* NULL: the usual one */
	const struct kith_feed_id *recipients;
	size_t recipient_count;
};
KITH_CHECK enum kith_err depot_seal_new(const struct depot_seal_for *who,
					struct kith_buf *out,
					struct depot_seal **seal,
					struct kith_error *e);

/* By our identity (NULL: not by that), where it is a recipient, or by the
 * passphrase (empty: none is known yet).  ENOENT: not a recipient, and a
 * passphrase is needed, or none helps; EDENIED: a wrong one; EFORMAT; ETOOBIG:
 * it demands too much of Argon2id; ENOMEM. */
KITH_CHECK enum kith_err depot_seal_open(struct kith_slice sealed,
					 const struct kith_signer *self,
					 struct kith_slice passphrase,
					 struct depot_seal **seal,
					 struct kith_error *e);
void depot_seal_free(struct depot_seal *s);

/* The key itself, to be remembered and wiped by the caller; and opening by it.
 * EDENIED: it is that of another depot. */
void depot_seal_key(const struct depot_seal *s,
		    uint8_t key[static DEPOT_SEAL_KEY_BYTES]);
KITH_CHECK enum kith_err
depot_seal_open_key(struct kith_slice sealed,
		    const uint8_t key[static DEPOT_SEAL_KEY_BYTES],
		    struct depot_seal **seal, struct kith_error *e);

/* The names that stand for the plain ones of depot/name.h. */
void depot_seal_writer(const struct depot_seal *s,
		       const struct depot_writer_id *plain,
		       struct depot_writer_id *out);
void depot_seal_blob(const struct depot_seal *s, const struct kith_blob_id *id,
		     struct kith_blob_id *out);

/* One block, the index-th of the file name, of up to DEPOT_BLOCK_TEXT_BYTES.  A
 * name that ends in ".p" counts as the one without. */
struct depot_seal_file { uint8_t key[DEPOT_SEAL_KEY_BYTES]; };
void depot_seal_file(const struct depot_seal *s, const char *name,
		     struct depot_seal_file *out);
void depot_seal_block(const struct depot_seal_file *f, uint64_t index,
		      struct kith_slice text,
		      uint8_t out[static DEPOT_BLOCK_BYTES]);
/* False: it is damaged, or stood elsewhere.  *n of text. */
bool depot_unseal_block(const struct depot_seal_file *f, uint64_t index,
			const uint8_t block[static DEPOT_BLOCK_BYTES],
			uint8_t text[static DEPOT_BLOCK_TEXT_BYTES], size_t *n);

/* inner with the bytes of its files sealed: whoever uses it sees plain files,
 * with plain sizes and offsets.  A damaged block reads as zeros, as many as one
 * can hold.  Names stay as they are given.  What is synced is whole blocks: the
 * last bytes of a file that is no multiple of DEPOT_BLOCK_TEXT_BYTES are there
 * once it is finished.  Keeps views of both.  Gives; folder_free, which leaves
 * inner as it is.  NULL when out of memory. */
struct folder *depot_seal_folder(struct folder *inner,
				 const struct depot_seal *s);

#endif
