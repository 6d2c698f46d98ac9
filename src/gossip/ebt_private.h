/*
 * Inside ebt: what is known of feeds, of peers, and of each pair of them.
 *
 * Feeds that we want or hold stand in one table, and a peer has a relation to
 * each, at the same number.  Of feeds that only peers speak of, each peer has
 * a bounded list of its own.  What is to be done waits in queues that run
 * through the relations, so that no step looks at feeds where nothing
 * happened.  Only ebt*.c include this.
 */
#ifndef GOSSIP_EBT_PRIVATE_H
#define GOSSIP_EBT_PRIVATE_H

#include "src/gossip/ebt.h"
#include "src/gossip/lookup.h"
#include "src/gossip/notes.h"

#define EBT_NONE UINT32_MAX	/* no feed */
#define EBT_NO_LIMIT UINT32_MAX
#define EBT_FRESH INT64_MIN	/* a time that the next tick fills in */
#define EBT_NEVER INT64_MAX
#define EBT_STALL_MAX INT32_MAX /* ms; but for EBT_NEVER */

enum { EBT_BARRED_KEPT = 256 }; /* forks remembered across sessions */

/* What our last note of a feed said to a peer. */
enum ebt_said { SAID_NOTHING, SAID_NO, SAID_OFF, SAID_ON };

enum { TOLD_UNKNOWN = -2, TOLD_REFUSED = -1 };

enum ebt_flag {
	IN_NOTES = 1 << 0, /* waits in the peer's queue of notes */
	IN_SENDS = 1 << 1, /* waits in the peer's queue of messages to send */
	FORCED = 1 << 2,   /* the note goes even if it says nothing new */
	SENDING = 1 << 3,  /* they asked for messages: tx */
	HIDDEN = 1 << 4,   /* the author blocks this peer */
	BARRED = 1 << 5,   /* it brought bad messages: refused */
	DEAF = 1 << 6,	   /* the same, for our own feed: told, never asked */
	GAP_ASKED = 1 << 7,
	STALLED = 1 << 8, /* was asked, and did not send */
	CURING = 1 << 9,  /* the note goes as -1, then once more as it is */
	CURED = 1 << 10,
	UNSAVED = 1 << 11, /* we refused it once in this session */
	IN_DOUBTS = 1 << 12, /* waits in the peer's queue of doubts */
	PROBE = 1 << 13	     /* what they should have goes once more */
};

/* What makes a peer answer, to know that it is through what it was sent. */
enum ebt_echo { ECHO_NONE, ECHO_ASKED, ECHO_CAME };

/* One feed and one peer: 28 bytes, there may be a million of them. */
struct ebt_relation {
	int32_t told;		       /* their sequence, or TOLD_ */
	uint32_t sent;		       /* what they have or were sent */
	uint32_t noted;		       /* our sequence in the last note */
	/* feed numbers, in the queues */
	uint32_t next_note, next_send, next_doubt;
	uint16_t flags;
	uint8_t said;
	uint8_t bad : 4, looks : 4; /* looks: at the doubt, since it was sent */
};

_Static_assert(sizeof(struct ebt_relation) <= 28, "as said above");

/* A feed that only this peer speaks of. */
struct ebt_other {
	uint8_t key[KITH_ID_BYTES];
	int32_t told;
	uint32_t next; /* in the queue of answers */
	bool in_answers, answered, moved; /* moved: has a relation now */
};

struct ebt_queue {
	uint32_t head, tail, count;
};

struct ebt_feed {
	struct kith_feed_id id;
	uint32_t committed, queued, best;
	uint32_t limit; /* forked behind it; EBT_NO_LIMIT: not forked */
	uint32_t tries; /* askings in a row that brought nothing */
	uint64_t turn;	/* number of the last peer that was asked in turn */
	uint32_t first; /* held; what stood before it cannot be sent */
	bool wanted, forgotten;
	bool near, begun; /* begun: not to wait for near ones any more */
	bool turn_next;	  /* the next asking goes by turn */
	struct ebt_peer *asked; /* the one peer whose messages we ask for */
	int64_t active_ms;	/* last message or asking, while watched */
	int64_t due_ms;		/* when the watch looks again */
	uint32_t watch_at;	/* place in the heap, or EBT_NONE */
};

