/*
 * The requests of one session, by number: a hash table, private to wire.
 *
 * A number is what stands in packets as they arrive: above zero the remote's,
 * below zero ours.  Numbers of the remote that are done with stay for a while,
 * so that late packets are not taken for new requests; of ours none stay, as
 * an unknown answer is dropped anyway.  There is no clock here: the last
 * PAST_MAX are known.
 */
#ifndef WIRE_REQUESTS_H
#define WIRE_REQUESTS_H

#include "src/wire/session.h"

enum { REQUESTS_PAST_MAX = 256 };

struct request {
	int32_t number; /* 0: a free slot */
	enum rpc_shape shape;
	bool we_ended, they_ended;
	bool past; /* nobody hears of it any more */
	bool raw;
	uint32_t body_bytes; /* longest body */
	void *user;
};

/* All zero but factor is empty. */
struct requests {
	uint64_t factor; /* of the hash: random, so that no peer can choose
			  * numbers that collide */
	struct request *slots;
	size_t capacity; /* a power of two, at least twice used */
	size_t used;
	uint32_t theirs; /* open ones of the remote */
	int32_t past[REQUESTS_PAST_MAX]; /* a ring */
	size_t past_at;
};

void requests_clear(struct requests *t);

/* NULL if absent.  Valid, here and below, until the next add or retire. */
struct request *requests_find(const struct requests *t, int32_t number);

/* Adds a number that is absent, all else zero; NULL when out of memory. */
struct request *requests_add(struct requests *t, int32_t number);

/* The request is done with. */
void requests_retire(struct requests *t, struct request *r);

/* Walks those that are open: at = 0 first; NULL at the end. */
struct request *requests_next(const struct requests *t, size_t *at);

#endif
