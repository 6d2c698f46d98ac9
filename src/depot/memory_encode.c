#include <stdlib.h>

#include <sodium.h>

#include "feeds/list.h"
#include "src/depot/memory_private.h"
#include "src/gossip/lookup.h"

enum {
	/* A row of any kind, with a feed that is new. */
	ROW_BYTES_MAX = 80,
	WRITER_BYTES = 256 /* what a writer has beside its rows */
};

struct encoder {
	struct kith_buf *out;
	struct lookup feeds;
	struct kith_feed_id *ids;
	size_t capacity;
};

static void put_number(struct encoder *c, uint64_t n)
{
	uint8_t bytes[10];
	size_t count = 0;

	for (; n >= 0x80; n >>= 7)
		bytes[count++] = (uint8_t)(n | 0x80);
	bytes[count++] = (uint8_t)n;
	kith_buf_put(c->out, (struct kith_slice){ bytes, count });
}

static void put_bytes(struct encoder *c, const void *p, size_t n)
{
	kith_buf_put(c->out, (struct kith_slice){ p, n });
}

static void put_new_feed(struct encoder *c, uint32_t hash,
			 const struct kith_feed_id *feed)
{
	struct kith_feed_id *more = list_room(c->ids, c->feeds.used,
					      &c->capacity, sizeof(*more));

	if (more)
		c->ids = more;
	c->out->err = more ? lookup_reserve(&c->feeds) : KITH_ENOMEM;
	if (c->out->err)
		return;
	put_number(c, c->feeds.used);
	kith_buf_byte(c->out, (uint8_t)feed->format);
	put_bytes(c, feed->b, KITH_ID_BYTES);
	c->ids[c->feeds.used] = *feed;
	lookup_put(&c->feeds, hash, c->feeds.used);
}

static void put_feed(struct encoder *c, const struct kith_feed_id *feed)
{
	uint32_t hash = lookup_hash(&c->feeds, feed->b, KITH_ID_BYTES);
	uint32_t at = 0, n;

	if (c->out->err)
		return;
	while ((n = lookup_next(&c->feeds, hash, &at)) != LOOKUP_NONE)
		if (kith_feed_equal(&c->ids[n], feed)) {
			put_number(c, n);
			return;
		}
	put_new_feed(c, hash, feed);
}

static void put_range(struct encoder *c, const struct depot_range *range)
{
	put_feed(c, &range->feed);
	put_number(c, range->first);
	put_number(c, range->last - range->first);
}

static void put_ranges(struct encoder *c, const struct depot_ranges *ranges)
{
	struct depot_range range;
	size_t at = 0;

	put_number(c, depot_ranges_count(ranges));
	while (depot_ranges_next(ranges, &at, &range))
		put_range(c, &range);
}

static void put_place(struct encoder *c, const struct depot_place *place)
{
	put_number(c, place->number);
	put_number(c, place->offset);
	put_bytes(c, place->before, sizeof(place->before));
}

static void put_haves(struct encoder *c, const struct depot_notes *notes)
{
	struct kith_feed_id feed;
	size_t at = 0, count = 0;
	uint64_t last;

	while (depot_notes_next(notes, &at, &feed, &last))
		count++;
	put_number(c, count);
	for (at = 0; depot_notes_next(notes, &at, &feed, &last);) {
		put_feed(c, &feed);
		put_number(c, last);
	}
}

static void put_wants(struct encoder *c, const struct depot_notes *notes)
{
	struct kith_blob_id blob;
	size_t at = 0, count = 0;
	unsigned distance;

	while (depot_notes_next_want(notes, &at, &blob, &distance))
		count++;
	put_number(c, count);
	for (at = 0; depot_notes_next_want(notes, &at, &blob, &distance);) {
		put_bytes(c, blob.b, KITH_ID_BYTES);
		put_number(c, distance);
	}
}

static void put_met(struct encoder *c, const struct depot_notes *notes)
{
	struct depot_writer_id writer;
	size_t at = 0, count = 0;
	uint64_t round;

	while (depot_notes_next_met(notes, &at, &writer, &round))
		count++;
	put_number(c, count);
	for (at = 0; depot_notes_next_met(notes, &at, &writer, &round);) {
		put_bytes(c, writer.name, DEPOT_WRITER_CHARS);
		put_number(c, round);
	}
}

static void put_left(struct encoder *c, const struct depot_known *k)
{
	put_number(c, k->left_count);
	for (size_t i = 0; i < k->left_count; i++) {
		put_range(c, &k->left[i].range);
		put_number(c, k->left[i].segment);
		put_number(c, k->left[i].offset);
	}
}

static void put_writer(struct encoder *c, const struct depot_known *k)
{
	put_bytes(c, k->id.name, DEPOT_WRITER_CHARS);
	put_number(c, k->generation);
	put_number(c, k->round);
	put_number(c, k->place_count);
	for (size_t i = 0; i < k->place_count; i++)
		put_place(c, &k->places[i]);
	put_place(c, &k->notes_at);
	put_ranges(c, k->ranges);
	put_haves(c, k->notes);
	put_wants(c, k->notes);
	put_met(c, k->notes);
	put_ranges(c, depot_notes_lacks(k->notes));
	put_left(c, k);
}

/* What does not fit is read again another day. */
static bool fits(const struct kith_buf *out, const struct depot_known *k)
{
	size_t rows = depot_ranges_count(k->ranges) + k->place_count +
		      depot_notes_lines(k->notes) + k->left_count;
	size_t room = out->limit - out->n;

	return rows < room / ROW_BYTES_MAX &&
	       rows * ROW_BYTES_MAX + 2 * WRITER_BYTES <= room;
}

/* The key comes last, and once there is room for it: no growing buffer leaves
 * a copy behind. */
static void put_end(struct encoder *c, const struct depot_memory *m)
{
	struct kith_buf *out = c->out;

	if (!kith_buf_reserve(out, sizeof(m->sealed_key) + MEMORY_HASH_BYTES))
		return;
	put_bytes(c, m->sealed_key, sizeof(m->sealed_key));
	crypto_generichash(out->p + out->n, MEMORY_HASH_BYTES, out->p, out->n, NULL,
			   0);
	out->n += MEMORY_HASH_BYTES;
}

enum kith_err depot_memory_encode(const struct depot_memory *m,
				  struct kith_buf *out)
{
	struct encoder c = { .out = out };

	randombytes_buf(c.feeds.key, sizeof(c.feeds.key));
	kith_buf_text(out, MEMORY_MAGIC);
	put_bytes(&c, m->depot, sizeof(m->depot));
	put_number(&c, m->name);
	put_number(&c, m->written);
	put_number(&c, m->log_end);
	put_number(&c, m->forgets);
	put_number(&c, m->graph);
	for (size_t i = 0; i < m->known_count; i++)
		if (fits(out, m->known[i])) {
			put_number(&c, 1);
			put_writer(&c, m->known[i]);
		}
	put_number(&c, 0);
	put_end(&c, m);
	lookup_clear(&c.feeds);
	free(c.ids);
	return out->err;
}

