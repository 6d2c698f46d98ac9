/*
 * What was left lying: messages of feeds out of reach, and those before which
 * others are missing.
 *
 * Nothing is parked: they are there still, and are read again when they fit.
 */
#include <stdlib.h>

#include "src/depot/take.h"

enum { LEFT_STEP = 1024 };

static enum kith_err append(struct depot_known *k,
			    const struct depot_left *left)
{
	size_t room = (k->left_count / LEFT_STEP + 1) * LEFT_STEP;
	struct depot_left *more;

	/* Full: who looks again for them reads the whole writer again. */
	if (k->left_count >= DEPOT_LEFT_MAX)
		return KITH_OK;
	more = realloc(k->left, room * sizeof(*more));
	if (!more)
		return KITH_ENOMEM;
	k->left = more;
	k->left[k->left_count++] = *left;
	return KITH_OK;
}

enum kith_err take_leave_range(struct take *t, struct depot_known *k,
			       const struct depot_left *left)
{
	(void)t;
	return append(k, left);
}

/* The row that ends right before this message, if it is the feed's last. */
static struct depot_left *row_before(const struct session_feed *feed,
				     const struct take_origin *from)
{
	const struct depot_known *k = from->known;
	struct depot_left *l;

	if (!feed->left || feed->left > k->left_count)
		return NULL;
	l = &k->left[feed->left - 1];
	return l->segment == from->segment &&
			       kith_feed_equal(&l->range.feed, &feed->id) &&
			       l->range.last + 1 == from->sequence
		       ? l
		       : NULL;
}

enum kith_err take_leave_lying(struct take *t, const struct take_origin *from)
{
	struct session_feed *feed = &t->s->feeds->all[from->feed];
	struct depot_left *before = row_before(feed, from);
	const struct depot_left left = {
		.range = { feed->id, from->sequence, from->sequence },
		.segment = from->segment,
		.offset = from->offset,
	};
	enum kith_err err;

	if (before) {
		before->range.last = from->sequence;
		return KITH_OK;
	}
	err = append(from->known, &left);
	if (!err)
		feed->left = (uint32_t)from->known->left_count;
	return err;
}

void take_drop_refused(struct take *t, const struct take_origin *from)
{
	struct depot_known *k = from->known;
	const struct kith_feed_id *feed = &t->s->feeds->all[from->feed].id;

	for (size_t i = 0; t->again && i < k->left_count; i++) {
		struct depot_left *l = &k->left[i];

		if (l->segment == from->segment &&
		    kith_feed_equal(&l->range.feed, feed) &&
		    l->range.first <= from->sequence &&
		    l->range.last >= from->sequence)
			l->range.first = from->sequence + 1;
	}
}

/* --- a second look --- */

static enum kith_err feed_of(struct take *t, const struct depot_left *l,
			     struct session_feed **out)
{
	size_t index;
	enum kith_err err =
		session_feed_get(t->s->feeds, &l->range.feed, &index);

	*out = err ? NULL : &t->s->feeds->all[index];
	return err == KITH_ETOOBIG ? KITH_OK : err;
}

static bool fits(const struct session_feed *feed, const struct depot_left *l)
{
	return feed && feed->reach && l->range.first <= feed->next &&
	       l->range.last >= feed->next &&
	       feed->next - feed->held <= TAKE_FEED_MESSAGES_MAX;
}

/* Rows of what came in, from here or from elsewhere, go. */
static enum kith_err tidy(struct take *t, struct depot_known *k)
{
	struct session_feed *feed;
	size_t kept = 0;
	enum kith_err err = KITH_OK;

	for (size_t i = 0; !err && i < k->left_count; i++) {
		struct depot_left l = k->left[i];

		err = feed_of(t, &l, &feed);
		if (feed && l.range.first < feed->next)
			l.range.first = feed->next;
		if (l.range.first <= l.range.last)
			k->left[kept++] = l;
	}
	if (!err)
		k->left_count = kept;
	return err;
}

/* The first file above number in which something fits; 0: none. */
static enum kith_err next_file(struct take *t, const struct depot_known *k,
			       uint32_t above, uint32_t *out)
{
	struct session_feed *feed;
	enum kith_err err = KITH_OK;

	*out = 0;
	for (size_t i = 0; !err && i < k->left_count; i++) {
		const struct depot_left *l = &k->left[i];

		if (l->segment <= above || (*out && l->segment >= *out))
			continue;
		err = feed_of(t, l, &feed);
		if (!err && fits(feed, l))
			*out = l->segment;
	}
	return err;
}

