#include "src/views/votes.h"

#include "feeds/json.h"
#include "src/views/private.h"

void votes_start(struct votes *w, struct txn *t, const struct viewer *v,
		 const struct kith_ref *on)
{
	*w = (struct votes){ .txn = t, .viewer = v,
			     .subject = subject_vote(on) };
}

static int read_value(struct kith_slice says)
{
	double value;

	if (!json_number(says, &value))
		return 0;
	return (value > 0) - (value < 0);
}

static bool read_vote(struct votes *w, struct vote *out)
{
	const struct opinion *o = &w->at;
	int value = read_value(o->says);
	struct feed_row author;

	if (!value || viewer_hides(w->viewer, o->author) ||
	    !feed_by_number(w->txn, o->author, &author) ||
	    o->sequence < author.first || o->sequence > author.last)
		return false;
	*out = (struct vote){ author.id, o->author, o->sequence, o->rx,
			      value };
	return true;
}

bool votes_next(struct votes *w, struct vote *out)
{
	while (opinions_next(w->txn, w->viewer, &w->subject, &w->at))
		if (read_vote(w, out))
			return true;
	return false;
}

void votes_count(struct txn *t, const struct viewer *v,
		 const struct kith_ref *on, struct votes_total *out)
{
	struct votes w;
	struct vote vote;

	*out = (struct votes_total){ 0 };
	votes_start(&w, t, v, on);
	while (votes_next(&w, &vote)) {
		if (vote.value > 0)
			out->up++;
		else
			out->down++;
		if (v->known && kith_feed_equal(&vote.author, &v->self))
			out->own = vote.value;
	}
}
