/*
 * TABLE_BLOBS: what is known of a blob, here or not.
 *
 * A row is what this node says of a blob; whether its bytes are here is said by
 * the folder (blobs.h), which others change too.  A blob that has no row is one
 * of which nothing is known but that.
 *
 *	key    32 bytes, the id
 *	bytes  value
 *	0      state
 *	1      why
 *	2      flags
 *	3      hops
 *	4-11   size
 *	12-19  added_us
 *	20-27  used_us
 *	28-60  from, a feed id as keys.h has it, or zeros
 */
#ifndef STORE_BLOB_ROWS_H
#define STORE_BLOB_ROWS_H

#include "src/store/store.h"

enum { BLOB_HOPS_NONE = 255 /* nobody who is known refers to it */ };

/* Values are stored and never change meaning. */
enum blob_state {
	BLOB_KNOWN = 0,	  /* of it, no more */
	BLOB_HERE = 1,	  /* its bytes were here when the row was written */
	BLOB_WANTED = 2,  /* and is looked for */
	BLOB_REMOVED = 3  /* was here, and is not looked for */
};

/* Why it is not here; the last that was found out.  Values as above. */
enum blob_why {
	BLOB_WHY_NONE = 0,
	BLOB_WHY_NO_OFFER = 1,	/* no peer had it */
	BLOB_WHY_TOO_BIG = 2,	/* for the limit of one blob */
	BLOB_WHY_LIED = 3,	/* what came was something else */
	BLOB_WHY_CUT = 4,	/* the connection went, or the peer gave up */
	BLOB_WHY_TIME = 5,	/* it took too long */
	BLOB_WHY_NO_ROOM = 6,	/* by quota, or on the disk */
	BLOB_WHY_TOO_FAR = 7,	/* whom it is from is outside the hops */
	BLOB_WHY_QUOTA = 8,	/* removed to make room */
	BLOB_WHY_BY_HAND = 9,	/* removed by the person: kith blob rm */
	BLOB_WHY_LOST = 10,	/* its file was gone */
	BLOB_WHY_DAMAGED = 11,	/* its file was not the blob any more */
	BLOB_WHY_COUNT
};

/* The words for a person: "no peer had it". */
const char *blob_why_text(enum blob_why why);

struct blob_row {
	struct kith_blob_id id;
	enum blob_state state;
	enum blob_why why;
	bool pinned; /* by the person: never removed by a quota */
	bool own;    /* added here, or our own messages refer to it: as above */
	bool asked;  /* the person wants it: kith blob want */
	bool push;   /* to be spread until enough peers have it */
	uint8_t hops; /* of the nearest author who refers to it */
	uint64_t size; /* 0: not known, where it is not here */
	int64_t added_us;
	int64_t used_us; /* coarse: blob_row_touch */
	struct kith_feed_id from; /* whom it came from; NONE: not known or us */
};

/* False: no row, and *out is one that says nothing (of id). */
bool blob_row_get(struct txn *t, const struct kith_blob_id *id,
		  struct blob_row *out);
void blob_row_put(struct txn *t, const struct blob_row *row);

/* True if a use at now_us is worth a write: the one noted is over an hour
 * older, or in the future. */
bool blob_row_touch(const struct blob_row *row, int64_t now_us);

/* Walks in the order of ids, from the first above after (NULL: the first).
 * Embedded; ends before its transaction. */
struct blob_rows {
	struct cursor cursor;
	struct kith_blob_id after;
	bool started, from_start;
};
void blob_rows_open(struct blob_rows *c, struct txn *t,
		    const struct kith_blob_id *after);
bool blob_rows_next(struct blob_rows *c, struct blob_row *out);
void blob_rows_close(struct blob_rows *c);

/* A row as stored; false: malformed. */
KITH_CHECK bool blob_row_decode(struct kith_slice key, struct kith_slice value,
				struct blob_row *out);

#endif
