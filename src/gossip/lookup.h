/*
 * A hash index: from what the caller hashes to numbers that the caller gives.
 *
 * Holds no keys: the caller walks the few candidates and compares.  Entries
 * are never taken out.  The hash is SipHash under a key, so that peers, who
 * choose the ids, cannot choose where these fall.  Pure.
 */
#ifndef GOSSIP_LOOKUP_H
#define GOSSIP_LOOKUP_H

#include "feeds/bytes.h"

enum { LOOKUP_KEY_BYTES = 16 };
#define LOOKUP_NONE UINT32_MAX

struct lookup_slot {
	uint32_t hash;
	uint32_t number; /* LOOKUP_NONE: free */
};

/* All zero is an empty index with the zero key. */
struct lookup {
	struct lookup_slot *slots;
	uint32_t size; /* a power of two, or 0 */
	uint32_t used;
	uint8_t key[LOOKUP_KEY_BYTES];
};

/* Empties it and takes another key; keeps the memory. */
void lookup_set_key(struct lookup *l,
		    const uint8_t key[static LOOKUP_KEY_BYTES]);

/* Frees the slots; nothing to an empty one. */
void lookup_clear(struct lookup *l);

uint32_t lookup_hash(const struct lookup *l, const void *bytes, size_t n);

/* Walks the numbers put under hash: *at = 0 first; LOOKUP_NONE at the end. */
uint32_t lookup_next(const struct lookup *l, uint32_t hash, uint32_t *at);

/* Room for one more, so that the next put cannot fail. */
KITH_CHECK enum kith_err lookup_reserve(struct lookup *l);
void lookup_put(struct lookup *l, uint32_t hash, uint32_t number);

#endif
