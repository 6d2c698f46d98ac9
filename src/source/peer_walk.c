/* Everything that a live peer says it has, feed by feed. */
#include "src/source/peer_own.h"

#include <stdio.h>

#include "feeds/ref.h"

/* Messages of a feed more than it said to have. */
enum { BEYOND_MAX = 1000 };

/* Opens the stream of the feed that the walk is at, where the walk stopped.
 * False: all were walked. */
static bool reach_walk(struct peer *p, enum kith_err *err,
		       struct kith_error *e)
{
	if (p->walking && p->stream.open)
		return true;
	while (p->walked < p->clock.count &&
	       p->clock.words[p->walked].sequence <= 0)
		p->walked++;
	if (p->walked == p->clock.count)
		return false;
	*err = peer_ask_history(p, &p->clock.words[p->walked].feed, p->walk_next, 0,
			   e);
	p->walking = !*err;
	return p->walking;
}

static void leave_feed(struct peer *p)
{
	p->stream.open = false;
	p->walked++;
	p->walk_next = 1;
	p->walk_last = p->walk_count = 0;
}

static uint64_t claimed(const struct peer *p)
{
	return (uint64_t)p->clock.words[p->walked].sequence;
}

/* What it sends of a feed has an end, whatever it claims. */
static bool is_beyond(const struct peer *p)
{
	return p->walk_count > claimed(p) &&
	       p->walk_count - claimed(p) > BEYOND_MAX;
}

static enum source_step found_wrong(struct peer *p, const char *what,
				    struct source_finding *found)
{
	char id[KITH_REF_TEXT_BYTES];

	kith_feed_print(&p->clock.words[p->walked].feed, id);
	snprintf(p->text, sizeof(p->text), "%.64s: %.80s", id, what);
	*found = (struct source_finding){ .at = p->given, .next = p->given,
					  .text = p->text };
	leave_feed(p);
	return SOURCE_FINDING;
}

static void explain_end(const struct peer *p, struct kith_error *why)
{
	snprintf(why->text, sizeof(why->text), "%s at %llu, said %llu",
		 p->silent ? "fell silent" : "ends",
		 (unsigned long long)p->walk_last,
		 (unsigned long long)claimed(p));
}

/* What comes next of the feed that the walk is at.  ENOENT: nothing, and all
 * that it said to have has come. */
static enum kith_err walk_on(struct peer *p, enum source_step *step,
			     struct source_message *out,
			     struct source_finding *found, struct kith_error *e)
{
	struct kith_error why = { .text = "it sends more than it has" };
	enum kith_err err;

	err = peer_take(p, out, &why);
	if (!err && p->message.sequence > p->walk_last)
		p->walk_last = p->message.sequence;
	if (!err && !is_beyond(p)) {
		out->at = ++p->given;
		p->walk_count++;
		p->walk_next = p->message.sequence + 1;
		*step = SOURCE_MESSAGE;
		return KITH_OK;
	}
	if (err == KITH_ENOENT && p->walk_last >= claimed(p)) {
		leave_feed(p);
		return err;
	}
	if (err && err != KITH_EFORMAT && err != KITH_ENOENT)
		return kith_fail(e, err, 0, "%s", why.text);
	if (err == KITH_ENOENT)
		explain_end(p, &why);
	*step = found_wrong(p, why.text, found);
	return KITH_OK;
}

enum kith_err peer_next(void *of, enum source_step *step,
			struct source_message *out,
			struct source_finding *found, struct kith_error *e)
{
	struct peer *p = of;
	enum kith_err err = peer_ask_clock(p, e);

	while (!err && reach_walk(p, &err, e)) {
		err = walk_on(p, step, out, found, e);
		if (err != KITH_ENOENT)
			return err;
		err = KITH_OK;
	}
	*step = SOURCE_END;
	return err;
}

enum kith_err peer_rewind(void *of, struct kith_error *e)
{
	struct peer *p = of;
	(void)e;

	p->walked = 0;
	p->walk_next = 1;
	p->walk_last = p->walk_count = 0;
	p->walking = false;
	p->given = 0;
	return KITH_OK;
}
