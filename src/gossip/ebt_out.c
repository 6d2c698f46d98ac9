#include "feeds/ref.h"
#include "src/gossip/ebt_private.h"

/* A quoted id, a colon, a number, a comma; and the closing brace. */
enum { ENTRY_BYTES_MAX = KITH_REF_TEXT_BYTES + 16, AGAIN_MS = 1000 };

static void put_entry(struct kith_buf *body, const struct kith_feed_id *id,
		      const struct note *note)
{
	char text[KITH_REF_TEXT_BYTES];

	kith_feed_print(id, text);
	kith_buf_text(body, body->n > 1 ? ",\"" : "\"");
	kith_buf_text(body, text);
	kith_buf_text(body, "\":");
	kith_buf_int(body, note_encode(note));
}

/* Room for an entry and the closing brace; without memory the frame ends
 * here. */
static bool has_room(struct kith_buf *body)
{
	if (body->n + ENTRY_BYTES_MAX > EBT_NOTES_BYTES_MAX ||
	    body->n + ENTRY_BYTES_MAX > body->limit)
		return false;
	if (kith_buf_reserve(body, ENTRY_BYTES_MAX))
		return true;
	body->err = KITH_OK;
	return false;
}

/* Nothing to say that they do not know, or do not want to know. */
static bool is_idle_note(const struct ebt_relation *r, enum ebt_said say)
{
	if (r->flags & FORCED)
		return false;
	if (r->told == TOLD_REFUSED && say != SAID_NO)
		return true;
	return say == r->said || (say == SAID_NO && r->said == SAID_NOTHING);
}

/* They are told of it later, if they heard nothing of it yet. */
static bool is_held_back(const struct ebt *e, const struct ebt_relation *r,
			 uint32_t n, enum ebt_said say)
{
	return ebt_is_held(e, n) && say != SAID_NO && r->said == SAID_NOTHING;
}

static void write_note(struct ebt *e, struct ebt_peer *p, uint32_t n,
		       struct kith_buf *body)
{
	struct ebt_relation *r = &p->relations[n];
	struct ebt_feed *f = &e->feeds[n];
	enum ebt_said say = ebt_to_say(e, p, n);
	bool idle = is_idle_note(r, say);
	bool cure = r->flags & CURING && say == SAID_ON;

	r->flags &= (uint16_t)~(FORCED | CURING);
	if (idle)
		return;
	if (is_held_back(e, r, n, say)) {
		r->flags |= FORCED; /* it is owed */
		return;
	}
	if (cure) {
		r->flags |= CURED | FORCED;
		say = SAID_NO;
		ebt_queue_note(e, p, n, true);
	}
	if (say == SAID_NO)
		r->flags |= UNSAVED;
	r->said = (uint8_t)say;
	if (say == SAID_ON)
		f->begun = true;
	r->noted = say == SAID_NO ? 0 : ebt_shown(f);
	put_entry(body, &f->id,
		  &(struct note){ .replicate = say != SAID_NO,
				  .receive = say == SAID_ON,
				  .sequence = ebt_shown(f) });
}

/* One frame: what waited when it began, as far as it fits.  What is queued
 * meanwhile belongs to the next. */
static void write_notes(struct ebt *e, struct ebt_peer *p,
			struct kith_buf *body)
{
	struct kith_feed_id id;
	uint32_t count = p->notes.count;

	kith_buf_byte(body, '{');
	for (; count > 0 && has_room(body); count--)
		write_note(e, p, ebt_pop_note(p), body);
	while (has_room(body) && ebt_other_answer(e, p, &id))
		put_entry(body, &id, &(struct note){ .replicate = false });
	kith_buf_byte(body, '}');
	p->urgent = p->notes.count || p->answers.count;
}

/* A callee speaks first; a caller lets it, for a while. */
static bool may_speak(struct ebt_peer *p, int64_t now_ms)
{
	int64_t first_ms = p->joined_ms + EBT_FIRST_WAIT_MS;
	int64_t next_ms = p->noted_ms + EBT_NOTES_EVERY_MS;

	if (!p->greeted && p->called && !p->heard_note && now_ms < first_ms) {
		p->wake_ms = first_ms;
		return false;
	}
	if (!p->greeted)
		return true;
	if (!p->notes.count && !p->answers.count)
		return false;
	if (!p->urgent && now_ms < next_ms) {
		p->wake_ms = next_ms;
		return false;
	}
	return true;
}

/* False: nothing was to be said, or there is no memory to say it. */
static bool next_notes(struct ebt *e, struct ebt_peer *p, struct kith_buf *body)
{
	while (may_speak(p, e->now_ms)) {
		kith_buf_reset(body);
		if (!kith_buf_reserve(body, 2 * ENTRY_BYTES_MAX)) {
			p->wake_ms = e->now_ms + AGAIN_MS;
			return false;
		}
		write_notes(e, p, body);
		/* A callee owes a frame, even an empty one. */
		if (body->n == 2 && (p->greeted || p->called)) {
			p->greeted = true;
			continue;
		}
		p->greeted = true;
		p->noted_ms = e->now_ms;
		return true;
	}
	return false;
}

/* What p should have, to hear how far it came; not if there is more to send,
 * since that is doubted anew. */
static bool next_probe(const struct ebt *e, struct ebt_peer *p, uint32_t n,
		       struct ebt_out *out)
{
	struct ebt_relation *r = &p->relations[n];
	bool due = r->flags & PROBE && r->sent >= ebt_shown(&e->feeds[n]);
	uint32_t sequence;

	r->flags &= (uint16_t)~PROBE;
	if (!due || !ebt_probe(e, p, n, &sequence))
		return false;
	out->feed = e->feeds[n].id;
	out->from = out->to = sequence;
	return true;
}

static bool next_messages(struct ebt *e, struct ebt_peer *p,
			  struct ebt_out *out)
{
	while (p->sends.count) {
		uint32_t n = ebt_pop_send(p);
		struct ebt_relation *r = &p->relations[n];
		const struct ebt_feed *f = &e->feeds[n];
		uint32_t shown = ebt_shown(f);

		if (next_probe(e, p, n, out))
			return true;
		if (!f->wanted || r->flags & (HIDDEN | BARRED) ||
		    !(r->flags & SENDING) || r->sent >= shown ||
		    r->sent + 1 < f->first)
			continue;
		out->feed = f->id;
		out->from = r->sent + 1;
		out->to = shown - r->sent > EBT_BATCH_MAX ?
				  r->sent + EBT_BATCH_MAX :
				  shown;
		r->sent = (uint32_t)out->to;
		ebt_doubt(e, p, n);
		if (r->sent < shown)
			ebt_queue_send(e, p, n); /* behind all others */
		return true;
	}
	return false;
}

enum ebt_step ebt_next(struct ebt *e, struct ebt_peer *p, int64_t now_ms,
		       struct kith_buf *body, struct ebt_out *out)
{
	ebt_tick(e, now_ms);
	ebt_doubts_run(e, p);
	p->wake_ms = out->wake_ms = EBT_NEVER;
	if (next_notes(e, p, body))
		return EBT_NOTES;
	if (next_messages(e, p, out))
		return EBT_MESSAGES;
	if (ebt_echo_is_due(e, p)) {
		p->echo = ECHO_ASKED;
		return EBT_ECHO;
	}
	p->busy = false;
	if (ebt_doubts_due_ms(p) < p->wake_ms)
		p->wake_ms = ebt_doubts_due_ms(p);
	out->wake_ms = p->wake_ms;
	if (p->wake_ms < e->peers_wake_ms)
		e->peers_wake_ms = p->wake_ms;
	return EBT_IDLE;
}
