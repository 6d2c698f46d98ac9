#include "tools/carry/bundle_plan.h"

#include <limits.h>
#include <stdlib.h>

#include "feeds/list.h"
#include "src/store/proofs.h"
#include "tools/pick/select.h"

/* --- which feeds ---------------------------------------------------------- */

static int add(struct bundle_plan *p, const struct bundle_part *part)
{
	struct bundle_part *more = list_room(p->parts, p->count, &p->room,
					     sizeof(*more));

	if (!more)
		return tool_fail(EXIT_FAILED, "out of memory");
	p->parts = more;
	p->parts[p->count++] = *part;
	p->messages += part->last - part->first + 1;
	return EXIT_DONE;
}

bool bundle_wish_hides(const struct bundle_wish *wish,
		       const struct kith_feed_id *author)
{
	return wish->reader.format && !wish->reach->named_count &&
	       graph_hides(wish->reach->graph, author, &wish->reader);
}

/* What the reader lacks of a feed.  Behind a fork nothing is spread. */
static bool is_news(struct txn *t, const struct bundle_wish *wish,
		    struct bundle_part *part)
{
	const struct feed_row *feed = &part->feed;
	uint64_t pair = proof_places(t, &feed->id).pair;

	part->first = depot_ranges_reach(wish->has, &feed->id, 1) + 1;
	if (part->first < feed->first)
		part->first = feed->first;
	part->last = feed->last;
	if (pair && pair <= part->last)
		part->last = pair - 1;
	return feed->last && part->first <= part->last;
}

static int consider(struct bundle_plan *p, struct txn *t,
		    const struct bundle_wish *wish, struct bundle_part *part)
{
	if (!bundle_reach_has(wish->reach, &part->feed.id) ||
	    !is_news(t, wish, part))
		return EXIT_DONE;
	if (bundle_wish_hides(wish, &part->feed.id)) {
		p->hidden++;
		return EXIT_DONE;
	}
	part->hops = graph_hops(wish->reach->graph, &part->feed.id);
	return add(p, part);
}

/* Those out of reach come last. */
static int rank(int hops)
{
	return hops < 0 ? INT_MAX : hops;
}

static int by_hops(const void *a, const void *b)
{
	const struct bundle_part *x = a, *y = b;
	int one = rank(x->hops), other = rank(y->hops);

	if (one != other)
		return one < other ? -1 : 1;
	if (x->feed.id.format != y->feed.id.format)
		return x->feed.id.format < y->feed.id.format ? -1 : 1;
	return memcmp(x->feed.id.b, y->feed.id.b, sizeof(x->feed.id.b));
}

static int find_feeds(struct bundle_plan *p, struct store *s,
		      const struct bundle_wish *wish)
{
	struct bundle_part part = { 0 };
	uint32_t number = 0;
	struct txn *t;
	int code = EXIT_DONE;

	if (store_read(s, &t))
		return tool_fail(EXIT_UNREADABLE, "the store cannot be read");
	while (!code && feed_next(t, &number, &part.feed))
		code = consider(p, t, wish, &part);
	if (!code && txn_error(t))
		code = tool_fail(EXIT_UNREADABLE, "the store cannot be read "
				 "further: %s", kith_strerror(txn_error(t)));
	txn_end(t);
	if (p->count)
		qsort(p->parts, p->count, sizeof(*p->parts), by_hops);
	return code;
}

/* --- what fits ------------------------------------------------------------ */

/* Cuts the part off where the limit is reached. */
static int measure(struct bundle_plan *p, struct store *s,
		   struct bundle_part *part, uint64_t limit)
{
	const struct selection of = { .kind = SELECT_FEED, .range = true,
				      .feed = part->feed,
				      .first = part->first,
				      .last = part->last };
	uint64_t bytes = p->bytes + bundle_range_bytes(), fits = 0, more;
	struct message_row row;
	struct view_message m;
	struct walk w;

	walk_start(&w, s, &of, false);
	while (bytes <= limit && walk_next(&w, &m, &row)) {
		more = bundle_message_bytes(row.canon.n);
		if (more > limit - bytes)
			break;
		bytes += more;
		fits++;
	}
	walk_end(&w);
	if (fits)
		p->bytes = bytes;
	if (fits < part->last - part->first + 1) {
		p->left_feeds++;
		p->left += part->last - part->first + 1 - fits;
	}
	part->last = part->first + fits - 1;
	return w.err ? tool_fail(EXIT_UNREADABLE, "the store cannot be read "
				 "further: %s", kith_strerror(w.err))
		     : EXIT_DONE;
}

/* Feeds for which there is no room at all are left out. */
static void drop_empty(struct bundle_plan *p)
{
	size_t kept = 0;

	for (size_t i = 0; i < p->count; i++)
		if (p->parts[i].last >= p->parts[i].first)
			p->parts[kept++] = p->parts[i];
	p->count = kept;
}

static int fit(struct bundle_plan *p, struct store *s, uint64_t limit)
{
	int code = EXIT_DONE;

	p->bytes = bundle_frame_bytes();
	for (size_t i = 0; !code && i < p->count; i++)
		code = measure(p, s, &p->parts[i], limit);
	drop_empty(p);
	p->messages -= p->left;
	return code;
}

int bundle_plan_make(struct bundle_plan *p, struct store *s,
		     const struct bundle_wish *wish)
{
	int code;

	*p = (struct bundle_plan){ 0 };
	code = find_feeds(p, s, wish);
	if (!code && wish->bytes_max)
		code = fit(p, s, wish->bytes_max);
	return code;
}

void bundle_plan_free(struct bundle_plan *p)
{
	free(p->parts);
	*p = (struct bundle_plan){ 0 };
}
