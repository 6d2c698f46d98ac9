/*
 * The backup file: sections of bytes in checked chunks, sealed with a
 * passphrase or open.
 *
 * Bytes in, bytes out: no file is touched here.  What the reader gives was
 * checked, and comes in the order it was written; that all of it came only
 * BACKUP_END says.  Sealed: Argon2id makes the key, secretstream
 * (XChaCha20-Poly1305) seals the chunks.  Open: a chain of BLAKE2b hashes,
 * which finds damage, but not somebody's doing.
 * Format: kith-backup(5).
 */
#ifndef STORE_BACKUP_FILE_H
#define STORE_BACKUP_FILE_H

#include "feeds/secret_seal.h"

enum {
	BACKUP_VERSION = 1,
	BACKUP_HEADER_BYTES = 368,
	BACKUP_CHUNK_BYTES_MAX = 64 * 1024, /* of content */
	BACKUP_CHUNK_HEADER_BYTES = 8,
	BACKUP_TAG_BYTES_MAX = 32
};

/* Kinds of sections, which are stored and never change meaning.  A reader
 * skips those that it does not know. */
enum backup_section {
	BACKUP_MANIFEST = 1, /* JSON: what it is a backup of; comes first */
	BACKUP_SECRET = 2,   /* the file `secret`, sealed or not */
	BACKUP_CONFIG = 3,   /* the file `config` */
	BACKUP_STORE = 4     /* every row of the store (store/dump.h) */
};

struct backup_writer;

/* passphrase: empty for an open file.  made_us: when, microseconds since 1970.
 * Appends the header to out, which every call below appends to, and which the
 * caller empties by kith_buf_reset.  Gives; free with backup_writer_free.
 * ENOMEM: also when Argon2id gets no memory. */
KITH_CHECK enum kith_err backup_writer_new(struct kith_slice passphrase,
					   const struct kith_seal_cost *cost,
					   int64_t made_us,
					   struct kith_buf *out,
					   struct backup_writer **w,
					   struct kith_error *e);
void backup_writer_free(struct backup_writer *w);

/* Begins a section, and ends the one before. */
void backup_section(struct backup_writer *w, uint16_t section);
void backup_write(struct backup_writer *w, struct kith_slice bytes);
/* Ends the file. */
void backup_end(struct backup_writer *w);

enum backup_step {
	BACKUP_MORE,   /* all of in was used */
	BACKUP_SEALED, /* the header was read: backup_unlock, then go on */
	BACKUP_PIECE,
	BACKUP_END,
	BACKUP_BAD     /* backup_error says why */
};

struct backup_piece {
	uint16_t section;
	bool first, last; /* of its section */
	struct kith_slice bytes; /* borrowed until the next call */
};

struct backup_reader;

/* Gives; free with _free.  NULL when out of memory. */
struct backup_reader *backup_reader_new(void);
void backup_reader_free(struct backup_reader *r);

/* Takes from the front of in until one step is done.  After BAD, and for bytes
 * after the end, always BAD. */
enum backup_step backup_next(struct backup_reader *r, struct kith_slice *in,
			     struct backup_piece *out);

/* EDENIED: another passphrase was used; may be tried again.  ENOMEM. */
KITH_CHECK enum kith_err backup_unlock(struct backup_reader *r,
				       struct kith_slice passphrase,
				       struct kith_error *e);

/* When it was made; 0 until the header was read. */
int64_t backup_made_us(const struct backup_reader *r);

/* What is wrong: after BAD, or when the file ended before BACKUP_END. */
void backup_error(const struct backup_reader *r, struct kith_error *e);

#endif
