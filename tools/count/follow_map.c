#include "tools/count/follow_map.h"

#include <stdlib.h>

#include <sodium.h>

#include "feeds/list.h"
#include "src/views/social.h"

/* --- reading -------------------------------------------------------------- */

static uint32_t hash_of(const struct follow_map *m,
			const struct kith_feed_id *id)
{
	return lookup_hash(&m->by_id, id->b, KITH_ID_BYTES);
}

uint32_t map_find(const struct follow_map *m, const struct kith_feed_id *id)
{
	uint32_t hash = hash_of(m, id), at = 0, n;

	while ((n = lookup_next(&m->by_id, hash, &at)) != LOOKUP_NONE)
		if (kith_feed_equal(&m->feeds[n].id, id))
			return n;
	return MAP_NONE;
}

/* Empties it; nobody can know which of the feeds fall together in it. */
static void key_index(struct follow_map *m)
{
	uint8_t key[LOOKUP_KEY_BYTES];

	randombytes_buf(key, sizeof(key));
	lookup_set_key(&m->by_id, key);
}

static enum kith_err take_feed(struct follow_map *m,
			       const struct kith_feed_id *id, uint32_t *out)
{
	struct map_feed *feeds;
	enum kith_err err;

	*out = map_find(m, id);
	if (*out != MAP_NONE)
		return KITH_OK;
	if (m->feed_count == MAP_NONE)
		return KITH_ENOMEM;
	feeds = list_room(m->feeds, m->feed_count, &m->feed_room,
			  sizeof(*feeds));
	if (!feeds)
		return KITH_ENOMEM;
	m->feeds = feeds;
	err = lookup_reserve(&m->by_id);
	if (err)
		return err;
	*out = (uint32_t)m->feed_count++;
	m->feeds[*out] = (struct map_feed){ .id = *id,
					    .hops = GRAPH_HOPS_FAR,
					    .because = MAP_NONE };
	lookup_put(&m->by_id, hash_of(m, id), *out);
	return KITH_OK;
}

static enum kith_err take_edge(struct follow_map *m, const struct contact *c)
{
	struct map_edge e = { .edge = c->edge, .sequence = c->sequence };
	struct map_edge *edges;
	enum kith_err err;

	if (kith_feed_equal(&c->from, &c->to) ||
	    (c->edge != CONTACT_FOLLOW && c->edge != CONTACT_BLOCK))
		return KITH_OK;
	if ((err = take_feed(m, &c->from, &e.from)) ||
	    (err = take_feed(m, &c->to, &e.to)))
		return err;
	if (m->edge_count == MAP_NONE)
		return KITH_ENOMEM;
	edges = list_room(m->edges, m->edge_count, &m->edge_room,
			  sizeof(*edges));
	if (!edges)
		return KITH_ENOMEM;
	m->edges = edges;
	m->edges[m->edge_count++] = e;
	return KITH_OK;
}

static enum kith_err read_feeds(struct follow_map *m, struct txn *t)
{
	struct feed_row row;
	uint32_t number = 0, n;
	enum kith_err err = KITH_OK;

	while (!err && feed_next(t, &number, &row)) {
		if (!row.last)
			continue;
		err = take_feed(m, &row.id, &n);
		if (err)
			break;
		m->feeds[n].messages = feed_held(&row);
		m->feeds[n].bytes = row.bytes;
	}
	return err;
}

/* --- order ---------------------------------------------------------------- */

static int compare_ids(const struct kith_feed_id *a,
		       const struct kith_feed_id *b)
{
	if (a->format != b->format)
		return a->format < b->format ? -1 : 1;
	return memcmp(a->b, b->b, KITH_ID_BYTES);
}

static int compare_feeds(const void *a, const void *b)
{
	return compare_ids(&((const struct map_feed *)a)->id,
			   &((const struct map_feed *)b)->id);
}

/* Once feeds stand by id, their numbers do. */
static int compare_edges(const void *a, const void *b)
{
	const struct map_edge *x = a, *y = b;

	if (x->from != y->from)
		return x->from < y->from ? -1 : 1;
	return (x->to > y->to) - (x->to < y->to);
}

/* Where each feed went: the numbers in edges and in the index follow. */
static enum kith_err sort_feeds(struct follow_map *m)
{
	uint32_t *to = calloc(m->feed_count + 1, sizeof(*to));
	struct kith_feed_id *ids = calloc(m->feed_count + 1, sizeof(*ids));
	enum kith_err err = to && ids ? KITH_OK : KITH_ENOMEM;

