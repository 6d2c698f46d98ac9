/*
 * The TCP connections of a recording, by their endpoints.
 *
 * Pure.  Bounded: where there is no room, the one that was silent for longest
 * has to go first.
 */
#ifndef WIRE_FLOWS_H
#define WIRE_FLOWS_H

#include "src/wire/tcp.h"

/* At once; more than a node has connections (src/limits.h). */
enum { FLOWS_MAX = 512 };

struct flow {
	struct endpoint client, server;
	struct tcp client_says, server_says;
	void *user; /* the caller's */
};

struct flows;

/* Gives; free with flows_free, after every flow was removed whose user must
 * be.  NULL when out of memory. */
struct flows *flows_new(void);
void flows_free(struct flows *f);

/* The connection that s belongs to, which counts as speaking now; NULL: none
 * is known, or s opens a new one in the place of one that is over, which has
 * to be removed: then *old is set. */
struct flow *flows_find(struct flows *f, const struct segment *s,
			struct flow **old);

/* Adds the connection of s, which was not found.  Who dialled is told by SYN;
 * else the port that more look like a server's decides.  NULL: out of memory,
 * or no room: remove the oldest. */
struct flow *flows_add(struct flows *f, const struct segment *s);
struct flow *flows_oldest(const struct flows *f); /* NULL: there is room */
void flows_remove(struct flows *f, struct flow *flow);

/* Any one, or NULL: to remove all at the end, oldest first. */
struct flow *flows_last(const struct flows *f);

/* s is what the client says. */
static inline bool flow_is_client(const struct flow *f,
				  const struct segment *s)
{
	return endpoint_equal(&f->client, &s->from);
}

#endif