/* How much of it others may see. */
static inline uint32_t ebt_shown(const struct ebt_feed *f)
{
	return f->committed < f->limit ? f->committed : f->limit;
}

static inline bool ebt_is_forked(const struct ebt_feed *f)
{
	return f->limit != EBT_NO_LIMIT;
}

/* All that may be taken of it is here or under way. */
static inline bool ebt_is_full(const struct ebt_feed *f)
{
	return f->queued >= f->limit;
}

struct ebt_peer {
	const struct ebt *core;
	struct ebt_peer *prev, *next; /* a ring, in the order they came */
	struct ebt_peer *ready_next;
	bool ready, busy; /* in the ready list; has something to send */
	struct kith_feed_id id;
	uint64_t number; /* from 1, in the order they came */
	bool called;	 /* by us */
	bool heard_note; /* a notes frame came */
	bool greeted;	 /* our first notes went */
	bool urgent;	 /* notes wait that are more than progress */
	enum ebt_echo echo;
	int64_t doubt_ms; /* when to ask for the next echo, or to look */
	int64_t joined_ms, heard_ms, noted_ms, wake_ms;
	struct ebt_relation *relations; /* by feed number */
	struct ebt_queue notes, sends, doubts, answers;
	struct ebt_other *others;
	uint32_t other_count;
	size_t other_room;
	struct lookup other_index;
	void *user;
};

struct ebt_barred {
	struct kith_feed_id peer;
	uint32_t feed;
	int64_t until_ms;
};

struct ebt {
	struct kith_feed_id self;
	bool sated; /* nobody is asked for anything */
	bool holding;	   /* far feeds wait for near ones */
	uint32_t awaited;  /* a near one that came when it was last looked at */
	int64_t held_ms;     /* since when */
	int64_t released_ms; /* not again before */
	struct ebt_feed *feeds;
	uint32_t feed_count, feed_room;
	struct lookup feed_index;
	uint32_t *watch; /* heap of feed numbers by due_ms; room for all */
	uint32_t watch_count;
	struct ebt_peer *peers; /* the oldest of the ring, or NULL */
	uint64_t joined;	/* peers, ever */
	struct ebt_peer *ready_first, *ready_last;
	uint32_t others; /* of all peers */
	struct ebt_barred barred[EBT_BARRED_KEPT];
	uint32_t barred_count; /* ever; the oldest gives way */
	int64_t now_ms, stall_ms;
	int64_t peers_wake_ms; /* not after any peer's wake_ms */
	bool time_known;       /* in this call: now_ms is now */
};

/* --- ebt_feeds.c: the table, and the queues ------------------------------ */

/* EBT_NONE: not in the table. */
uint32_t ebt_feed_find(const struct ebt *e, const struct kith_feed_id *id);

/* Finds or adds it; pointers to feeds and relations move. */
KITH_CHECK enum kith_err ebt_feed_take(struct ebt *e,
				       const struct kith_feed_id *id,
				       uint32_t *number);

/* Gives p relations to all feeds. */
KITH_CHECK enum kith_err ebt_relations_new(const struct ebt *e,
					   struct ebt_peer *p);

void ebt_queue_init(struct ebt_queue *q);

/* Says to p what is true of feed n when its notes go next.  urgent: more than
 * progress.  Nothing happens if it waits already. */
void ebt_queue_note(struct ebt *e, struct ebt_peer *p, uint32_t n,
		    bool urgent);
void ebt_queue_send(struct ebt *e, struct ebt_peer *p, uint32_t n);
uint32_t ebt_pop_note(struct ebt_peer *p);
uint32_t ebt_pop_send(struct ebt_peer *p);

