/*
 * Which blobs may come in and which go: quotas by hop distance and in total.
 *
 * Pure.  Two parts: struct keep counts what is here and on its way, and answers
 * at once whether one more fits; a sweep looks at all rows once and names those
 * to remove.  Own blobs (hops 0) and pinned ones never go and count in the
 * total.  Of the rest the farthest go first, of those the least recently used.
 * A blob gives way only to one that is nearer, or as near and used later.
 */
#ifndef GOSSIP_KEEP_H
#define GOSSIP_KEEP_H

#include "feeds/bytes.h"
#include "feeds/id.h"

enum {
	KEEP_HOPS = 5, /* 0 own, 1, 2, 3 and more, and the last: unknown or
			* carried for others */
	KEEP_LAST = KEEP_HOPS - 1,
	KEEP_HOPS_UNKNOWN = 255,
	KEEP_SWEEP_ROWS = 8192 /* of a class, named by one sweep: 512 kB */
};

#define KEEP_NO_LIMIT UINT64_MAX

struct keep_quotas {
	uint64_t total;		  /* bytes */
	uint64_t hops[KEEP_HOPS]; /* bytes; KEEP_NO_LIMIT */
};

struct keep_row {
	struct kith_blob_id id;
	uint64_t size;
	int64_t used_ms; /* last use, coarse */
	uint8_t hops;	 /* KEEP_HOPS_UNKNOWN: nobody known refers to it */
	bool pinned;
};

/* The class of a hop distance: an index of hops above. */
size_t keep_class(uint8_t hops);

struct keep {
	struct keep_quotas quotas;
	uint64_t used[KEEP_HOPS]; /* bytes; of 0: what never goes */
	uint64_t coming; /* reserved by keep_reserve, in used too */
	uint64_t count;	 /* of blobs that are here */
};

/* All zero but the quotas: nothing here. */
void keep_init(struct keep *k, const struct keep_quotas *quotas);

/* A row came, or went.  A row that changed: the old one goes, the new comes. */
void keep_add(struct keep *k, const struct keep_row *row);
void keep_remove(struct keep *k, const struct keep_row *row);

/* May one more come? */
enum keep_answer {
	KEEP_YES,   /* it fits */
	KEEP_SWEEP, /* after a sweep for it, perhaps */
	KEEP_NO	    /* not even then: over its quota, or what never goes
		     * and what is nearer leave no room */
};
enum keep_answer keep_ask(const struct keep *k, const struct keep_row *row);

/* YES and on its way: it counts from now on, until keep_release, which is
 * followed by keep_add if it came. */
void keep_reserve(struct keep *k, const struct keep_row *row);
void keep_release(struct keep *k, const struct keep_row *row);

uint64_t keep_total(const struct keep *k);

/* How many bytes are over the limits, and would go by a sweep for nobody. */
uint64_t keep_over(const struct keep *k);

/* --- a sweep -------------------------------------------------------------- */

struct keep_sweep;

/* Makes room for coming, or (NULL) goes below all limits; and spare bytes more,
 * so that not each blob needs a sweep.  Gives; free with keep_sweep_free.
 * NULL when out of memory. */
struct keep_sweep *keep_sweep_new(const struct keep *k,
				  const struct keep_row *coming,
				  uint64_t spare);
void keep_sweep_free(struct keep_sweep *s);

/* Shows it every row, in any order. */
void keep_sweep_row(struct keep_sweep *s, const struct keep_row *row);

/* After all rows: the next to remove, NULL at the end.  The caller removes the
 * file, then says keep_remove; what it could not remove it skips.  None is
 * named where all that may go would not make room for coming.  After
 * KEEP_SWEEP_ROWS of a class another sweep may be needed: ask again. */
const struct keep_row *keep_sweep_next(struct keep_sweep *s);

/* Bytes that those named will give back; after the first keep_sweep_next. */
uint64_t keep_sweep_bytes(const struct keep_sweep *s);

#endif
