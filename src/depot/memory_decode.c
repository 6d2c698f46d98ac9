#include <stdlib.h>

#include <sodium.h>

#include "src/depot/memory_private.h"

/* After an error everything it gives is 0. */
struct decoder {
	struct kith_slice in;
	enum kith_err err;
	const uint8_t **feeds;
	size_t feed_count;
};

static void keep(struct decoder *c, enum kith_err err)
{
	if (!c->err)
		c->err = err;
	if (c->err)
		c->in.n = 0;
}

/* The next n bytes; NULL: they are not there. */
static const uint8_t *get_bytes(struct decoder *c, size_t n)
{
	const uint8_t *p = c->in.p;

	if (n > c->in.n) {
		keep(c, KITH_EFORMAT);
		return NULL;
	}
	c->in.p += n;
	c->in.n -= n;
	return p;
}

static void get_into(struct decoder *c, void *to, size_t n)
{
	const uint8_t *p = get_bytes(c, n);

	if (p)
		memcpy(to, p, n);
}

static uint64_t get_number(struct decoder *c, uint64_t max)
{
	uint64_t n = 0;

	for (unsigned shift = 0; shift < 64; shift += 7) {
		const uint8_t *p = get_bytes(c, 1);

		if (!p)
			return 0;
		n |= (uint64_t)(*p & 0x7f) << shift;
		/* Of the tenth byte only one bit is there, and no number ends
		 * in nothing. */
		if (shift == 63 && *p > 1)
			break;
		if (*p < 0x80) {
			if (n > max || (!*p && shift))
				break;
			return n;
		}
	}
	keep(c, KITH_EFORMAT);
	return 0;
}

/* How many follow, of at least so many bytes each. */
static size_t get_count(struct decoder *c, size_t max, size_t each)
{
	size_t most = c->in.n / each;

	return (size_t)get_number(c, most < max ? most : max);
}

static bool get_feed(struct decoder *c, struct kith_feed_id *out)
{
	size_t n = (size_t)get_number(c, c->feed_count);

	if (!c->err && n == c->feed_count) {
		c->feeds[n] = get_bytes(c, MEMORY_FEED_BYTES);
		c->feed_count += !c->err;
	}
	if (c->err)
		return false;
	out->format = (enum kith_format)c->feeds[n][0];
	memcpy(out->b, c->feeds[n] + 1, KITH_ID_BYTES);
	if (!out->format || out->format >= KITH_CLOAKED)
		keep(c, KITH_EFORMAT);
	return !c->err;
}

static bool get_range(struct decoder *c, struct depot_range *out)
{
	uint64_t more;

	if (!get_feed(c, &out->feed))
		return false;
	out->first = get_number(c, UINT64_MAX);
	more = get_number(c, UINT64_MAX - out->first);
	out->last = out->first + more;
	if (!out->first || out->last == UINT64_MAX)
		keep(c, KITH_EFORMAT);
	return !c->err;
}

static void get_ranges(struct decoder *c, struct depot_ranges *to)
{
	size_t n = get_count(c, DEPOT_RANGES_MAX, 3);
	struct depot_range range;

	while (n-- && get_range(c, &range))
		keep(c, depot_ranges_add(to, &range));
}

static void get_place(struct decoder *c, struct depot_place *out)
{
	out->number = (uint32_t)get_number(c, UINT32_MAX);
	out->offset = get_number(c, UINT64_MAX);
	get_into(c, out->before, sizeof(out->before));
}

static void get_places(struct decoder *c, struct depot_known *k)
{
	size_t n = get_count(c, DEPOT_SEGMENTS_MAX, 2 + sizeof(k->places->before));

	k->places = n ? calloc(n, sizeof(*k->places)) : NULL;
	if (n && !k->places)
		keep(c, KITH_ENOMEM);
	for (; k->place_count < n && !c->err; k->place_count++)
		get_place(c, &k->places[k->place_count]);
}

static void get_haves(struct decoder *c, struct depot_notes *to)
{
	size_t n = get_count(c, DEPOT_NOTES_HAVES_MAX, 2);
	struct kith_feed_id feed;

	while (n-- && get_feed(c, &feed)) {
		uint64_t last = get_number(c, UINT64_MAX);

		if (!c->err)
			keep(c, depot_notes_set(to, &feed, last));
	}
}

