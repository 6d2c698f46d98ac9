/* What is under way to the store, and what became of it. */

#include "feeds/ref.h"
#include "src/depot/take.h"

static struct session_feed *feed_of(struct take *t,
				    const struct take_origin *from)
{
	return &t->s->feeds->all[from->feed];
}

/* What was to follow a message that did not come in cannot come in either.  One
 * that was only compared with ours changes nothing. */
static void step_back(struct take *t, const struct take_origin *from)
{
	struct session_feed *feed = feed_of(t, from);

	if (from->sequence > feed->held && feed->next > from->sequence)
		feed->next = from->sequence;
}

static void refuse(struct take *t, const struct take_origin *from,
		   const struct depot_verdict *v)
{
	char feed[KITH_REF_TEXT_BYTES];

	step_back(t, from);
	take_drop_refused(t, from);
	/* Verdicts come late: those on another writer's are no word on this. */
	t->refused += from->known == t->known;
	t->s->report->refused++;
	kith_feed_print(&feed_of(t, from)->id, feed);
	session_finding(t->s, "%s/%06u.seg, byte %llu: message %llu of %s is "
			"refused: %s", from->known->id.name, from->segment,
			(unsigned long long)from->offset,
			(unsigned long long)from->sequence, feed,
			v->why ? v->why : ingest_verdict_name(v->verdict));
}

static void add(struct take *t, const struct take_origin *from)
{
	struct depot_counts *in = &t->s->report->in;
	struct session_feed *feed = feed_of(t, from);

	t->moved++;
	in->messages++;
	in->bytes += from->bytes;
	in->feeds += !feed->taken;
	feed->taken++;
}

static enum kith_err judge(struct take *t, const struct depot_verdict *v)
{
	const struct take_origin from = t->origins[v->tag];

	t->unused[t->unused_count++] = v->tag;
	switch (v->verdict) {
	case INGEST_ADDED: add(t, &from); break;
	case INGEST_KNOWN: t->s->report->known++; break;
	case INGEST_GAP:
		step_back(t, &from);
		return take_leave_lying(t, &from);
	case INGEST_FORK:
	case INGEST_INVALID:
	case INGEST_OWN: refuse(t, &from, v); break;
	case INGEST_FAILED:
		t->failed = true;
		return kith_fail(t->s->e, v->code ? v->code : KITH_EIO, 0,
				 "nothing more can be taken in: %s",
				 v->why ? v->why : kith_strerror(v->code));
	}
	return KITH_OK;
}

static enum kith_err collect(struct take *t)
{
	const struct depot_sink *sink = t->s->config->sink;
	struct depot_verdict v;
	enum kith_err err = KITH_OK;

	while (!err && sink->next(sink->arg, &v))
		err = judge(t, &v);
	return err;
}

static enum kith_err wait(struct take *t)
{
	const struct depot_sink *sink = t->s->config->sink;
	enum kith_err err = sink->wait(sink->arg, t->s->e);

	return err ? err : collect(t);
}

/* A trial takes its word for it. */
static void pretend(struct take *t, const struct take_origin *from)
{
	add(t, from);
}

enum kith_err take_hand_in(struct take *t, struct kith_slice value,
			   const struct take_origin *from)
{
	const struct depot_sink *sink = t->s->config->sink;
	enum kith_err err = KITH_OK;
	uint32_t tag;

	if (t->s->config->dry_run) {
		pretend(t, from);
		return KITH_OK;
	}
	if (t->unused_count % 64 == 0)
		err = collect(t);
	while (!err && (!t->unused_count || sink->full(sink->arg)))
		err = wait(t);
	if (err)
		return err;
	tag = t->unused[--t->unused_count];
	t->origins[tag] = *from;
	err = sink->put(sink->arg, value, tag, t->s->e);
	if (err)
		t->failed = true;
	return err;
}

enum kith_err take_settle(struct take *t)
{
	enum kith_err err = KITH_OK;

	while (!err && t->unused_count < TAKE_FLIGHT_MAX)
		err = wait(t);
	if (err)
		t->failed = true;
	return err;
}
