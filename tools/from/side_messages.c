/* Messages of a side, and for which network they are signed. */
#include "tools/from/side.h"

#include "feeds/verify.h"

enum { SAMPLES_MAX = 8 };

/* --- messages ------------------------------------------------------------- */

static bool is_signed(const struct kith_msg *m)
{
	struct kith_verify_item item = { m->author.b, m->signing,
					 m->signature, false };

	kith_verify(&item, 1);
	return item.valid;
}

/* One by which side it is signed. */
static enum kith_err ready_decoder(struct side *s, bool keyed,
				   struct kith_error *e)
{
	if (s->decoder && s->keyed == keyed) {
		kith_decoder_reset(s->decoder);
		return KITH_OK;
	}
	kith_decoder_free(s->decoder);
	s->decoder = kith_decoder_new(keyed ? s->key : NULL);
	s->keyed = keyed;
	return s->decoder ? KITH_OK
			  : kith_fail(e, KITH_ENOMEM, 0, "out of memory");
}

enum kith_err side_message(struct side *s, const struct kith_feed_id *feed,
			   uint64_t sequence, struct kith_msg *out,
			   bool *signed_too, struct kith_error *e)
{
	struct source_message m = { .at = 0 };
	enum kith_err err = ready_decoder(s, s->signed_by == SIDE_KEYED, e);

	s->questions++;
	if (!err)
		err = source_at(s->source, feed, sequence, &m, e);
	if (!err)
		err = kith_msg_decode(s->decoder, feed->format, m.value, out,
				      e);
	if (!err)
		*signed_too = is_signed(out);
	return err;
}

enum kith_err side_id_at(struct side *s, const struct kith_feed_id *feed,
			 uint64_t sequence, struct kith_msg_id *out,
			 struct kith_error *e)
{
	struct kith_msg next;
	bool signed_too;
	enum kith_err err;

	s->questions++;
	err = source_id_at(s->source, feed, sequence, out, e);
	/* What a peer has of a feed begins at 1: none is behind a hole. */
	if (err != KITH_ENOENT || s->asked || feed->format != KITH_CLASSIC)
		return err;
	err = side_message(s, feed, sequence + 1, &next, &signed_too, e);
	if (err || next.first)
		return err ? err : KITH_ENOENT;
	*out = next.previous;
	return KITH_OK;
}

/* --- of which network ----------------------------------------------------- */

static enum side_network signed_by(struct side *s,
				   const struct source_message *m)
{
	enum side_network found = SIDE_OTHER;

	for (int keyed = 0; keyed <= (s->has_key ? 1 : 0); keyed++) {
		struct kith_msg message;

		if (!ready_decoder(s, keyed, NULL) &&
		    !kith_msg_decode(s->decoder, KITH_CLASSIC, m->value,
				     &message, NULL) &&
		    is_signed(&message))
			found = keyed ? SIDE_KEYED : SIDE_MAIN;
	}
	return found;
}

/* Looks at the newest messages of some feeds until one is signed by a key that
 * is known. */
static void sample(struct side *s)
{
	int samples = 0;

	for (size_t i = 0; i < s->count && samples < SAMPLES_MAX; i++) {
		const struct source_feed *f = &s->feeds[i];
		struct source_message m;
		enum kith_err err;

		if (!f->known || !f->last || f->id.format != KITH_CLASSIC)
			continue;
		samples++;
		s->questions++;
		err = source_at(s->source, &f->id, f->last, &m, NULL);
		if (err == KITH_ESIGN)
			s->signed_by = SIDE_OTHER;
		else if (!err)
			s->signed_by = signed_by(s, &m);
		if (s->signed_by == SIDE_MAIN || s->signed_by == SIDE_KEYED)
			return;
	}
}

static const char *network_name(const struct side *s)
{
	return s->signed_by == SIDE_MAIN  ? "for the main network"
	       : s->signed_by == SIDE_KEYED ? "with a network's message key"
					    : "with a key that is not known";
}

int sides_agree(struct side sides[2], const struct tool *t)
{
	const char *advice = tool_option(t, 'k')
				     ? "" : "; --hmac gives such a key";

	for (int i = 0; i < 2; i++)
		sample(&sides[i]);
	if (sides[0].signed_by == sides[1].signed_by ||
	    !sides[0].signed_by || !sides[1].signed_by)
		return EXIT_DONE;
	return tool_fail(EXIT_MISUSED, "these are different networks, whose "
			 "messages cannot be compared: those of %s are signed "
			 "%s, those of %s %s%s", sides[0].name,
			 network_name(&sides[0]), sides[1].name,
			 network_name(&sides[1]), advice);
}
