/*
 * Lists of blobs, by how near they are: what a session wants, and what it may
 * leave.
 *
 * Found in the rows of the store and in its messages, each of which is looked
 * at once (carry.h).  One thread.
 */
#ifndef DEPOT_CARRY_LIST_H
#define DEPOT_CARRY_LIST_H

#include "src/depot/session.h"

/* References that are kept while messages are looked through; the farthest
 * are lost beyond. */
enum { CARRY_LIST_MAX = 1 << 20, CARRY_DISTANCE_MAX = 255 };

struct carry_blob {
	struct kith_blob_id id;
	uint8_t hops;  /* or, of wants of others, the distance */
	uint64_t size; /* 0: not known */
};

/* All zero is an empty one. */
struct carry_list {
	struct carry_blob *blobs;
	size_t n, room;
};

/* ENOMEM. */
KITH_CHECK enum kith_err carry_list_add(struct carry_list *l,
					const struct carry_blob *blob);
/* By id, each once, the nearest. */
void carry_list_join(struct carry_list *l);
/* Of a list that was joined; NULL: it is not there. */
const struct carry_blob *carry_list_find(const struct carry_list *l,
					 const struct kith_blob_id *id);
/* The nearest first, then the smallest. */
void carry_list_order(struct carry_list *l);
void carry_list_clear(struct carry_list *l);

/* What rows say is wanted, or is here within CARRY_HOPS; joined by the caller.
 * ENOMEM, EIO. */
KITH_CHECK enum kith_err carry_list_rows(struct carry_list *wanted,
					 struct carry_list *here,
					 struct store *s);

/* What messages behind the receive number from refer to, of authors within
 * hops.  ENOMEM, EIO. */
KITH_CHECK enum kith_err carry_list_messages(struct carry_list *l,
					     const struct depot_config *config,
					     int hops, uint64_t from);

#endif
