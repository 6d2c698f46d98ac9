/*
 * Whose signatures were checked: what was found out of their keys, in bounded
 * memory.
 *
 * A rake of an author's key is kept for a thousand of them; a comb, which pays
 * after four signatures, for some hundred whose messages keep coming.  Who was
 * not met for long gives way.  A key that is no point is not kept.
 * Never for secrets.  Pure.  Not for two threads at once.
 */
#ifndef FEEDS_VERIFY_AUTHORS_H
#define FEEDS_VERIFY_AUTHORS_H

#include "feeds/verify_comb.h"

enum {
	/* 380 bytes each. */
	AUTHOR_SETS = 128,
	AUTHOR_WAYS = 8,
	/* 4 kB each. */
	AUTHOR_COMBS = 96,
	/* Signatures after which an author is given a comb. */
	AUTHOR_IS_FREQUENT = 8
};

struct author {
	uint8_t key[POINT_BYTES];
	uint64_t met; /* when last, counted in signatures; 0: nobody */
	unsigned times;
	const struct comb *comb; /* or NULL */
	size_t slot;		 /* where it is, for verify_authors.c */
	struct rake rake;
};

struct authors;

/* Gives; free with authors_free.  NULL when out of memory. */
struct authors *authors_new(void);
void authors_free(struct authors *a);

/* Who signs with key, whose point is negated: there is nothing but sums to be
 * made.  NULL: it is no point.  Valid until the next call. */
const struct author *authors_meet(struct authors *a,
				  const uint8_t key[static POINT_BYTES]);

#endif
