/*
 * Heads: the two small files that say what a writer has in a depot.
 *
 * Everything else of it is append-only or never changed; a head is written anew
 * each session, into the slot that does not hold the newest.  So one whole head
 * is always there, and who has seen its generation needs to read no more.
 *
 *	kith depot head 1
 *	generation 7
 *	round 19
 *	segment 1 67108731 9f86d081884c7d65...	closed: see depot_file_hash
 *	segment 2 41822 open
 *	notes 1 5120
 *	end 1c8f03b2			CRC-32C of all before this line
 *
 * Pure.  Source: kith-depot(5); protocol/15 sections 4 (R17) and 5.2.
 */
#ifndef DEPOT_HEAD_H
#define DEPOT_HEAD_H

#include "feeds/bytes.h"

/* Of generations, rounds, sizes and sequences: whole in any JSON reader. */
#define DEPOT_NUMBER_MAX UINT64_C(9007199254740991)

enum {
	DEPOT_ID_BYTES = 16,
	DEPOT_INFO_BYTES_MAX = 32 * 1024,
	DEPOT_HEAD_BYTES_MAX = 128 * 1024,
	DEPOT_SEGMENTS_MAX = 1000 /* of one writer, that are there */
};

struct depot_segment {
	uint32_t number; /* from 1, ascending, never used again */
	uint64_t bytes;	 /* that are synced */
	bool closed;
	uint8_t sha256[32]; /* where it is closed */
};

struct depot_head {
	uint64_t generation;
	/* Of all sessions of all writers: one more than the highest that was
	 * there.  It says how old what a writer says is. */
	uint64_t round;
	size_t count;
	struct depot_segment segments[DEPOT_SEGMENTS_MAX];
	uint32_t notes;	       /* number of the file; 0: none */
	uint64_t notes_bytes;
};

/* EFORMAT: e says why, with the byte; also an end that is wrong, and what a
 * later version wrote.  *out is of no use then. */
KITH_CHECK enum kith_err depot_head_decode(struct kith_slice text,
					   struct depot_head *out,
					   struct kith_error *e);
void depot_head_encode(struct kith_buf *out, const struct depot_head *h);

/* What a folder is: depot-a.txt and depot-b.txt. */
struct depot_info {
	uint8_t id[DEPOT_ID_BYTES];
	uint64_t generation;
	char first[27]; /* the writer who made it: others are found from it */
	struct kith_slice sealed; /* empty: plain; else JSON, for seal.h.
				   * Borrows from text. */
};
/* EFORMAT; EDENIED: a later version, e says to get a newer kith.
 *
 *	kith depot 1
 *	generation 1
 *	id mzxw6ytboi4dgmrzgu3tqojqge
 *	first 7mzxw6ytboi4dgmrzgu3tqojqge	may be missing
 *	sealed {"check":...}			where it is
 *	end 9a1b03c4 */
KITH_CHECK enum kith_err depot_info_decode(struct kith_slice text,
					   struct depot_info *out,
					   struct kith_error *e);
void depot_info_encode(struct kith_buf *out, const struct depot_info *i);

#endif
