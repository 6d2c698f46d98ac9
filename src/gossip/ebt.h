/*
 * Epidemic broadcast trees: who has which feed up to where, what to ask from
 * whom, what to send to whom.  The core of replication; all formats' sessions
 * are instances of it.
 *
 * Pure and stepped: the shell tells what happened (a peer came, a frame came,
 * a message was committed or refused, feeds are wanted), and pulls with
 * ebt_next whenever a peer's output has room: that is the back-pressure.
 * Never sees a message's bytes.  Time is an argument, milliseconds, monotonic.
 * Source: protocol/05 sections 4 to 8; architecture section 3.
 */
#ifndef GOSSIP_EBT_H
#define GOSSIP_EBT_H

#include "feeds/bytes.h"
#include "feeds/id.h"

enum {
	EBT_NOTES_BYTES_MAX = 100000, /* one notes frame of ours */
	EBT_NOTES_KEYS_MAX = 100000,  /* in one frame of a peer */
	EBT_FIRST_WAIT_MS = 5000,     /* a caller awaits the callee's notes */
	EBT_STALL_MS = 3000,	      /* silence before another peer is asked */
	EBT_BAD_MAX = 3,	      /* bad messages of a feed, then -1 */
	EBT_BATCH_MAX = 64,	      /* messages in one EBT_MESSAGES step */
	EBT_NEAR_QUIET_MS = 2000,     /* far feeds wait for near ones while those
				       * are never silent for so long */
	EBT_NEAR_MOST_MS = 30000,     /* and never longer than this in all */
	EBT_NOTES_EVERY_MS = 50,      /* news of mere progress are collected */
	EBT_BARRED_MS = 3600000,      /* a feed that a peer forked is not taken
				       * from it again for so long */
	EBT_OTHERS_MAX = 65536,	      /* feeds not ours that one peer names */
	EBT_OTHERS_ALL_MAX = 262144,  /* and all peers: more is not answered */
	EBT_KEY_BYTES = 16
};

struct ebt;
struct ebt_peer;

/* self: our own feed.  Gives; free with ebt_free after every peer left. */
struct ebt *ebt_new(const struct kith_feed_id *self);
void ebt_free(struct ebt *e);

/* Keys the hash tables, so that no peer can choose ids that collide.  Before
 * the first feed and peer. */
void ebt_set_key(struct ebt *e, const uint8_t key[static EBT_KEY_BYTES]);

/* Before any peer.  EBT_STALL_MS unless set; INT64_MAX: nobody else is ever
 * asked. */
void ebt_set_stall_ms(struct ebt *e, int64_t stall_ms);

/* A feed enters or leaves what we replicate, our own included; connected
 * peers are told. */
KITH_CHECK enum kith_err ebt_want(struct ebt *e,
				  const struct kith_feed_id *feed, bool want);
/* The feed is near: our own, or one that we follow.  While near feeds come that
 * are new or far behind, far ones are not begun.  Feeds are far unless said,
 * best before ebt_want. */
KITH_CHECK enum kith_err ebt_near(struct ebt *e,
				  const struct kith_feed_id *feed, bool near);
bool ebt_wants(const struct ebt *e, const struct kith_feed_id *feed);

/* The log now holds feed up to sequence (also at start, before any peer). */
KITH_CHECK enum kith_err ebt_committed(struct ebt *e,
				       const struct kith_feed_id *feed,
				       uint64_t sequence);

/* The feed forks behind sequence: nothing beyond it is told, sent, asked for or
 * taken from now on, though the log may hold more of it.  Limits only get
 * lower; ebt_unlimit takes them back.  A feed that is forked from the start has
 * the limit 0. */
KITH_CHECK enum kith_err ebt_limit(struct ebt *e,
				   const struct kith_feed_id *feed,
				   uint64_t sequence);
void ebt_unlimit(struct ebt *e, const struct kith_feed_id *feed);

/* The last sequence that others may see: UINT64_MAX where there is no limit. */
uint64_t ebt_limit_of(const struct ebt *e, const struct kith_feed_id *feed);

/* How far others see that we have it; 0: not at all. */
uint64_t ebt_shows(const struct ebt *e, const struct kith_feed_id *feed);

/* There is no room: nobody is asked for anything, while peers are told what we
 * have and get what they ask for.  Until that is taken back. */
void ebt_sate(struct ebt *e, bool sated);

/* Messages before first were removed from the log (0: all of them): peers that
 * ask for them get nothing, since nothing is sent with a hole in it. */
KITH_CHECK enum kith_err ebt_removed(struct ebt *e,
				     const struct kith_feed_id *feed,
				     uint64_t first);

/* The user forgot the feed, or takes that back: ebt_want does not want it. */
KITH_CHECK enum kith_err ebt_forget(struct ebt *e,
				    const struct kith_feed_id *feed,
				    bool forget);
bool ebt_forgot(const struct ebt *e, const struct kith_feed_id *feed);

