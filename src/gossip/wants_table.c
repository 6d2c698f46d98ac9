#include <stdlib.h>

#include "src/gossip/wants_private.h"

enum { FIRST_BUCKETS = 64 };

struct wants_blob *wants_find(const struct wants *w,
			      const struct kith_blob_id *id)
{
	struct wants_blob *b;
	uint32_t hash;

	if (!w->bucket_count)
		return NULL;
	hash = lookup_hash(&w->hasher, id->b, KITH_ID_BYTES);
	b = w->buckets[hash & (w->bucket_count - 1)];
	/* Ids are public: memcmp is right here. */
	while (b && (b->hash != hash ||
		     memcmp(b->id.b, id->b, KITH_ID_BYTES) != 0))
		b = b->next;
	return b;
}

static void place(struct wants *w, struct wants_blob *b)
{
	struct wants_blob **at = &w->buckets[b->hash & (w->bucket_count - 1)];

	b->next = *at;
	*at = b;
}

/* At most one blob a bucket, by and large. */
static bool make_room(struct wants *w)
{
	struct wants_blob **old = w->buckets, **buckets;
	uint32_t count = w->bucket_count;

	if (w->blob_count < count)
		return true;
	buckets = calloc(count ? count * 2 : FIRST_BUCKETS,
			 sizeof(struct wants_blob *));
	if (!buckets)
		return false;
	w->buckets = buckets;
	w->bucket_count = count ? count * 2 : FIRST_BUCKETS;
	for (uint32_t i = 0; i < count; i++) {
		for (struct wants_blob *b = old[i], *next; b; b = next) {
			next = b->next;
			place(w, b);
		}
	}
	free(old);
	return true;
}

static void init_chains(struct wants_blob *b)
{
	chain_init(&b->own);
	chain_init(&b->carry);
	chain_init(&b->age);
	chain_init(&b->push);
	chain_init(&b->offers);
	chain_init(&b->aside);
}

struct wants_blob *wants_take(struct wants *w, const struct kith_blob_id *id)
{
	struct wants_blob *b = wants_find(w, id);

	if (b)
		return b;
	b = make_room(w) ? calloc(1, sizeof(*b)) : NULL;
	if (!b)
		return NULL;
	b->id = *id;
	b->hash = lookup_hash(&w->hasher, id->b, KITH_ID_BYTES);
	b->hops = WANTS_HOPS_UNKNOWN;
	init_chains(b);
	place(w, b);
	w->blob_count++;
	return b;
}

static void take_out(struct wants *w, struct wants_blob *b)
{
	struct wants_blob **at = &w->buckets[b->hash & (w->bucket_count - 1)];

	while (*at != b)
		at = &(*at)->next;
	*at = b->next;
	w->blob_count--;
}

void wants_let_go(struct wants *w, struct wants_blob *b)
{
	if (b->fetch)
		wants_fetch_stop(w, b->fetch);
	while (!chain_is_alone(&b->offers))
		wants_offer_free(w, CHAIN_OWNER(b->offers.next,
						struct wants_offer, of_blob));
	chain_take(&b->aside);
	take_out(w, b);
	free(b->copies);
	free(b);
}
