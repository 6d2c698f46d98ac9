#include "src/daemon/friends.h"

#include <stdlib.h>

#include "feeds/json.h"
#include "feeds/list.h"
#include "feeds/ref.h"
#include "src/daemon/args.h"
#include "src/daemon/daemon.h"

void friends_put_feed(struct kith_buf *out, const struct kith_feed_id *id)
{
	char text[KITH_REF_TEXT_BYTES];

	kith_feed_print(id, text);
	json_put_text(out, text);
}

const char *friends_spell(enum contact_edge edge, enum spelling how)
{
	static const char *const words[][2] = {
		[CONTACT_NONE] = { "null", "null" },
		[CONTACT_FOLLOW] = { "true", "1" },
		[CONTACT_UNFOLLOW] = { "null", "-2" },
		[CONTACT_BLOCK] = { "false", "-1" },
	};

	return words[edge][how];
}

void friends_put_edge(struct kith_buf *out, const struct kith_feed_id *of,
		      const char *value)
{
	friends_put_feed(out, of);
	kith_buf_byte(out, ':');
	kith_buf_text(out, value);
}

bool friends_is_of_itself(const struct contact *c)
{
	return kith_feed_equal(&c->from, &c->to);
}

void friends_put_edges(struct kith_buf *out, struct txn *t, enum spelling how)
{
	struct kith_feed_id from = { .format = KITH_FORMAT_NONE };
	struct contact c = { 0 };

	kith_buf_byte(out, '{');
	while (contacts_next(t, &c)) {
		bool first = from.format == KITH_FORMAT_NONE;

		if (friends_is_of_itself(&c))
			continue;
		if (!kith_feed_equal(&c.from, &from)) {
			kith_buf_text(out, first ? "" : "},");
			friends_put_feed(out, &c.from);
			kith_buf_text(out, ":{");
			from = c.from;
		} else {
			kith_buf_byte(out, ',');
		}
		friends_put_edge(out, &c.to, friends_spell(c.edge, how));
	}
	kith_buf_text(out, from.format == KITH_FORMAT_NONE ? "}" : "}}");
}

/* --- distances --- */

bool distances_add(struct distances *d, const struct kith_feed_id *feed,
		   int hops)
{
	struct distance *more = list_room(d->all, d->n, &d->room,
					  sizeof(*more));

	if (!more)
		return false;
	d->all = more;
	d->all[d->n++] = (struct distance){ *feed, hops };
	return true;
}

static int compare(const void *a, const void *b)
{
	const struct kith_feed_id *x = &((const struct distance *)a)->feed;
	const struct kith_feed_id *y = &((const struct distance *)b)->feed;

	if (x->format != y->format)
		return x->format < y->format ? -1 : 1;
	return memcmp(x->b, y->b, KITH_ID_BYTES);
}

/* Those whom feed puts out of reach, as far as nobody within max brings them
 * in: below zero, by how far away feed is (protocol/13 section 7). */
static bool add_out_of_reach(struct distances *d, struct graph *g,
			     const struct kith_feed_id *feed, int max)
{
	int hops = graph_hops(g, feed), of_to;
	struct kith_feed_id to;
	enum contact_edge edge;
	size_t at = 0;

	while (graph_edges(g, feed, &at, &to, &edge)) {
		of_to = graph_hops(g, &to);
		if ((edge != CONTACT_BLOCK && edge != CONTACT_UNFOLLOW) ||
		    (of_to >= 0 && of_to <= max))
			continue;
		if (!distances_add(d, &to, -hops - (edge == CONTACT_BLOCK ?
							    1 : 2)))
			return false;
	}
	return true;
}

/* Of several who put one out of reach the nearest counts. */
static int compare_nearest(const void *a, const void *b)
{
	int order = compare(a, b);
	int x = abs(((const struct distance *)a)->hops);
	int y = abs(((const struct distance *)b)->hops);

	return order ? order : (x > y) - (x < y);
}

static void drop_doubles(struct distances *d)
{
	size_t kept = 0;

	if (!d->n)
		return;
	qsort(d->all, d->n, sizeof(*d->all), compare_nearest);
	for (size_t i = 0; i < d->n; i++)
		if (!kept || compare(&d->all[kept - 1], &d->all[i]))
			d->all[kept++] = d->all[i];
	d->n = kept;
}

bool friends_measure(struct distances *d, struct graph *g, int max)
{
	struct kith_feed_id feed;
	size_t at = 0;
	int hops;

	while (graph_next(g, max, &at, &feed, &hops))
		if (!distances_add(d, &feed, hops) ||
		    (hops < max && !add_out_of_reach(d, g, &feed, max)))
			return false;
	drop_doubles(d);
	return true;
}

void friends_put_distances(struct kith_buf *out, const struct distances *d)
{
	kith_buf_byte(out, '{');
	for (size_t i = 0; i < d->n; i++) {
		if (i)
			kith_buf_byte(out, ',');
		friends_put_feed(out, &d->all[i].feed);
		kith_buf_byte(out, ':');
		kith_buf_int(out, d->all[i].hops);
	}
	kith_buf_byte(out, '}');
}

int friends_max(const struct peer *p, struct kith_slice options)
{
	double max = (double)p->daemon->config.hops;

	if (!args_number(options, "max", &max) || !(max >= 0 && max <= 100))
		return -1;
	return (int)max;
}


const struct distance *distances_find(const struct distances *d,
				      const struct kith_feed_id *feed)
{
	const struct distance key = { .feed = *feed };

	return d->n ? bsearch(&key, d->all, d->n, sizeof(key), compare) : NULL;
}
