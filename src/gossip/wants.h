/*
 * Blob wants: who wants which blob how badly, who has it, what to tell whom,
 * what to fetch next from whom.
 *
 * Pure and stepped: the shell tells what happened (a peer came, an item came,
 * a blob is here), does what wants_next says, and pulls items with wants_say
 * whenever a peer's output has room: that is the back-pressure.  Never sees a
 * blob's bytes.  Time is an argument, milliseconds, monotonic.  What a peer
 * can make it remember is bounded by the limits below.  One fetch, and what
 * status asks: wants_fetch.h.
 * Source: protocol/06 sections 3, 4, 5 and 7.
 */
#ifndef GOSSIP_WANTS_H
#define GOSSIP_WANTS_H

#include "feeds/bytes.h"
#include "feeds/id.h"

enum {
	WANTS_SIZE_MAX = 5 << 20, /* bytes; blobs are smaller (06 sec. 1) */
	WANTS_SYMPATHY = 3,	/* hops that a want is carried */
	WANTS_PUSHY = 3,	/* copies with others end a push */
	WANTS_PEER_FETCHES = 4, /* at once from one peer (06 section 4) */
	WANTS_FETCHES = 16,	/* at once in all */
	WANTS_OPEN_MAX = 64,	/* with those that the disk finishes */
	WANTS_TOLD_MAX = 1000,	/* own wants that peers are told of */
	WANTS_OWN_MAX = 16384,	/* own wants in memory, the nearest */
	WANTS_PUSH_MAX = 1000,	  /* blobs pushed at once */
	WANTS_CARRIED_PEER_MAX = 500, /* for one peer (06, bad input) */
	WANTS_CARRIED_MAX = 10000,    /* for all peers */
	WANTS_CARRIED_RATE = 50,      /* new ones a second and peer, after
				       * WANTS_CARRIED_PEER_MAX at once */
	WANTS_CARRY_MS = 3600000,     /* so long after the peer left */
	WANTS_AGAIN_MS = 1800000,     /* ours are told again: others may
				       * not carry them any more */
	WANTS_ITEM_ENTRIES_MAX = 10000, /* read of one (06, bad input) */
	WANTS_SAY_ENTRIES_MAX = 1000,	/* in one of ours: some 70 kB */
	WANTS_ASKED_MAX = 10000,	/* of one peer, not answered */
	WANTS_ASKED_ALL_MAX = 65536,	/* and of all; 64 in any case */
	WANTS_OFFERS_MAX = 16384,	/* remembered of one peer */
	WANTS_OFFERS_ALL_MAX = 131072,	/* and of all; 1024 in any case */
	WANTS_NEWS_MAX = 16384, /* arrivals kept for peers that are slow */
	WANTS_TURN_MS = 600000, /* without an offer, then others get a turn */
	WANTS_STALL_MS = 120000, /* in which a fetch must come on by */
	WANTS_STALL_BYTES = 16384, /* so much; a chunk of 64 kB counts when it
				    * is whole */
	WANTS_SLOW_MS = 30000,	   /* where another has it too: in this */
	WANTS_SLOW_BYTES = 131072, /* by this */
	WANTS_LIES_MAX = 2, /* then nothing is fetched in this connection */
	WANTS_HOPS_UNKNOWN = 255, /* farther than any */
	WANTS_KEY_BYTES = 16
};

struct wants_options {
	uint64_t size_max; /* bytes; what is not smaller is not fetched */
	uint32_t sympathy, pushy;
	bool stingy; /* neither carry nor answer, but for what is pushed */
	uint32_t peer_fetches, fetches;
	uint8_t key[WANTS_KEY_BYTES]; /* random: no peer can make ids collide */
};

/* The constants above and a key of zeros. */
void wants_defaults(struct wants_options *o);

struct wants;
struct wants_peer;
struct wants_fetch;

/* Copies o.  Gives; free with wants_free after every peer left and every fetch
 * ended.  NULL when out of memory. */
struct wants *wants_new(const struct wants_options *o);
void wants_free(struct wants *w);

/* --- what we want and have ------------------------------------------------ */

/* We want it; hops: of the nearest author who refers to it, 0 for ours and what
 * the user asked for, WANTS_HOPS_UNKNOWN.  Said again with other hops: the
 * nearer ones count.  kept: bytes of it that lie in a partial file of a blob of
 * kept_size bytes (0: not known), or 0.
 * EFULL: WANTS_OWN_MAX nearer ones are here; a nearer one puts the farthest
 * out.  So callers keep all wants in rows, and offer the nearest again while
 * wants_counts has room. */
struct wants_own {
	struct kith_blob_id id;
	uint8_t hops;
	uint64_t kept, kept_size;
};
KITH_CHECK enum kith_err wants_want(struct wants *w,
				    const struct wants_own *own,
				    int64_t now_ms);

