/*
 * Bundles: messages, proofs of forks and blobs in one file.
 *
 * The lines are those of a depot (depot/line.h), in this order:
 *
 *	h {"format":"kith bundle","version":1}
 *	a {"feed":"@...","first":1,"last":9}	a clock: its maker has these
 *	r {"feed":"@...","first":5,"last":9}	it holds these: 4 is needed
 *	m {"previous":...}
 *	f {"proof":[{...},{...}]}
 *	b {"blob":"&...","at":0,"size":5,"bytes":"aGVsbG8="}
 *	e {"messages":5,"proofs":1,"blobs":1,"sha256":"..."}
 *
 * Written once and read in order, so that mail, discs and pipes carry it.  Text:
 * carriage returns are passed over, since mail puts them in.  What is damaged
 * costs only itself, and all in front of a tear is good.  Says nothing of
 * signatures and chains.  Pure.  Source: kith-bundle(5).
 */
#ifndef DEPOT_BUNDLE_H
#define DEPOT_BUNDLE_H

#include "src/depot/line.h"
#include "src/depot/ranges.h"

enum {
	BUNDLE_VERSION = 1,
	/* Of a blob in one line: 64 KiB of base64. */
	BUNDLE_PIECE_BYTES = 48 * 1024,
	/* Without a whole line in so many bytes a file is no bundle. */
	BUNDLE_LOOK_BYTES = 1 << 20
};

struct bundle_counts {
	uint64_t messages, proofs, blobs;
};

struct bundle_piece {
	struct kith_blob_id blob;
	uint64_t at, size; /* where in the blob, and that of all of it */
	struct kith_slice bytes;
};

/* --- writing -------------------------------------------------------------- */

struct bundle_writer;

/* Puts the header.  Gives; bundle_writer_free.  NULL when out of memory. */
struct bundle_writer *bundle_writer_new(void);
void bundle_writer_free(struct bundle_writer *w);

/* In this order; the writer keeps its first error. */
void bundle_put_have(struct bundle_writer *w, const struct depot_range *r);
void bundle_put_range(struct bundle_writer *w, const struct depot_range *r);
void bundle_put_message(struct bundle_writer *w, struct kith_slice value);
void bundle_put_proof(struct bundle_writer *w, struct kith_slice one,
		      struct kith_slice other);
/* At most BUNDLE_PIECE_BYTES, one behind another from 0 to the size. */
void bundle_put_piece(struct bundle_writer *w, const struct bundle_piece *p);
void bundle_put_end(struct bundle_writer *w);

/* The bytes that were put since the last time, borrowed until the next call.
 * ENOMEM; ETOOBIG, EFORMAT: what was put is not for a line. */
KITH_CHECK enum kith_err bundle_writer_take(struct bundle_writer *w,
					    struct kith_slice *out);

/* How many bytes they have in a bundle: a message of n bytes, a line of a
 * range at most, header and end at most, a blob of size bytes at most. */
uint64_t bundle_message_bytes(uint64_t n);
uint64_t bundle_range_bytes(void);
uint64_t bundle_frame_bytes(void);
uint64_t bundle_blob_bytes(uint64_t size);

/* --- reading -------------------------------------------------------------- */

enum bundle_step {
	BUNDLE_MORE,  /* all of in was used */
	BUNDLE_ITEM,
	BUNDLE_DAMAGE, /* item->offset to item->next, and item->why */
	BUNDLE_NONE /* no bundle, or one of a later version: item->why; every
		     * call gives it from now on */
};

enum bundle_kind {
	BUNDLE_HEADER,
	BUNDLE_HAVE,
	BUNDLE_RANGE,
	BUNDLE_MESSAGE,
	BUNDLE_PROOF,
	BUNDLE_PIECE,
	BUNDLE_OTHER, /* of a kind that a later version may have: skip it */
	BUNDLE_END
};

struct bundle_item {
	enum bundle_kind kind;
	uint64_t line;	       /* from 1; damaged pieces count as one */
	uint64_t offset, next; /* in the file, carriage returns left out */
	const char *why;       /* DAMAGE, NONE */
	struct depot_range range;    /* HAVE, RANGE */
	struct kith_slice values[2]; /* MESSAGE: one; PROOF: both */
	struct bundle_piece piece;
	struct {
		bool whole; /* hash and counts are those of what was read */
		struct bundle_counts counts; /* as it says */
	} end;
};

struct bundle_reader;

/* Gives; bundle_reader_free.  NULL when out of memory. */
struct bundle_reader *bundle_reader_new(void);
void bundle_reader_free(struct bundle_reader *r);

/* Takes from the front of in until one step is done; what *out points to lives
 * until the next call.  What follows the end is damage, but for white space. */
enum bundle_step bundle_next(struct bundle_reader *r, struct kith_slice *in,
			     struct bundle_item *out);

/* There is no more: as bundle_next, until MORE. */
enum bundle_step bundle_finish(struct bundle_reader *r,
			       struct bundle_item *out);

/* Of whole lines so far. */
struct bundle_counts bundle_counts(const struct bundle_reader *r);
/* The last line was read: else the file is torn. */
bool bundle_ended(const struct bundle_reader *r);

/* --- blobs ---------------------------------------------------------------- */

/* A blob in the making; all zero but bytes.limit, which is the largest that is
 * taken, is none. */
struct bundle_blob {
	struct kith_blob_id id;
	uint64_t size;
	bool begun, over; /* over: what is left of it is passed over */
	struct kith_buf bytes;
};

enum bundle_blob_step {
	BUNDLE_BLOB_MORE,
	BUNDLE_BLOB_WHOLE,   /* b->bytes is the blob b->id */
	BUNDLE_BLOB_TOO_BIG, /* told once, as is what follows */
	BUNDLE_BLOB_TORN,    /* pieces before this one are missing */
	BUNDLE_BLOB_FALSE,   /* all pieces are there: it is another blob */
	BUNDLE_BLOB_NOMEM
};

enum bundle_blob_step bundle_blob_take(struct bundle_blob *b,
				       const struct bundle_piece *p);
/* Pieces of b->id came, and not all: it will never be whole.  For the piece of
 * another blob (next), and for the end (NULL). */
bool bundle_blob_is_torn(const struct bundle_blob *b,
			 const struct kith_blob_id *next);
void bundle_blob_clear(struct bundle_blob *b);

#endif