void ebt_mark_ready(struct ebt *e, struct ebt_peer *p);

/* What our note of feed n should say to p. */
enum ebt_said ebt_to_say(const struct ebt *e, const struct ebt_peer *p,
			 uint32_t n);

/* --- ebt_others.c: feeds that only a peer speaks of ----------------------- */

/* p spoke of it; refused if its list is full.  answer: say -1 unless said. */
void ebt_other_hear(struct ebt *e, struct ebt_peer *p,
		    const struct kith_feed_id *id, int32_t told, bool answer);

/* The feed at number n is new in the table: what p said moves there. */
void ebt_other_move(struct ebt *e, struct ebt_peer *p, uint32_t n);

/* The next that is to be answered with -1; false: none. */
bool ebt_other_answer(struct ebt *e, struct ebt_peer *p,
		      struct kith_feed_id *id);

void ebt_others_clear(struct ebt *e, struct ebt_peer *p);

/* --- ebt_peer.c ----------------------------------------------------------- */

/* Tells p of feed n, as a session's first notes do, and asks p for it if
 * nobody else is a better choice. */
void ebt_introduce(struct ebt *e, struct ebt_peer *p, uint32_t n);

/* --- ebt_doubt.c: whether what was sent arrived -------------------------- */

/* Messages of feed n go to p now. */
void ebt_doubt(const struct ebt *e, struct ebt_peer *p, uint32_t n);

/* Makes p ready to send probes that are due. */
void ebt_doubts_run(struct ebt *e, struct ebt_peer *p);

/* Time to ask for an echo. */
bool ebt_echo_is_due(const struct ebt *e, const struct ebt_peer *p);

/* When ebt_next has something to do for doubts, without another event. */
int64_t ebt_doubts_due_ms(const struct ebt_peer *p);

/* Which message makes p say how far it came; false: there is no doubt, or no
 * such message. */
bool ebt_probe(const struct ebt *e, const struct ebt_peer *p, uint32_t n,
	       uint32_t *sequence);

/* --- ebt_ask.c: whom to ask for a feed ----------------------------------- */

/* p may be NULL; both the old and the new one are told. */
void ebt_ask(struct ebt *e, uint32_t n, struct ebt_peer *p);

/* The next peer after this one (NULL: any) that is ahead of us and may be
 * asked, in the order of the ring, after itself last; NULL: none is. */
struct ebt_peer *ebt_choose(const struct ebt *e, uint32_t n,
			    const struct ebt_peer *after);

/* It may be asked for the feed, and has more of it than we. */
bool ebt_is_ahead(const struct ebt *e, const struct ebt_peer *p, uint32_t n);

/* p said that it is ahead of us. */
void ebt_offered(struct ebt *e, uint32_t n, struct ebt_peer *p);

/* Somebody is ahead of us: look again when nothing came for a while. */
void ebt_watch(struct ebt *e, uint32_t n);

/* Does what is due at e->now_ms. */
void ebt_watch_run(struct ebt *e);
int64_t ebt_watch_due_ms(const struct ebt *e);

/* --- ebt_near.c: which feeds first --------------------------------------- */

/* It is not begun now. */
bool ebt_is_held(const struct ebt *e, uint32_t n);

/* The feed was asked for, or who is asked said more of it: if it is near, far
 * ones may have to wait. */
void ebt_near_comes(struct ebt *e, uint32_t n);

/* Nobody is left to send anything: every feed is to begin once more. */
void ebt_near_anew(struct ebt *e);

/* Lets them wait no longer, if it is time at e->now_ms. */
void ebt_near_run(struct ebt *e);
int64_t ebt_near_due_ms(struct ebt *e);

/* --- ebt_ask.c again: whom not to ask ------------------------------------- */

/* The feed is not taken from p any more; fork: not in later sessions either,
 * for EBT_BARRED_MS. */
void ebt_bar(struct ebt *e, struct ebt_peer *p, uint32_t n, bool fork);

#endif