/* Not wanted by us any more; others may. */
void wants_unwant(struct wants *w, const struct kith_blob_id *id);

/* The blob is here, whole and synced, whichever way it came (an add; what was
 * fetched says so with WANTS_OK): everybody connected is told. */
void wants_came(struct wants *w, const struct kith_blob_id *id, uint64_t size,
		int64_t now_ms);

/* Spreads a blob that is here until others have copies; the caller remembers
 * it and says so again after a start.  EFULL over WANTS_PUSH_MAX. */
KITH_CHECK enum kith_err wants_push(struct wants *w,
				    const struct kith_blob_id *id,
				    uint64_t size, int64_t now_ms);

/* It was removed from the store: no longer pushed.  Nobody is told. */
void wants_gone(struct wants *w, const struct kith_blob_id *id);

/* There is no room on the disk, or there is again: no fetch begins meanwhile.
 * Taking it back also tries again what ended with WANTS_NO_ROOM. */
void wants_hold(struct wants *w, bool hold);

/* --- peers ---------------------------------------------------------------- */

/* A session starts.  Gives the handle, until wants_leave; NULL when out of
 * memory. */
struct wants_peer *wants_join(struct wants *w, const struct kith_feed_id *peer,
			      int64_t now_ms);

/* The session ended.  Fetches from it may still be open: each ends with
 * wants_fetched. */
void wants_leave(struct wants *w, struct wants_peer *p, int64_t now_ms);

/* An item came on the stream that we opened: a JSON value, checked.  What is no
 * entry of a blob and an integer is ignored, as are entries over
 * WANTS_ITEM_ENTRIES_MAX.  False: p has asked for so much that more of it is
 * lost; best to read nothing of it while wants_is_full, which ends when enough
 * was looked up. */
bool wants_item(struct wants *w, struct wants_peer *p, struct kith_slice item,
		int64_t now_ms);
bool wants_is_full(const struct wants_peer *p);

/* p has it (blobs.changes, an answer to blobs.has); size 0: not known. */
void wants_offer(struct wants *w, struct wants_peer *p,
		 const struct kith_blob_id *id, uint64_t size, int64_t now_ms);

/* Our createWants was refused before its first item: from now on wants_say
 * gives arguments of blobs.has; ask for blobs.changes, too.  Nothing where p
 * listens: it knows items. */
void wants_is_legacy(struct wants *w, struct wants_peer *p);

/* The answer to blobs.has, a JSON value, checked; asked: as wants_say gave
 * it. */
void wants_has(struct wants *w, struct wants_peer *p, struct kith_slice asked,
	       struct kith_slice answer, int64_t now_ms);

/* p opened createWants, or did so anew: it is told everything, first of all one
 * item, even an empty one. */
void wants_listens(struct wants *w, struct wants_peer *p);

/* The next item for p, or arguments of blobs.has, into body (emptied first).
 * False: nothing to say, or no memory, or p does not listen. */
bool wants_say(struct wants *w, struct wants_peer *p, struct kith_buf *body);

/* Walks the peers that have something to say to: NULL first and at the end.
 * after must not have left.  O(peers). */
struct wants_peer *wants_ready(struct wants *w, struct wants_peer *after);

/* --- what to do ----------------------------------------------------------- */

enum wants_step {
	WANTS_IDLE,  /* nothing before wants_wake_ms or another event */
	WANTS_LOOK,  /* is look.id here?  Say so with wants_looked */
	WANTS_FETCH, /* begin this fetch; wants_fetched ends it */
	WANTS_STOP,  /* end this fetch now, keep what came: WANTS_CUT */
	WANTS_PUSHED /* look.id is with enough others: wants_copies */
};

struct wants_look {
	struct kith_blob_id id;
	uint64_t session; /* of the peer, which may leave meanwhile */
	int64_t distance;
};

struct wants_do {
	struct wants_look look;	   /* LOOK, PUSHED */
	struct wants_fetch *fetch; /* FETCH, STOP */
};

enum wants_step wants_next(struct wants *w, int64_t now_ms,
			   struct wants_do *out);

/* When to call wants_next without another event; INT64_MAX: never. */
int64_t wants_wake_ms(const struct wants *w);

/* What the store says: size, or WANTS_ABSENT. */
enum { WANTS_ABSENT = -1 };
void wants_looked(struct wants *w, const struct wants_look *look, int64_t size,
		  int64_t now_ms);

/* Who has a copy of what was pushed: i from 0; false at the end. */
bool wants_copies(const struct wants *w, const struct kith_blob_id *id,
		  size_t i, struct kith_feed_id *peer, uint64_t *size);

#endif
