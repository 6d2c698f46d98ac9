#include "src/depot/session_feeds.h"

#include <sodium.h>
#include <stdlib.h>

#include "feeds/list.h"

_Static_assert(crypto_shorthash_KEYBYTES ==
		       sizeof(((struct session_feeds *)0)->key),
	       "the key of the table is that of its hash");

struct session_feeds *session_feeds_new(struct store *store,
					struct graph *graph, int hops)
{
	struct session_feeds *f = calloc(1, sizeof(*f));

	if (!f)
		return NULL;
	f->store = store;
	f->graph = graph;
	f->hops = hops;
	randombytes_buf(f->key, sizeof(f->key));
	return f;
}

void session_feeds_free(struct session_feeds *f)
{
	if (!f)
		return;
	free(f->all);
	free(f->slots);
	free(f);
}

/* Feeds are public: memcmp is right, and the hash is only against floods of
 * chosen ids. */
static size_t slot_of(const struct session_feeds *f,
		      const struct kith_feed_id *id)
{
	uint8_t sum[crypto_shorthash_BYTES];
	size_t i;

	crypto_shorthash(sum, id->b, sizeof(id->b), f->key);
	i = (size_t)kith_be64(sum) & (f->slot_count - 1);
	while (f->slots[i] && !kith_feed_equal(&f->all[f->slots[i] - 1].id, id))
		i = (i + 1) & (f->slot_count - 1);
	return i;
}

static bool grow_slots(struct session_feeds *f)
{
	size_t count = f->slot_count ? 2 * f->slot_count : 1024;
	uint32_t *slots = calloc(count, sizeof(*slots));

	if (!slots)
		return false;
	free(f->slots);
	f->slots = slots;
	f->slot_count = count;
	for (uint32_t i = 0; i < f->count; i++)
		slots[slot_of(f, &f->all[i].id)] = i + 1;
	return true;
}

static bool grow(struct session_feeds *f)
{
	struct session_feed *more = list_room(f->all, f->count, &f->room,
					      sizeof(*more));

	if (!more)
		return false;
	f->all = more;
	return f->slot_count > 2 * f->count || grow_slots(f);
}

static bool in_reach(struct session_feeds *f, const struct session_feed *feed)
{
	int hops = graph_hops(f->graph, &feed->id);

	return hops >= 0 && hops <= f->hops && !feed->forgotten;
}

static enum kith_err look_up(struct session_feeds *f,
			     struct session_feed *feed)
{
	struct feed_row row;
	struct txn *t;
	enum kith_err err = store_read(f->store, &t);

	if (err)
		return err;
	if (feed_get(t, &feed->id, &row)) {
		feed->number = row.number;
		feed->first = row.first;
		feed->held = row.last;
	}
	feed->forgotten = row.forgotten;
	feed->next = feed->held + 1;
	err = txn_error(t);
	txn_end(t);
	return err;
}

enum kith_err session_feed_get(struct session_feeds *f,
			       const struct kith_feed_id *id, size_t *out)
{
	struct session_feed feed = { .id = *id };
	enum kith_err err;
	size_t slot;

	if (f->slot_count) {
		slot = slot_of(f, id);
		if (f->slots[slot]) {
			*out = f->slots[slot] - 1;
			return KITH_OK;
		}
	}
	if (!in_reach(f, &feed) && f->far >= SESSION_FAR_FEEDS_MAX)
		return KITH_ETOOBIG;
	if (f->count >= SESSION_FEEDS_MAX)
		return KITH_ETOOBIG;
	err = look_up(f, &feed);
	if (err)
		return err;
	if (!grow(f))
		return KITH_ENOMEM;
	feed.reach = in_reach(f, &feed);
	f->far += !feed.reach;
	*out = f->count;
	f->slots[slot_of(f, id)] = (uint32_t)f->count + 1;
	f->all[f->count++] = feed;
	return KITH_OK;
}

void session_feeds_reach(struct session_feeds *f)
{
	for (size_t i = 0; i < f->count; i++) {
		struct session_feed *feed = &f->all[i];

		if (!feed->reach)
			feed->reach = in_reach(f, feed);
	}
}
