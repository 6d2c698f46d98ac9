/*
 * Chains: rings of objects through a member of theirs, in both directions.
 *
 * A head is a chain that stands in no object; one that is alone is empty.
 * Never allocates; every step costs the same however long the chain.  Pure.
 */
#ifndef GOSSIP_CHAIN_H
#define GOSSIP_CHAIN_H

#include <stdbool.h>
#include <stddef.h>

struct chain {
	struct chain *prev, *next;
};

/* The object whose member c is; c may not be a head. */
#define CHAIN_OWNER(c, type, member) \
	((type *)(void *)((char *)(c) - offsetof(type, member)))

static inline void chain_init(struct chain *c)
{
	c->prev = c->next = c;
}

/* Of a head: it is empty.  Of a member: it is in no chain. */
static inline bool chain_is_alone(const struct chain *c)
{
	return c->next == c;
}

/* Puts c, which is alone, before at: at the end where that is the head. */
static inline void chain_put(struct chain *at, struct chain *c)
{
	c->prev = at->prev;
	c->next = at;
	at->prev->next = c;
	at->prev = c;
}

/* Takes c out, so that it is alone; nothing to one that is. */
static inline void chain_take(struct chain *c)
{
	c->prev->next = c->next;
	c->next->prev = c->prev;
	chain_init(c);
}

/* To the end of this chain, wherever it was. */
static inline void chain_move(struct chain *head, struct chain *c)
{
	chain_take(c);
	chain_put(head, c);
}

#endif
