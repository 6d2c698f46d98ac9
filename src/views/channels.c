#include "src/views/channels.h"

#include "feeds/channel.h"
#include "feeds/json.h"
#include "src/views/content.h"
#include "src/views/private.h"

static const uint8_t term_prefix = TERM_CHANNEL;

/* Subscriptions and likes have their channel, too; only with the message itself
 * can be said what it is, and who wrote it. */
static bool is_shown(const struct channels *c, uint64_t rx)
{
	struct message_row row;

	return message_get(c->txn, rx, &row) &&
	       !viewer_hides(c->viewer, row.feed_number) &&
	       content_is_written(viewer_content(c->viewer, c->txn,
						 &row));
}

static void count_messages(const struct channels *c, struct channel_row *row)
{
	struct term term = term_channel(channel_name(row));
	struct postings p;

	postings_open(&p, c->txn, c->viewer, &term);
	for (bool more = postings_seek(&p, &POSTING_FIRST); more;
	     more = postings_next(&p)) {
		if (!is_shown(c, p.at.rx))
			continue;
		row->messages++;
		row->newest = p.at;
	}
	postings_close(&p);
}

static void count_subscribers(const struct channels *c,
			      struct channel_row *row)
{
	struct subject s = subject_channel(channel_name(row));
	struct opinion o = { 0 };
	struct feed_row self;
	bool known = c->viewer->known &&
		     feed_get(c->txn, &c->viewer->self, &self);

	while (c->viewer->known && opinions_next(c->txn, c->viewer, &s,
						       &o)) {
		if (!json_says_true(o.says))
			continue;
		if (known && o.author == self.number)
			row->subscribed = true;
		else if (viewer_follows(c->viewer, o.author))
			row->followed++;
	}
}

static void fill(const struct channels *c, struct kith_slice name,
		 struct channel_row *out)
{
	*out = (struct channel_row){ .name_bytes = name.n };
	memcpy(out->name, name.p, name.n);
	count_messages(c, out);
	count_subscribers(c, out);
}

static void next_term(struct channels *c)
{
	c->more_terms = terms_next(c->txn, c->viewer,
				   (struct kith_slice){ &term_prefix, 1 },
				   &c->term);
}

/* To the next channel that anybody spoke of. */
static void next_subject(struct channels *c)
{
	const struct subject all = subject_channel((struct kith_slice){ 0 });

	if (c->opinion.subject.n)
		c->opinion.author = UINT32_MAX;
	c->more_opinions = opinions_next(c->txn, c->viewer, &all,
					 &c->opinion);
}

void channels_start(struct channels *c, struct txn *t, const struct viewer *v)
{
	*c = (struct channels){ .txn = t, .viewer = v };
	next_term(c);
	next_subject(c);
}

/* As the keys order them: the shorter first. */
static int compare(struct kith_slice a, struct kith_slice b)
{
	if (a.n != b.n)
		return a.n < b.n ? -1 : 1;
	return a.n ? memcmp(a.p, b.p, a.n) : 0;
}

bool channels_next(struct channels *c, struct channel_row *out)
{
	struct kith_slice a = term_text(term_slice(&c->term));
	struct kith_slice b = subject_text(&c->opinion.subject);
	int order;

	if (!c->more_terms && !c->more_opinions)
		return false;
	order = !c->more_terms ? 1 : !c->more_opinions ? -1 : compare(a, b);
	fill(c, order <= 0 ? a : b, out);
	if (order <= 0)
		next_term(c);
	if (order >= 0)
		next_subject(c);
	return true;
}

bool channel_get(struct txn *t, const struct viewer *v, struct kith_slice name,
		 struct channel_row *out)
{
	const struct channels c = { .txn = t, .viewer = v };
	char normal[CHANNEL_TEXT_BYTES];
	size_t n = channel_normalize(name, normal);

	if (!n)
		return false;
	fill(&c, (struct kith_slice){ (const uint8_t *)normal, n }, out);
	return true;
}
