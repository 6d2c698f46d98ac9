/*
 * Repairs: the store is written anew from what is sound in it.
 *
 * None rewrites history: messages are kept as they are, or not at all, and
 * what follows a lost one goes with it, since a feed has no holes; the next
 * sync with a peer that has them brings them again.  Messages of our own feed
 * are never dropped: they are set aside, and nothing is published before a
 * peer has shown that all of them are back.
 *
 *	rebuild		indexes, rows of feeds and views from the log; for logs
 *			that are whole
 *	refetch		and each feed is cut before its first damaged message
 *	quarantine	and what is cut is set aside in TABLE_QUARANTINE
 *	salvage		and pages may be damaged: all rows that can be read are
 *			kept, the old file too
 *
 * Whatever was set aside and follows its feed again is put back.  Needs the
 * writer's lock, and room for a second store; a crash leaves the old one or
 * the new one whole.
 *
 * A row of TABLE_QUARANTINE, whose key is a number from 1 on:
 *
 *	0-7    when it was set aside, us
 *	8-15   receive number; 0: it is no message
 *	16     why: enum fsck_class, 255: it follows what was damaged
 *	17     length of the name of its table, then the name
 *	then   length of its key 2, its key, its value as it was
 */
#ifndef FSCK_REPAIR_H
#define FSCK_REPAIR_H

#include "src/fsck/fsck.h"

/* A feed is cut before this message. */
struct repair_cut {
	uint64_t sequence;
	struct kith_feed_id feed;
	enum fsck_class class;
};

/* What became of one feed. */
struct repair_feed {
	struct kith_feed_id feed;
	uint64_t sequence;	  /* cut before this one */
	uint64_t dropped, aside;  /* messages */
	bool own;
};

struct repair_config {
	struct home *home;
	enum fsck_repair repair;
	const struct kith_feed_id *self; /* or NULL */
	const uint8_t *hmac;		 /* 32 bytes or NULL */
	const struct repair_cut *cuts;
	size_t cut_count;
	int64_t now_us;
	/* Called for each feed that was cut. */
	void (*told)(void *arg, const struct repair_feed *f);
	void *arg;
	/* Messages so far; or NULL. */
	void (*tick)(void *arg, uint64_t messages, uint64_t total);
};

struct repair_outcome {
	uint64_t messages;	      /* kept */
	uint64_t dropped, aside, back; /* messages cut, set aside, put back */
	uint64_t facts;		      /* local rows that could not be kept */
	uint64_t kept; /* salvage: the old file is store/damaged-N/data.mdb */
};

/* The caller has checked what there is to mend, and that this repair mends it.
 * EFULL: no room.  Nothing was changed after any error. */
KITH_CHECK enum kith_err repair_run(const struct repair_config *config,
				    struct repair_outcome *out,
				    struct kith_error *e);

#endif
