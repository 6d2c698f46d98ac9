#include "feeds/json.h"
#include "feeds/ref.h"
#include "src/gossip/ebt_private.h"

/* They want nothing of it.  A proper note may follow later and is then the
 * first that we hear. */
static void hear_refusal(struct ebt *e, struct ebt_peer *p, uint32_t n)
{
	struct ebt_relation *r = &p->relations[n];

	r->told = TOLD_REFUSED;
	r->said = SAID_NOTHING;
	r->noted = 0;
	r->flags &= (uint16_t)~(SENDING | FORCED | CURING);
	if (e->feeds[n].asked == p)
		ebt_ask(e, n, ebt_choose(e, n, p));
}

/* We refuse it; said once. */
static void answer_no(struct ebt *e, struct ebt_peer *p, uint32_t n)
{
	if (p->relations[n].said == SAID_NO)
		return;
	p->relations[n].flags |= FORCED;
	ebt_queue_note(e, p, n, true);
}

static void start_sending(struct ebt *e, struct ebt_peer *p, uint32_t n)
{
	p->relations[n].flags |= SENDING;
	if (ebt_shown(&e->feeds[n]) > p->relations[n].sent)
		ebt_queue_send(e, p, n);
}

/* lost: they do not have all that was sent. */
static void stop_sending(struct ebt *e, struct ebt_peer *p, uint32_t n,
			 bool lost)
{
	struct ebt_relation *r = &p->relations[n];
	uint32_t shown = ebt_shown(&e->feeds[n]);

	r->flags &= (uint16_t)~SENDING;
	if (shown > r->sent && (lost || shown > r->noted)) {
		r->flags |= FORCED;
		ebt_queue_note(e, p, n, true);
	}
}

/* Protocol/05 section 6, on receiving notes. */
static void hear(struct ebt *e, struct ebt_peer *p, uint32_t n,
		 const struct note *note)
{
	struct ebt_relation *r = &p->relations[n];
	struct ebt_feed *f = &e->feeds[n];
	bool lost = note->sequence < r->sent;

	if (!note->replicate) {
		hear_refusal(e, p, n);
		return;
	}
	r->told = (int32_t)note->sequence;
	r->sent = note->sequence;
	if (note->sequence > f->best)
		f->best = note->sequence;
	if (ebt_to_say(e, p, n) == SAID_NO) {
		answer_no(e, p, n);
		return;
	}
	if (note->receive)
		start_sending(e, p, n);
	else
		stop_sending(e, p, n, lost);
	if (r->said == SAID_NOTHING || r->said == SAID_NO)
		ebt_queue_note(e, p, n, true);
	ebt_offered(e, n, p);
}

static void hear_entry(struct ebt *e, struct ebt_peer *p,
		       struct kith_slice key, struct kith_slice value)
{
	struct kith_feed_id id;
	struct note note;
	uint32_t n;

	if (!note_decode(value, &note) ||
	    kith_feed_parse(json_plain(key), &id) ||
	    id.format != e->self.format)
		return;
	n = ebt_feed_find(e, &id);
	if (n != EBT_NONE)
		hear(e, p, n, &note);
	else
		ebt_other_hear(e, p, &id,
			       note.replicate ? (int32_t)note.sequence :
						TOLD_REFUSED,
			       true);
}

enum kith_err ebt_notes(struct ebt *e, struct ebt_peer *p,
			struct kith_slice notes, int64_t now_ms)
{
	struct kith_slice key, value;
	size_t at = 0, count = 0;

	if (json_kind(notes) != JSON_KIND_OBJECT)
		return KITH_EFORMAT;
	ebt_tick(e, now_ms);
	p->heard_note = true;
	if (!p->greeted)
		ebt_mark_ready(e, p);
	while (json_next_member(notes, &at, &key, &value)) {
		if (++count > EBT_NOTES_KEYS_MAX)
			return KITH_ETOOBIG;
		hear_entry(e, p, key, value);
	}
	return KITH_OK;
}
