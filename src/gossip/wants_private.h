/*
 * Inside wants: blobs that somebody wants, who offers them, what peers are
 * told.
 *
 * A blob stands in the table while we want it, carry it for others or push it.
 * An offer is one peer that has one such blob.  Offers that may be fetched now
 * stand in lines, one for each peer and nearness, so that a peer with a free
 * place finds the nearest blob without looking at the others.  News are one
 * log for all peers, each with a place of its own in it.  Only wants*.c
 * include this.
 */
#ifndef GOSSIP_WANTS_PRIVATE_H
#define GOSSIP_WANTS_PRIVATE_H

#include "src/gossip/chain.h"
#include "src/gossip/lookup.h"
#include "src/gossip/wants.h"
#include "src/gossip/wants_fetch.h"

enum {
	NEARNESS_FARTHER = 7, /* hops 0 to 6 as they are */
	NEARNESS_UNKNOWN = 8,
	NEARNESS_OWN = 9, /* so many of ours */
	NEARNESS_CARRIED = 9,
	NEARNESSES = 10,
	PAUSES = 4,
	CARRY_LEAST_MS = 600000, /* then another may take its place */
	ASKED_LEAST = 64,	 /* of one peer, however many others ask, */
	OFFERS_LEAST = 1024,	 /* and offer */
	DISTANCE_MAX = 100	 /* what is farther is all the same */
};

#define WANTS_NEVER INT64_MAX

struct wants_copy {
	struct kith_feed_id peer;
	uint64_t size;
};

/* Where one of our own wants stands. */
enum wants_turn { TURN_NONE, TURN_WAITING, TURN_TOLD, TURN_RESTED };

struct wants_blob {
	struct wants_blob *next; /* in its bucket of the table */
	struct kith_blob_id id;
	uint32_t hash;

	uint8_t hops;
	enum wants_turn turn; /* NONE: not ours */
	struct chain own;     /* waiting, told or rested */
	int64_t told_ms;

	uint32_t carried; /* distance; 0: not carried */
	struct wants_peer *carrier; /* on whose account; NULL: it left */
	struct chain carry, age;    /* of the carrier; of all */
	int64_t carried_ms;

	bool pushing, pushed;
	uint64_t size;		   /* pushing */
	struct wants_copy *copies; /* pushing: room for pushy */
	uint32_t copy_count;
	struct chain push;

	uint64_t said; /* the number of its news; 0: nobody is told */
	uint32_t distance; /* in them */

	struct chain offers;
	struct wants_fetch *fetch; /* at most one */
	struct chain aside;	   /* no room for it */
	uint64_t kept, kept_size;
	struct kith_feed_id kept_by; /* all of it; else KITH_FORMAT_NONE */
	bool alone; /* bytes of several went wrong once: no more of that */
};

struct wants_offer {
	struct wants_blob *blob;
	struct wants_peer *peer;
	struct chain of_blob, of_peer;
	struct chain line; /* of the peer, or of those that pause */
	uint64_t size;	   /* 0: not known */
	int64_t due_ms;	   /* while it pauses */
	bool pauses, lied;
	bool sliced;  /* a slice of it was refused */
	bool renewed; /* said once more while it was being fetched */
	uint8_t failures;
};

struct wants_fetch {
	struct kith_blob_id id;
	struct wants_blob *blob; /* NULL: nobody wants it any more */
	struct wants_peer *peer; /* NULL: it left */
	struct kith_feed_id peer_id;
	struct chain of_all, of_peer, stop;
	uint64_t from, end, size, bytes, window_bytes;
	int64_t begun_ms, last_ms, window_ms, look_ms;
	uint8_t hops;
	bool own;
	bool mixed;    /* begins behind bytes of others */
	bool received; /* takes no place of its peer any more */
	bool stopped, stalled;
	void *user;
};

/* A want or an answer: first in, first out. */
struct wants_entry {
	struct kith_blob_id id;
	int64_t value; /* distance or size */
};

struct wants_fifo {
	struct wants_entry *entries;
	uint32_t head, count, room;
};

enum wants_slices { SLICES_UNKNOWN, SLICES_SERVED, SLICES_REFUSED };

struct wants_peer {
	struct chain ring;   /* of all peers */
	struct chain asking; /* of those with something in asked */
	struct kith_feed_id id;
	uint64_t session;
	bool listens, greeted, legacy, barred;
	uint64_t joined, cursor; /* numbers of news */
	struct wants_fifo asked, answers;
	uint32_t looking; /* looks that are not answered */
	struct chain carried;
	uint32_t carried_count;
	int64_t allowance, allowed_ms; /* thousandths of a carried want */
	struct chain offers, lines[NEARNESSES];
	uint32_t offer_count;
	struct chain fetches;
	uint32_t active;
	enum wants_slices slices;
	uint32_t lies;
	uint64_t speed; /* bytes a second, by and large */
	void *user;
};

struct wants_news {
	uint64_t number;
	struct kith_blob_id id;
	int64_t value; /* as sent: minus the distance, or the size */
};

struct wants {
	struct wants_options options;
	struct lookup hasher; /* its key only */
	struct wants_blob **buckets;
	uint32_t bucket_count, blob_count;