static void get_wants(struct decoder *c, struct depot_notes *to)
{
	size_t n = get_count(c, DEPOT_NOTES_WANTS_MAX, KITH_ID_BYTES + 1);
	struct kith_blob_id blob;

	while (n-- && !c->err) {
		unsigned distance;

		get_into(c, blob.b, sizeof(blob.b));
		distance = (unsigned)get_number(c, UINT32_MAX);
		if (!c->err)
			keep(c, depot_notes_want(to, &blob, distance));
	}
}

static bool get_writer_id(struct decoder *c, struct depot_writer_id *out)
{
	*out = (struct depot_writer_id){ "" };
	get_into(c, out->name, DEPOT_WRITER_CHARS);
	if (!c->err && !depot_writer_is(out->name))
		keep(c, KITH_EFORMAT);
	return !c->err;
}

static void get_met(struct decoder *c, struct depot_notes *to)
{
	size_t n = get_count(c, DEPOT_WRITERS_MAX, DEPOT_WRITER_CHARS + 1);
	struct depot_writer_id writer;

	while (n-- && get_writer_id(c, &writer)) {
		uint64_t round = get_number(c, UINT64_MAX);

		if (!c->err)
			keep(c, depot_notes_met(to, &writer, round));
	}
}

static void get_left(struct decoder *c, struct depot_known *k)
{
	size_t n = get_count(c, DEPOT_LEFT_MAX, 5);

	k->left = n ? calloc(n, sizeof(*k->left)) : NULL;
	if (n && !k->left)
		keep(c, KITH_ENOMEM);
	for (; k->left_count < n && !c->err; k->left_count++) {
		struct depot_left *left = &k->left[k->left_count];

		if (!get_range(c, &left->range))
			break;
		left->segment = (uint32_t)get_number(c, UINT32_MAX);
		left->offset = get_number(c, UINT64_MAX);
	}
}

static void get_writer(struct decoder *c, struct depot_memory *m)
{
	size_t before = m->known_count;
	struct depot_writer_id id;
	struct depot_known *k;

	if (!get_writer_id(c, &id))
		return;
	k = depot_memory_writer(m, &id);
	if (!k || m->known_count == before) {
		keep(c, k ? KITH_EFORMAT : KITH_ENOMEM);
		return;
	}
	k->generation = get_number(c, UINT64_MAX);
	k->round = get_number(c, UINT64_MAX);
	get_places(c, k);
	get_place(c, &k->notes_at);
	get_ranges(c, k->ranges);
	get_haves(c, k->notes);
	get_wants(c, k->notes);
	get_met(c, k->notes);
	get_ranges(c, depot_notes_lacks(k->notes));
	get_left(c, k);
}

static void get_all(struct decoder *c, struct depot_memory *m)
{
	const uint8_t *depot = get_bytes(c, sizeof(m->depot));

	if (depot && memcmp(depot, m->depot, sizeof(m->depot)) != 0)
		keep(c, KITH_EFORMAT);
	m->name = (unsigned)get_number(c, UINT32_MAX);
	m->written = get_number(c, UINT64_MAX);
	m->log_end = get_number(c, UINT64_MAX);
	m->forgets = get_number(c, UINT64_MAX);
	m->graph = get_number(c, UINT64_MAX);
	while (get_number(c, 1))
		get_writer(c, m);
	get_into(c, m->sealed_key, sizeof(m->sealed_key));
	if (c->in.n)
		keep(c, KITH_EFORMAT);
}

/* Takes the first line and the hash off. */
static bool unwrap(struct kith_slice *text)
{
	size_t magic = sizeof(MEMORY_MAGIC) - 1;
	uint8_t hash[MEMORY_HASH_BYTES];

	if (text->n < magic + MEMORY_HASH_BYTES || memcmp(text->p, MEMORY_MAGIC, magic) != 0)
		return false;
	text->n -= MEMORY_HASH_BYTES;
	crypto_generichash(hash, sizeof(hash), text->p, text->n, NULL, 0);
	if (memcmp(hash, text->p + text->n, sizeof(hash)) != 0)
		return false;
	text->p += magic;
	text->n -= magic;
	return true;
}

enum kith_err depot_memory_decode(struct kith_slice text,
				  struct depot_memory *m)
{
	struct decoder c = { 0 };

	if (!unwrap(&text))
		return KITH_EFORMAT;
	c.in = text;
	c.feeds = malloc((text.n / MEMORY_FEED_BYTES + 1) * sizeof(*c.feeds));
	if (!c.feeds)
		return KITH_ENOMEM;
	get_all(&c, m);
	free(c.feeds);
	if (c.err)
		depot_memory_clear(m);
	return c.err;
}
