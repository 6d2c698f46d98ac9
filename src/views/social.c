#include "src/views/social.h"

#include <stdlib.h>

struct social {
	struct graph *graph;
	struct kith_feed_id centre;
	int max_hops;
};

enum kith_err social_graph(struct txn *t, struct graph *g)
{
	struct contact c = { 0 };
	enum kith_err err = KITH_OK;

	while (!err && contacts_next(t, &c))
		err = graph_set(g, &c.from, &c.to, c.edge);
	return err ? err : txn_error(t);
}

enum kith_err social_open(struct social **out, struct txn *t,
			  const struct kith_feed_id *centre, int max_hops)
{
	struct social *s = calloc(1, sizeof(*s));
	enum kith_err err = KITH_ENOMEM;

	if (s) {
		s->graph = graph_new(centre);
		s->centre = *centre;
		s->max_hops = max_hops;
	}
	if (s && s->graph)
		err = social_graph(t, s->graph);
	if (err)
		social_close(s);
	else
		*out = s;
	return err;
}

void social_close(struct social *s)
{
	if (!s)
		return;
	graph_free(s->graph);
	free(s);
}

int social_hops(struct social *s, const struct kith_feed_id *feed)
{
	return graph_hops(s->graph, feed);
}

bool social_knows(struct social *s, const struct kith_feed_id *feed)
{
	int hops = graph_hops(s->graph, feed);

	return hops >= 0 && hops <= s->max_hops;
}

bool social_next(struct social *s, int max_hops, size_t *at,
		 struct kith_feed_id *feed, int *hops)
{
	return graph_next(s->graph, max_hops, at, feed, hops);
}

/* Which message says it. */
static void find_words(struct txn *t, struct social_step *step)
{
	struct contact c = { .from = step->from, .to = step->to };
	struct message_row row;
	struct feed_row feed;

	if (!contacts_get(t, &c) || c.edge != step->edge)
		return;
	step->sequence = c.sequence;
	if (feed_get(t, &c.from, &feed) &&
	    message_by_sequence(t, feed.number, c.sequence, &row))
		step->rx = row.rx;
}

size_t social_why(struct social *s, struct txn *t,
		  const struct kith_feed_id *feed,
		  struct social_step out[static SOCIAL_STEPS_MAX])
{
	struct social_step step = { .to = *feed };
	size_t n = 0;

	/* Backwards, from the end of the room. */
	while (n < SOCIAL_STEPS_MAX &&
	       graph_because(s->graph, &step.to, &step.from, &step.edge)) {
		find_words(t, &step);
		out[SOCIAL_STEPS_MAX - ++n] = step;
		step = (struct social_step){ .to = step.from };
	}
	memmove(out, out + SOCIAL_STEPS_MAX - n, n * sizeof(*out));
	return n;
}

void followers_start(struct followers *f, struct txn *t,
		     const struct viewer *viewer,
		     const struct kith_feed_id *feed, enum contact_edge edge)
{
	const struct kith_ref of = { .kind = KITH_REF_FEED, .feed = *feed };
	struct term term = term_link(&of, RELATION_CONTACT);

	f->viewer = viewer;
	f->feed = *feed;
	f->edge = edge;
	postings_open(&f->at, t, NULL, &term);
	postings_seek_back(&f->at, &POSTING_LAST);
}

/* The message is its author's newest word on the feed, and of that edge. */
static bool is_word(struct followers *f, struct kith_feed_id *who)
{
	struct txn *t = f->at.lists[0].cursor.txn;
	struct contact c = { .to = f->feed };
	struct message_row row;
	struct feed_row author;

	if (!message_get(t, f->at.at.rx, &row) ||
	    viewer_hides(f->viewer, row.feed_number) ||
	    !feed_by_number(t, row.feed_number, &author))
		return false;
	c.from = author.id;
	*who = author.id;
	return contacts_get(t, &c) && c.edge == f->edge &&
	       c.sequence == row.sequence;
}

bool followers_next(struct followers *f, struct kith_feed_id *who)
{
	bool found = false;

	for (bool more = f->at.found; more && !found;
	     more = postings_previous(&f->at))
		found = is_word(f, who);
	return found;
}

void followers_end(struct followers *f)
{
	postings_close(&f->at);
}
