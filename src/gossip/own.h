/*
 * Our own feed as peers know it: whether one of them shows that our last
 * message is the last there is, or says that there are more.
 *
 * A clock is not signed.  One that equals our tip is believed, because a peer
 * that hides messages could as well say nothing; one that lies higher is a
 * claim, which stands in the way of both for a while only, unless messages
 * come that bear it out.
 *
 * Pure.  Time is an argument, milliseconds, monotonic.
 * Source: architecture section 4; protocol/10 section 8.
 */
#ifndef GOSSIP_OWN_H
#define GOSSIP_OWN_H

#include <stdbool.h>
#include <stdint.h>

enum { OWN_CLAIM_MS = 30000, OWN_CLAIMS_MAX = 3 };

/* One session with a peer; embedded, belongs to its caller. */
struct own_peer {
	struct own_peer *prev, *next;
	bool joined, heard;
	uint64_t first, told; /* its clock when the session began, and now */
	int64_t since_ms;     /* when it began to claim, or last brought one */
	unsigned claims;      /* since it brought one: too many are idle talk */
};

/* All zero is empty. */
struct own {
	struct own_peer *peers; /* any of the ring, or NULL */
};

void own_join(struct own *o, struct own_peer *p);
/* Nothing where it did not join. */
void own_leave(struct own *o, struct own_peer *p);

/* p has our feed up to sequence, by a clock or by showing the message; tip:
 * our last. */
void own_told(struct own_peer *p, uint64_t sequence, uint64_t tip,
	      int64_t now_ms);

/* p brought a message of ours that we lacked. */
void own_brought(struct own_peer *p, uint64_t sequence, int64_t now_ms);

/* Whether p cannot have had this message when its session began. */
bool own_is_news(const struct own_peer *p, uint64_t sequence);

/* A peer has our feed up to tip, and nobody claims to have more. */
bool own_confirms(const struct own *o, uint64_t tip, int64_t now_ms);

/* The highest claim above tip; 0: none.  *until_ms (may be NULL): when the
 * last one has had its time. */
uint64_t own_claims(const struct own *o, uint64_t tip, int64_t now_ms,
		    int64_t *until_ms);

#endif
