/*
 * Lines in files of a depot: the only way by which sessions read and write
 * them.
 *
 * In a sealed depot the folder is the view of seal.h, so that all names, sizes
 * and offsets are those of plain bytes, and synced lines are filled up to whole
 * blocks by empty ones.  Blocks.  One thread.  Beside the errors that are named
 * EIO is the medium, EFULL its room, ENOMEM ours.
 */
#ifndef DEPOT_STREAM_H
#define DEPOT_STREAM_H

#include <sodium.h>

#include "src/depot/folder.h"
#include "src/depot/head.h"
#include "src/depot/line.h"
#include "src/depot/name.h"
#include "src/depot/seal.h"
#include "src/store/crc32c.h"

/* An open depot: borrowed by all that reads and writes it. */
struct depot {
	struct folder *folder; /* of plain bytes: what everybody uses */
	struct folder *medium; /* what lies under it; the same in a plain
				* depot */
	struct depot_seal *seal; /* NULL: plain; else for names */
	struct depot_info info;
	struct kith_buf info_text;
};

/* Small files, as folder_get and _put; what was put is read back: EIO. */
KITH_CHECK enum kith_err depot_get(const struct depot *d, const char *name,
				   struct kith_buf *out, struct kith_error *e);
KITH_CHECK enum kith_err depot_put(const struct depot *d, const char *name,
				   struct kith_slice text,
				   struct kith_error *e);

/* The newer whole one of depot-a.txt and depot-b.txt into d->info, d->info_text
 * and *slot, from d->medium.  ENOENT: there is none; EFORMAT: both are damaged;
 * EDENIED: a later version's. */
KITH_CHECK enum kith_err depot_info_read(struct depot *d, int *slot,
					 struct kith_error *e);
/* Into the slot that is not that one; -1: the first. */
KITH_CHECK enum kith_err depot_info_write(const struct depot *d,
					  const struct depot_info *i, int slot,
					  struct kith_error *e);

/* The newer whole head of a writer, and the slot it is in.  ENOENT, with slot
 * -1: both are missing or damaged, e says which. */
KITH_CHECK enum kith_err depot_head_read(const struct depot *d,
					 const struct depot_writer_id *w,
					 struct depot_head *out, int *slot,
					 struct kith_error *e);
/* Into the other slot; -1: the first. */
KITH_CHECK enum kith_err depot_head_write(const struct depot *d,
					  const struct depot_writer_id *w,
					  const struct depot_head *h, int slot,
					  struct kith_error *e);

/* What a reader remembers of the place where it stopped: if these bytes are
 * not before it any more, it is another file. */
struct depot_place {
	uint32_t number;
	uint64_t offset;
	uint8_t before[16]; /* hash of up to 256 bytes before it; zero: any */
};

enum depot_read { DEPOT_READ_LINE, DEPOT_READ_DAMAGE, DEPOT_READ_END };

struct depot_reader;

/* From at->offset on; 0 needs no before.  EGAP, of which e says nothing:
 * another file, or a shorter one: begin at 0.  ENOENT, EIO. */
KITH_CHECK enum kith_err depot_reader_new(const struct depot *d,
					  const struct depot_writer_id *w,
					  enum depot_file file,
					  const struct depot_place *at,
					  struct depot_reader **out,
					  struct kith_error *e);
/* The lines and damaged pieces to the end of the file.  Damage with nothing
 * good behind it is given with line->next == UINT64_MAX: a torn end. */
KITH_CHECK enum kith_err depot_reader_next(struct depot_reader *r,
					   enum depot_read *what,
					   struct depot_line *line,
					   struct kith_error *e);
/* Behind the last good line given: where to go on another day. */
void depot_reader_place(const struct depot_reader *r,
			struct depot_place *out);
uint64_t depot_reader_bytes(const struct depot_reader *r); /* read so far */
void depot_reader_free(struct depot_reader *r);

/* Adds a line, as readers and depot_lines_next give it, to a sum of lines. */
uint32_t depot_line_sum(const struct crc32c *c, uint32_t sum,
			const struct depot_line *line);

struct depot_writer;

/* As folder_write: from keep on.  A new file begins with its DEPOT_HEADER. */
KITH_CHECK enum kith_err depot_writer_new(const struct depot *d,
					  const struct depot_writer_id *w,
					  enum depot_file file,
					  uint32_t number, uint64_t keep,
					  struct depot_writer **out,
					  struct kith_error *e);
KITH_CHECK enum kith_err depot_writer_put(struct depot_writer *w, char kind,
					  struct kith_slice json,
					  struct kith_error *e);
/* In a sealed depot this ends a block. */
KITH_CHECK enum kith_err depot_writer_sync(struct depot_writer *w,
					   struct kith_error *e);
/* Of all lines put, as depot_line_sum adds them up from 0. */
uint32_t depot_writer_sum(const struct depot_writer *w);
/* Bytes that the file will have, all lines put so far in. */
uint64_t depot_writer_bytes(const struct depot_writer *w);
/* Frees w in any case; *bytes of the whole file. */
KITH_CHECK enum kith_err depot_writer_finish(struct depot_writer *w,
					     uint64_t *bytes,
					     struct kith_error *e);
void depot_writer_drop(struct depot_writer *w);

/* What a head says of a closed file: SHA-256 of the heads of the lines in its
 * first bytes, which have the checksums of all else; as `cut -d' ' -f1-3` has
 * them.  EFORMAT: it is shorter. */
struct depot_hash { crypto_hash_sha256_state state; };
void depot_hash_init(struct depot_hash *h);
/* Of a line as depot_lines_next or a reader gives it. */
void depot_hash_line(struct depot_hash *h, const struct depot_line *line);
void depot_hash_end(struct depot_hash *h, uint8_t sha256[static 32]);
KITH_CHECK enum kith_err depot_file_hash(const struct depot *d,
					 const char *name, uint64_t bytes,
					 uint8_t sha256[static 32],
					 struct kith_error *e);

#endif