/* Says of each feed what is wanted from the file; *offset of the first. */
static enum kith_err want(struct take *t, const struct depot_known *k,
			  uint32_t number, uint64_t *offset)
{
	struct session_feed *feed;
	enum kith_err err = KITH_OK;

	*offset = UINT64_MAX;
	for (size_t i = 0; i < t->s->feeds->count; i++)
		t->s->feeds->all[i].wanted = t->s->feeds->all[i].until = 0;
	for (size_t i = 0; !err && i < k->left_count; i++) {
		const struct depot_left *l = &k->left[i];

		if (l->segment != number)
			continue;
		err = feed_of(t, l, &feed);
		if (err || !feed || !feed->reach ||
		    l->range.last < feed->next)
			continue;
		if (!feed->wanted || l->range.first < feed->wanted)
			feed->wanted = l->range.first;
		if (l->range.last > feed->until)
			feed->until = l->range.last;
		if (l->offset < *offset)
			*offset = l->offset;
	}
	return err;
}

static void drop_file(struct depot_known *k, uint32_t number)
{
	size_t kept = 0;

	for (size_t i = 0; i < k->left_count; i++)
		if (k->left[i].segment != number)
			k->left[kept++] = k->left[i];
	k->left_count = kept;
}

static enum kith_err look_at(struct take *t, struct depot_known *k)
{
	uint32_t number = 0;
	uint64_t offset;
	enum kith_err err;

	t->known = k;
	t->refused = 0;
	for (;;) {
		err = next_file(t, k, number, &number);
		if (err || !number)
			return err;
		err = want(t, k, number, &offset);
		if (!err)
			err = take_segment_again(t, number, offset);
		if (err == KITH_ENOENT) {
			drop_file(k, number);
			err = KITH_OK;
		}
		if (!err)
			err = take_settle(t);
		if (!err)
			err = tidy(t, k);
		if (err)
			return err;
	}
}

/* Who came in may have brought others into reach. */
static enum kith_err see_graph(struct take *t)
{
	const struct depot_config *c = t->s->config;
	uint64_t version = graph_version(c->graph);
	enum kith_err err;

	if (!c->look || c->dry_run)
		return KITH_OK;
	err = c->look(c->arg, c->graph);
	if (!err && graph_version(c->graph) != version)
		session_feeds_reach(t->s->feeds);
	return err;
}

enum kith_err take_left(struct take *t)
{
	struct depot_memory *m = t->s->memory;
	uint64_t before;
	enum kith_err err = take_settle(t);

	for (unsigned looks = 0; !err && looks < TAKE_LOOKS_MAX; looks++) {
		before = t->moved;
		if (before)
			err = see_graph(t);
		for (size_t i = 0; !err && i < m->known_count; i++) {
			err = tidy(t, m->known[i]);
			if (!err)
				err = look_at(t, m->known[i]);
		}
		if (t->moved == before)
			break;
	}
	return err;
}

/* An index may claim anything. */
static uint64_t length(const struct depot_range *r)
{
	uint64_t n = r->last - r->first + 1;

	return n < (uint64_t)1 << 40 ? n : (uint64_t)1 << 40;
}

static void count_far(struct take *t, struct session_feed *feed,
		      uint64_t messages)
{
	struct depot_report *r = t->s->report;

	r->far += messages;
	if (!feed || feed->counted)
		return;
	feed->counted = true;
	r->far_feeds++;
	if (r->far_named_count < DEPOT_FAR_NAMED &&
	    graph_hops(t->s->config->graph, &feed->id) != GRAPH_HOPS_BLOCKED)
		r->far_named[r->far_named_count++] = feed->id;
}

enum kith_err take_left_count(struct take *t)
{
	const struct depot_memory *m = t->s->memory;
	struct session_feed *feed;
	enum kith_err err = KITH_OK;

	for (size_t i = 0; !err && i < m->known_count; i++)
		for (size_t j = 0; !err && j < m->known[i]->left_count; j++) {
			const struct depot_left *l = &m->known[i]->left[j];

			err = feed_of(t, l, &feed);
			if (feed && feed->reach)
				t->s->report->gaps += length(&l->range);
			else
				count_far(t, feed, length(&l->range));
		}
	return err;
}