/* A message that ebt_message let in was not committed after all: queued falls
 * back to committed.  by: the peer that brought it, or NULL if gone. */
enum ebt_refusal {
	EBT_LACKING, /* our fault or a gap: ask again */
	EBT_INVALID, /* counted; EBT_BAD_MAX of them give a -1 */
	EBT_FORKED   /* a -1 at once */
};
void ebt_refused(struct ebt *e, struct ebt_peer *by,
		 const struct kith_feed_id *feed, enum ebt_refusal why);

/* A session starts.  called: we opened the duplex (else they did).  saved:
 * what ebt_clock gave last time; borrowed.  The store should forget it now: a
 * clock that survives a crash of this session is older than what was said in
 * it, and could hide a feed from both sides.  Gives the session's handle,
 * until ebt_leave; NULL when out of memory. */
struct ebt_peer *ebt_join(struct ebt *e, const struct kith_feed_id *peer,
			  bool called, const struct kith_clock_entry *saved,
			  size_t saved_count, int64_t now_ms);

/* The session ended; frees the handle.  Take ebt_clock first. */
void ebt_leave(struct ebt *e, struct ebt_peer *p);

/* Walks what to save for this peer, feeds that we want only: at = 0 first;
 * false at the end. */
bool ebt_clock(const struct ebt_peer *p, size_t *at,
	       struct kith_clock_entry *out);

/* How far p has come with feed: by a note, or by a message that it sent, in
 * this session or as saved.  False: it said nothing, or refuses the feed. */
bool ebt_told(const struct ebt_peer *p, const struct kith_feed_id *feed,
	      uint64_t *sequence);
/* It said that it does not want the feed. */
bool ebt_refuses(const struct ebt_peer *p, const struct kith_feed_id *feed);

/* The feed's author blocks this peer: nothing of it goes there. */
KITH_CHECK enum kith_err ebt_hide(struct ebt *e, struct ebt_peer *p,
				  const struct kith_feed_id *feed, bool hide);

/* A notes frame came: a JSON value, checked.  EFORMAT: not notes (the caller
 * ends the stream after the third in a row); ETOOBIG: too many keys. */
KITH_CHECK enum kith_err ebt_notes(struct ebt *e, struct ebt_peer *p,
				   struct kith_slice notes, int64_t now_ms);

/* A message frame came: what to do with it. */
enum ebt_verdict {
	EBT_TAKE,     /* the next one: validate, append; queued moves on */
	EBT_KNOWN,    /* not beyond what is queued: drop (or compare ids) */
	EBT_GAP,      /* beyond the next: drop; it is asked for again */
	EBT_UNWANTED  /* not asked for, or refused before: drop */
};
enum ebt_verdict ebt_message(struct ebt *e, struct ebt_peer *p,
			     const struct kith_feed_id *feed,
			     uint64_t sequence, int64_t now_ms);

/* What to send to p now. */
enum ebt_step {
	EBT_IDLE,     /* nothing; wake_ms says when to ask again */
	EBT_NOTES,    /* body holds one notes frame */
	EBT_MESSAGES, /* feed, messages from..to, in order; at most
		       * EBT_BATCH_MAX.  They count as sent. */
	EBT_ECHO      /* a call that the peer answers, whatever the answer:
		       * ebt_echoed when it came */
};
struct ebt_out {
	struct kith_feed_id feed;
	uint64_t from, to;
	int64_t wake_ms; /* INT64_MAX: only after another event */
};
enum ebt_step ebt_next(struct ebt *e, struct ebt_peer *p, int64_t now_ms,
		       struct kith_buf *body, struct ebt_out *out);

/* p answered what EBT_ECHO made us call: it has read what was sent before. */
void ebt_echoed(struct ebt *e, struct ebt_peer *p, int64_t now_ms);

/* Walks the peers that have something to send since they were last idle:
 * NULL first and at the end.  A peer that is not served (no room) stays.
 * ebt_next may be called meanwhile, and what it makes ready comes too; after
 * must not have left.  O(peers to serve). */
struct ebt_peer *ebt_ready(struct ebt *e, struct ebt_peer *after);

/* When to call ebt_tick, maybe in the past: at once.  INT64_MAX: only after
 * another event. */
int64_t ebt_wake_ms(struct ebt *e);

/* Time passed: peers for which something is due now become ready. */
void ebt_tick(struct ebt *e, int64_t now_ms);

/* For status: feeds wanted, feeds behind the best known peer, and by how many
 * messages in all. */
struct ebt_share {
	uint64_t feeds, behind, messages;
};
struct ebt_progress {
	struct ebt_share all, near;
};
void ebt_progress(const struct ebt *e, struct ebt_progress *out);

/* What the caller hangs on a peer. */
void ebt_peer_attach(struct ebt_peer *p, void *user);
void *ebt_peer_user(const struct ebt_peer *p);

#endif
