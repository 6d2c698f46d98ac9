/*
 * Blobs of a session with a depot: those that we want and that lie there come
 * in; those that others want, or will, are left there.
 *
 * What we want is what the rows of the store say (store/blob_rows.h), and what
 * messages refer to that came since the last session, of authors within
 * config->blob_hops: so it needs no kithd.  A blob comes in hashed, by the
 * sink, within the limit of one blob and the quotas of gossip/keep.h.  It is
 * left under another name, synced, read back and then given its own, never over
 * one that is there; what a pull left of it is taken up by whoever comes next.
 * In a sealed depot names and bytes are sealed.  Blocks; one thread.
 * Source: protocol/15 section 5.3, step 5; kith-depot(5).
 */
#ifndef DEPOT_CARRY_H
#define DEPOT_CARRY_H

#include "src/depot/session.h"

enum {
	/* Of each kind, in one session: looked for there, brought in, left.
	 * What is nearer, and then what is smaller, goes first. */
	CARRY_LOOKS_MAX = 16384,
	CARRY_LOOKS_UNLISTED_MAX = 1000, /* where each is a request */
	CARRY_WANTS_MAX = 16384,
	/* Authors whose blobs are left before anybody wants them: ours, and
	 * those that we follow; and no more than half of the room. */
	CARRY_HOPS = 1,
	CARRY_AHEAD_SHARE = 2
};

struct depot_carry {
	const struct depot *depot;
	const struct depot_config *config;
	/* All writers, with the notes that were read; ours may be among
	 * them, and is known by this. */
	struct depot_known *const *known;
	size_t known_count;
	const struct depot_writer_id *self;
	/* What we will say: blobs wanted are put in and taken out. */
	struct depot_notes *own;
	/* Receive number: messages up to there were looked through in a
	 * session with this depot, by the same hops.  0: none. */
	uint64_t log_from;
	/* Another writer did something there since our last session: old wants
	 * may be met.  Else only new ones are looked for. */
	bool moved;
	uint64_t room; /* bytes that may be left there; counted down */
	struct depot_report *report; /* blobs and blob_bytes, in and out */
};

/* True if the person asked for a blob that our notes do not want yet: then a
 * session has something to do, if no other has. */
bool depot_blobs_asked(const struct depot_carry *c);

/* After messages came in, and before notes are written.  A blob that is damaged
 * there is a finding and stays wanted.  EBUSY: progress said stop; EFULL: ours;
 * EIO: the medium; ENOMEM. */
KITH_CHECK enum kith_err depot_blobs_take(struct depot_carry *c,
					  struct kith_error *e);

/* After messages were left.  EFULL: the medium, the rest is in order; else as
 * above.  Nothing is to be done of it before or behind a head. */
KITH_CHECK enum kith_err depot_blobs_leave(struct depot_carry *c,
					   struct kith_error *e);

#endif