	struct chain waiting[NEARNESS_OWN], told[NEARNESS_OWN],
		rested[NEARNESS_OWN];
	uint32_t own_count, told_count;

	struct chain carried, orphans; /* by carried_ms */
	uint32_t carried_count;

	struct chain pushing, pushed;
	uint32_t push_count;
	struct wants_blob *pushed_now; /* what the last step was about */

	struct wants_news *news;
	uint32_t news_count, news_room;
	uint64_t number; /* of the next news */

	struct chain peers, asking;
	uint64_t session;
	uint32_t asked_count, offer_count, line_count;

	struct chain fetches, stops, asides, pauses[PAUSES];
	uint32_t fetching, open; /* on the network; in all */
	uint32_t loose;		 /* of those open, of no blob any more */
	bool held;
	int64_t now_ms;
	struct wants_counts ever;
};

/* --- wants_table.c -------------------------------------------------------- */

struct wants_blob *wants_find(const struct wants *w,
			      const struct kith_blob_id *id);
/* Finds or adds it; NULL when out of memory. */
struct wants_blob *wants_take(struct wants *w, const struct kith_blob_id *id);

/* Nobody wants it any more: frees it, its offers, and stops its fetch. */
void wants_let_go(struct wants *w, struct wants_blob *b);

static inline bool wants_is_wanted(const struct wants_blob *b)
{
	return b->turn != TURN_NONE || b->carried;
}

/* --- wants_news.c --------------------------------------------------------- */

/* Makes the news of b say what is true now: nothing, or minus a distance. */
void wants_tell(struct wants *w, struct wants_blob *b);
void wants_tell_came(struct wants *w, const struct kith_blob_id *id,
		     uint64_t size);

/* The next news for p; false: none. */
bool wants_hear(struct wants *w, struct wants_peer *p,
		struct wants_news *out);

/* --- wants_own.c ---------------------------------------------------------- */

size_t wants_nearness(const struct wants_blob *b);
void wants_disown(struct wants *w, struct wants_blob *b);

/* Tells the nearest that wait as far as there is room, and gives others a turn
 * in place of those that nobody offers. */
void wants_own_run(struct wants *w);
int64_t wants_own_due_ms(const struct wants *w);

/* --- wants_carry.c -------------------------------------------------------- */

/* p asks for what is not here, at so many hops from who wants it. */
void wants_carry(struct wants *w, struct wants_peer *p,
		 const struct kith_blob_id *id, int64_t distance);
void wants_uncarry(struct wants *w, struct wants_blob *b);
void wants_carrier_left(struct wants *w, struct wants_peer *p);
void wants_carry_run(struct wants *w);
int64_t wants_carry_due_ms(const struct wants *w);

/* --- wants_offer.c -------------------------------------------------------- */

struct wants_offer *wants_offer_find(const struct wants_blob *b,
				     const struct wants_peer *p);
void wants_offer_free(struct wants *w, struct wants_offer *o);

/* Puts the offers of b that may be fetched now into lines, and no others. */
void wants_line_up(struct wants *w, struct wants_blob *b);

/* Takes all offers of b out of lines. */
void wants_line_out(struct wants *w, struct wants_blob *b);

/* It may be fetched from here now, or after a pause: nobody lied. */
bool wants_is_usable(const struct wants_offer *o);
bool wants_is_offered(const struct wants_blob *b);

/* The partial file goes on from o. */
bool wants_is_resumable(const struct wants_offer *o);

/* Not before a while, the longer the more often it failed. */
void wants_pause(struct wants *w, struct wants_offer *o);
void wants_pauses_run(struct wants *w);
int64_t wants_pauses_due_ms(const struct wants *w);

/* Nothing is fetched from p any more in this connection. */
void wants_bar(struct wants *w, struct wants_peer *p);

/* --- wants_fetch.c -------------------------------------------------------- */

/* A fetch of it that was stopped has not ended yet. */
bool wants_is_ending(const struct wants *w, const struct kith_blob_id *id);

/* Begins the best fetch; NULL: none may begin. */
struct wants_fetch *wants_fetch_begin(struct wants *w);
void wants_fetch_stop(struct wants *w, struct wants_fetch *f);
void wants_stalls_run(struct wants *w);
int64_t wants_stalls_due_ms(const struct wants *w);

/* --- wants_fifo.c --------------------------------------------------------- */

KITH_CHECK bool wants_fifo_put(struct wants_fifo *f,
			       const struct wants_entry *entry);
bool wants_fifo_get(struct wants_fifo *f, struct wants_entry *out);
void wants_fifo_clear(struct wants_fifo *f);

/* --- wants_push.c --------------------------------------------------------- */

void wants_unpush(struct wants *w, struct wants_blob *b);
void wants_copy_seen(struct wants *w, struct wants_blob *b,
		     const struct wants_peer *p, uint64_t size);

/* --- wants_peer.c --------------------------------------------------------- */

struct wants_peer *wants_session(const struct wants *w, uint64_t session);

/* The next want of a peer that is to be looked up; peers take turns. */
bool wants_next_look(struct wants *w, struct wants_look *out);

#endif
