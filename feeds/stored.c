#include "feeds/stored.h"

#include "feeds/json.h"
#include "feeds/ref.h"

/* From the comma before the signature on: 64 bytes of base64 and .sig.ed25519
 * in quotes, and the end. */
enum { TAIL_BYTES = 13 + 1 + 88 + 12 + 1 + 1 };

static bool take(struct kith_slice *s, struct kith_slice head)
{
	if (s->n < head.n || memcmp(s->p, head.p, head.n) != 0)
		return false;
	s->p += head.n;
	s->n -= head.n;
	return true;
}

/* A member in whose value no comma can stand: all but the content. */
static bool take_member(struct kith_slice *s, struct kith_slice head,
			struct kith_slice *value)
{
	const uint8_t *comma;

	if (!take(s, head))
		return false;
	comma = memchr(s->p, ',', s->n);
	if (!comma)
		return false;
	*value = (struct kith_slice){ s->p, (size_t)(comma - s->p) };
	s->p = comma;
	s->n -= value->n;
	return true;
}

/* The swapped pair is as good as the other. */
static bool take_author(struct kith_slice *s, struct kith_slice *author)
{
	const struct kith_slice author_head = KITH_SLICE(",\"author\":");
	const struct kith_slice head = KITH_SLICE(",\"sequence\":");
	struct kith_slice sequence;

	if (take_member(s, author_head, author))
		return take_member(s, head, &sequence);
	return take_member(s, head, &sequence) &&
	       take_member(s, author_head, author);
}

bool msg_stored(struct kith_slice canon, struct msg_stored *out)
{
	struct kith_slice s = canon, author, other;
	struct msg_stored found;

	if (!take_member(&s, KITH_SLICE("{\"previous\":"), &other) ||
	    !take_author(&s, &author) ||
	    !take_member(&s, KITH_SLICE(",\"timestamp\":"),
			 &found.timestamp) ||
	    !take_member(&s, KITH_SLICE(",\"hash\":"), &other) ||
	    !take(&s, KITH_SLICE(",\"content\":")) || s.n <= TAIL_BYTES ||
	    kith_feed_parse(json_plain(author), &found.author))
		return false;
	found.content = (struct kith_slice){ s.p, s.n - TAIL_BYTES };
	s.p += found.content.n;
	s.n -= found.content.n;
	if (!take(&s, KITH_SLICE(",\"signature\":\"")))
		return false;
	*out = found;
	return true;
}

bool msg_stored_is_object(struct kith_slice canon)
{
	return canon.n > TAIL_BYTES && canon.p[canon.n - TAIL_BYTES - 1] == '}';
}
