#include "src/gossip/lookup.h"

#include <assert.h>
#include <stdlib.h>

#include <sodium.h>

enum { FIRST_SIZE = 16, SIZE_MAX_SLOTS = 1 << 30 };

_Static_assert((int)LOOKUP_KEY_BYTES == (int)crypto_shorthash_KEYBYTES,
	       "the key is libsodium's");

static void empty_slots(struct lookup_slot *slots, uint32_t size)
{
	for (uint32_t i = 0; i < size; i++)
		slots[i] = (struct lookup_slot){ 0, LOOKUP_NONE };
}

void lookup_set_key(struct lookup *l,
		    const uint8_t key[static LOOKUP_KEY_BYTES])
{
	memcpy(l->key, key, LOOKUP_KEY_BYTES);
	empty_slots(l->slots, l->size);
	l->used = 0;
}

void lookup_clear(struct lookup *l)
{
	free(l->slots);
	l->slots = NULL;
	l->size = l->used = 0;
}

uint32_t lookup_hash(const struct lookup *l, const void *bytes, size_t n)
{
	uint8_t out[crypto_shorthash_BYTES];

	crypto_shorthash(out, bytes, n, l->key);
	return kith_be32(out);
}

uint32_t lookup_next(const struct lookup *l, uint32_t hash, uint32_t *at)
{
	const struct lookup_slot *slot;

	for (; *at < l->size; (*at)++) {
		slot = &l->slots[(hash + *at) & (l->size - 1)];
		if (slot->number == LOOKUP_NONE)
			break;
		if (slot->hash == hash) {
			(*at)++;
			return slot->number;
		}
	}
	*at = l->size;
	return LOOKUP_NONE;
}

static void place(struct lookup *l, struct lookup_slot entry)
{
	uint32_t at = entry.hash & (l->size - 1);

	while (l->slots[at].number != LOOKUP_NONE)
		at = (at + 1) & (l->size - 1);
	l->slots[at] = entry;
}

enum kith_err lookup_reserve(struct lookup *l)
{
	struct lookup old = *l;
	uint32_t size = old.size ? old.size * 2 : FIRST_SIZE;
	struct lookup_slot *slots;

	/* At most two thirds full: probes stay short and always end. */
	if ((uint64_t)(old.used + 1) * 3 <= (uint64_t)old.size * 2)
		return KITH_OK;
	if (size > SIZE_MAX_SLOTS)
		return KITH_ETOOBIG;
	slots = malloc(size * sizeof(*slots));
	if (!slots)
		return KITH_ENOMEM;
	empty_slots(slots, size);
	l->slots = slots;
	l->size = size;
	for (uint32_t i = 0; i < old.size; i++)
		if (old.slots[i].number != LOOKUP_NONE)
			place(l, old.slots[i]);
	free(old.slots);
	return KITH_OK;
}

void lookup_put(struct lookup *l, uint32_t hash, uint32_t number)
{
	assert(l->used < l->size);
	place(l, (struct lookup_slot){ hash, number });
	l->used++;
}
