/*
 * Where rows of the log will be found, before they are looked up.
 *
 * A look-up waits for the memory of the leaf that it comes to, and a row that
 * lies far from the one before is on another.  Where many are to be looked up,
 * their leaves are asked for first, all at once.  This goes down the branches
 * of LMDB's tree, which are few and mostly near, to see where they lie; the
 * look-ups do not depend on it, and where it is wrong, only time is lost.
 * Belongs to the thread of its transaction.  Layout: page.h.
 */
#ifndef STORE_FORESIGHT_H
#define STORE_FORESIGHT_H

#include "src/store/store.h"

struct foresight {
	const uint8_t *map; /* page 0; NULL: it sees nothing */
	uint64_t pages, root;
	size_t page_bytes;
	unsigned depth;
};

/* value: that of any row of t.  What a writer has changed is elsewhere: there
 * it sees nothing.  Good as long as t. */
void foresight_open(struct foresight *f, struct txn *t,
		    struct kith_slice value);

/* Asks for all that a look-up of these n receive numbers waits for: at most
 * FORESIGHT_MAX. */
enum { FORESIGHT_MAX = 64 };
void foresight_ask(const struct foresight *f, const uint64_t *rx, size_t n);

#endif
