/*
 * Scans: from one row to the next without a search for each.
 *
 * A scan belongs to a transaction and ends before it.  It stops at the end of
 * what it reads, and at damage, which is then the error of the transaction.
 */
#ifndef STORE_SCAN_H
#define STORE_SCAN_H

#include "src/store/foresight.h"
#include "src/store/messages.h"

/* Messages of a feed lie apart in the log; so many are looked up together, for
 * their bytes to be on the way when they are read. */
enum { SCAN_AHEAD = 32 };

/* Embedded; scan_end after. */
struct scan {
	struct cursor log, by_feed;
	uint32_t feed_number; /* 0: the whole log */
	uint64_t from;	      /* the first sequence or receive number */
	struct {
		uint64_t rx;
		struct kith_slice value;
	} ahead[SCAN_AHEAD];
	unsigned next, count; /* of ahead */
	struct foresight foresight;
};

/* The log in the order of receipt, from rx on. */
void scan_log(struct scan *s, struct txn *t, uint64_t rx);

/* A feed in its order, from sequence on. */
void scan_feed(struct scan *s, struct txn *t, uint32_t feed_number,
	       uint64_t sequence);

/* The next message, which lives until the transaction ends. */
bool scan_next(struct scan *s, struct message_row *out);

void scan_end(struct scan *s);

/* Messages whose id begins with some bytes: from by_id, then from the end of
 * the log that by_id may lack. */
enum { ID_SCAN_BYTES = 8 }; /* at most that are looked at */

struct id_scan {
	struct cursor at;
	struct kith_slice prefix; /* a view of the caller's */
	uint64_t gap; /* where by_id ends; UINT64_MAX: nowhere */
	bool in_log;
};

/* prefix: 1 to ID_SCAN_BYTES bytes, which stay where they are. */
void id_scan_start(struct id_scan *s, struct txn *t, struct kith_slice prefix);
/* The next message, in no order; one may come twice. */
bool id_scan_next(struct id_scan *s, struct message_row *out);
void id_scan_end(struct id_scan *s);

#endif