	for (size_t i = 0; !err && i < m->feed_count; i++)
		ids[i] = m->feeds[i].id;
	if (!err && m->feed_count) {
		qsort(m->feeds, m->feed_count, sizeof(*m->feeds),
		      compare_feeds);
		key_index(m);
	}
	for (uint32_t i = 0; !err && i < m->feed_count; i++) {
		err = lookup_reserve(&m->by_id);
		if (!err)
			lookup_put(&m->by_id, hash_of(m, &m->feeds[i].id), i);
	}
	for (size_t i = 0; !err && i < m->feed_count; i++)
		to[i] = map_find(m, &ids[i]);
	for (size_t i = 0; !err && i < m->edge_count; i++) {
		m->edges[i].from = to[m->edges[i].from];
		m->edges[i].to = to[m->edges[i].to];
	}
	if (!err && m->edge_count)
		qsort(m->edges, m->edge_count, sizeof(*m->edges),
		      compare_edges);
	free(to);
	free(ids);
	return err;
}

static const struct map_edge *find_edge(const struct follow_map *m,
					uint32_t from, uint32_t to)
{
	const struct map_edge key = { .from = from, .to = to };

	return m->edge_count ? bsearch(&key, m->edges, m->edge_count,
				       sizeof(key), compare_edges)
			     : NULL;
}

static void count_edges(struct follow_map *m)
{
	for (size_t i = 0; i < m->edge_count; i++) {
		struct map_edge *e = &m->edges[i];
		const struct map_edge *back = find_edge(m, e->to, e->from);

		e->mutual = back && back->edge == e->edge;
		if (e->edge != CONTACT_FOLLOW)
			continue;
		m->feeds[e->from].follows++;
		m->feeds[e->to].followers++;
	}
}

enum kith_err map_read(struct follow_map *m, struct txn *t)
{
	struct contact c = { 0 };
	enum kith_err err;

	*m = (struct follow_map){ .centre = MAP_NONE };
	key_index(m);
	err = read_feeds(m, t);
	while (!err && contacts_next(t, &c))
		err = take_edge(m, &c);
	if (!err)
		err = txn_error(t);
	if (!err)
		err = sort_feeds(m);
	if (err)
		return err;
	count_edges(m);
	map_choose(m, &(struct map_choice){ MAP_FOLLOWS | MAP_BLOCKS, false,
					    -1 });
	return KITH_OK;
}

void map_clear(struct follow_map *m)
{
	free(m->feeds);
	free(m->edges);
	lookup_clear(&m->by_id);
	*m = (struct follow_map){ .centre = MAP_NONE };
}

/* --- the centre ----------------------------------------------------------- */

uint32_t map_busiest(const struct follow_map *m)
{
	uint32_t best = MAP_NONE;
	uint64_t most = 0;

	for (uint32_t i = 0; i < m->feed_count; i++) {
		uint64_t n = (uint64_t)m->feeds[i].follows +
			     m->feeds[i].followers;

		if (n > most) {
			most = n;
			best = i;
		}
	}
	return best;
}

static void take_hops(struct follow_map *m, struct graph *g)
{
	for (uint32_t i = 0; i < m->feed_count; i++) {
		struct map_feed *f = &m->feeds[i];
		struct kith_feed_id from;
		enum contact_edge edge;
		const struct map_edge *by = NULL;

		f->hops = graph_hops(g, &f->id);
		if (graph_because(g, &f->id, &from, &edge))
			by = find_edge(m, map_find(m, &from), i);
		f->because = by ? (uint32_t)(by - m->edges) : MAP_NONE;
	}
}

enum kith_err map_centre(struct follow_map *m, struct txn *t, uint32_t centre)
{
	struct graph *g = graph_new(&m->feeds[centre].id);
	enum kith_err err = g ? social_graph(t, g) : KITH_ENOMEM;

	if (!err) {
		m->centre = centre;
		take_hops(m, g);
	}
	graph_free(g);
	return err;
}

/* --- what is asked for ---------------------------------------------------- */

static bool in_reach(const struct map_feed *f, const struct map_choice *c)
{
	return c->hops < 0 || (f->hops >= 0 && f->hops <= c->hops);
}

static bool is_asked(const struct map_edge *e, const struct map_choice *c)
{
	return (c->kinds & (e->edge == CONTACT_BLOCK ? MAP_BLOCKS
						     : MAP_FOLLOWS)) &&
	       (e->mutual || !c->mutual);
}

void map_choose(struct follow_map *m, const struct map_choice *c)
{
	bool some = c->mutual || !(c->kinds & MAP_FOLLOWS);

	for (size_t i = 0; i < m->feed_count; i++)
		m->feeds[i].shown = i == m->centre ||
				    (!some && in_reach(&m->feeds[i], c));
	for (size_t i = 0; i < m->edge_count; i++) {
		struct map_edge *e = &m->edges[i];

		e->shown = is_asked(e, c) &&
			   in_reach(&m->feeds[e->from], c) &&
			   (e->edge == CONTACT_BLOCK ||
			    in_reach(&m->feeds[e->to], c));
		if (!e->shown)
			continue;
		m->feeds[e->from].shown = true;
		m->feeds[e->to].shown = true;
	}
}
