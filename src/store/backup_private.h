/*
 * What the writer and the reader of backup files share: kith-backup(5).
 */
#ifndef STORE_BACKUP_PRIVATE_H
#define STORE_BACKUP_PRIVATE_H

#include <assert.h>

#include <sodium.h>

#include "src/store/backup_file.h"

/* Places in the header. */
enum {
	AT_KIND = 256,
	AT_PASSES = 260,
	AT_MEMORY = 264,
	AT_SALT = 272,
	AT_STREAM = 288,
	AT_CHECK = 312,
	AT_MADE = 328,
	AT_HASH = 336,
	HASH_BYTES = 32,
	CHECK_BYTES = 16
};

enum { KIND_OPEN = 0, KIND_SEALED = 1 };

/* Flags of a chunk. */
enum { FIRST = 1, LAST = 2, END = 4 };

enum {
	KEY_BYTES = crypto_secretstream_xchacha20poly1305_KEYBYTES,
	SEAL_BYTES = crypto_secretstream_xchacha20poly1305_ABYTES,
	STREAM_BYTES = crypto_secretstream_xchacha20poly1305_HEADERBYTES
};

static_assert(AT_HASH + HASH_BYTES == BACKUP_HEADER_BYTES, "header");
static_assert(AT_STREAM + STREAM_BYTES == AT_CHECK, "stream header");
static_assert(AT_SALT + crypto_pwhash_SALTBYTES == AT_STREAM, "salt");

/* How every file begins, of any version, and of this one. */
#define BACKUP_MAGIC "kith backup "
#define BACKUP_MAGIC_1 BACKUP_MAGIC "1\n"

/* What both sides keep of a file. */
struct backup_chain {
	bool sealed;
	uint8_t head[HASH_BYTES]; /* the header's own hash */
	uint8_t link[HASH_BYTES]; /* open: the hash before */
	crypto_secretstream_xchacha20poly1305_state stream;
};

/* What a sealed chunk is bound to: the file's header and its own. */
struct backup_bound {
	uint8_t b[HASH_BYTES + BACKUP_CHUNK_HEADER_BYTES];
};

/* The hash that stands at AT_HASH. */
void backup_hash_header(const uint8_t header[static BACKUP_HEADER_BYTES],
			uint8_t out[static HASH_BYTES]);

/* The key of a passphrase and a header with cost and salt.  ENOMEM. */
KITH_CHECK enum kith_err
backup_derive(struct kith_slice passphrase,
	      const uint8_t header[static BACKUP_HEADER_BYTES],
	      uint8_t key[static KEY_BYTES], struct kith_error *e);

/* What tells a wrong passphrase from a damaged file, at the price of a
 * guess. */
void backup_check_of(const uint8_t key[static KEY_BYTES],
		     uint8_t out[static CHECK_BYTES]);

/* The next link of an open file's chain; chunk: header and content. */
void backup_link(const struct backup_chain *c, struct kith_slice chunk,
		 uint8_t out[static HASH_BYTES]);

struct backup_bound backup_bind(const struct backup_chain *c,
				const uint8_t *chunk_header);

#endif
