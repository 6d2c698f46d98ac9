/*
 * Several posting lists as one, newest first.
 */
#ifndef TOOLS_PICK_NEWEST_H
#define TOOLS_PICK_NEWEST_H

#include "src/views/postings.h"

/* Embedded; all zero at first.  Ends before the transaction. */
struct newest {
	struct postings *lists; /* owned */
	size_t count, room;
	bool begun;
	struct posting last;
};

/* Before the first newest_next. */
KITH_CHECK enum kith_err newest_add(struct newest *n, struct txn *t,
				    const struct viewer *v,
				    const struct term *term);
/* Goes on in another transaction, where it stood; the old one is still open. */
void newest_move(struct newest *n, struct txn *t, const struct viewer *v);
/* What stands in several lists comes once; false: the end. */
bool newest_next(struct newest *n, struct posting *out);
void newest_end(struct newest *n);

#endif
