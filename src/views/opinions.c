#include "src/views/opinions.h"

#include "src/views/viewer.h"

enum { ID_BYTES = 16, AUTHOR_BYTES = 4, SEQUENCE_BYTES = 8 };

static void put_bytes(struct subject *s, const uint8_t *p, size_t n)
{
	memcpy(s->b + s->n, p, n);
	s->n += n;
}

static void put_text(struct subject *s, struct kith_slice text)
{
	uint8_t n = (uint8_t)(text.n < TERM_TEXT_BYTES_MAX ?
				      text.n : TERM_TEXT_BYTES_MAX);

	put_bytes(s, &n, 1);
	if (n)
		put_bytes(s, text.p, n);
}

static void put_ref(struct subject *s, const struct kith_ref *ref)
{
	unsigned format = ref->kind == KITH_REF_FEED ? ref->feed.format :
			  ref->kind == KITH_REF_MSG  ? ref->msg.format :
						       0;
	const uint8_t kind = (uint8_t)((unsigned)ref->kind | format << 4);
	const uint8_t *id = ref->kind == KITH_REF_FEED ? ref->feed.b :
			    ref->kind == KITH_REF_MSG  ? ref->msg.b :
							 ref->blob.b;

	put_bytes(s, &kind, 1);
	put_bytes(s, id, ID_BYTES);
}

struct subject subject_about(const struct kith_ref *of,
			     struct kith_slice member)
{
	struct subject s = { .n = 1, .b = { SUBJECT_ABOUT } };

	put_ref(&s, of);
	if (member.n)
		put_text(&s, member);
	return s;
}

struct subject subject_vote(const struct kith_ref *on)
{
	struct subject s = { .n = 1, .b = { SUBJECT_VOTE } };

	put_ref(&s, on);
	return s;
}

struct subject subject_channel(struct kith_slice name)
{
	struct subject s = { .n = 1, .b = { SUBJECT_CHANNEL } };

	if (name.n)
		put_text(&s, name);
	return s;
}

struct kith_slice subject_text(const struct subject *s)
{
	size_t at = s->b[0] == SUBJECT_ABOUT ? 2 + ID_BYTES : 1;

	if (s->n <= at || s->b[0] == SUBJECT_VOTE)
		return (struct kith_slice){ 0 };
	return (struct kith_slice){ s->b + at + 1, s->b[at] };
}

static uint64_t get_number(const uint8_t *p)
{
	return (uint64_t)p[0] << 40 | (uint64_t)p[1] << 32 | kith_be32(p + 2);
}

bool opinion_read(struct kith_slice key, struct kith_slice value,
		  struct opinion *o)
{
	if (key.n <= AUTHOR_BYTES ||
	    key.n > SUBJECT_BYTES_MAX + AUTHOR_BYTES ||
	    value.n < OPINION_HEADER_BYTES)
		return false;
	o->subject.n = key.n - AUTHOR_BYTES;
	memcpy(o->subject.b, key.p, o->subject.n);
	o->author = kith_be32(key.p + o->subject.n);
	o->sequence = get_number(value.p);
	o->rx = get_number(value.p + 6);
	o->says = (struct kith_slice){ value.p + OPINION_HEADER_BYTES,
				       value.n - OPINION_HEADER_BYTES };
	return true;
}

/* --- one table --- */

/* A key of the table with all words is longer. */
static bool read_row(const struct cursor *c, const struct subject *from,
		     struct opinion *o)
{
	struct kith_slice key = c->key;

	if (c->table == TABLE_PRIVATE_OPINIONS && key.n > SEQUENCE_BYTES)
		key.n -= SEQUENCE_BYTES;
	return key.n >= from->n + AUTHOR_BYTES &&
	       !memcmp(key.p, from->b, from->n) &&
	       opinion_read(key, c->value, o);
}

static bool seek(struct txn *t, const struct subject *from,
		 struct kith_slice key, struct opinion *o)
{
	struct cursor c;
	bool found;

	cursor_open(&c, t, TABLE_OPINIONS);
	found = cursor_seek(&c, key) && read_row(&c, from, o);
	cursor_close(&c);
	return found;
}

/* To the last row of the author and subject on which c stands. */
static void to_newest(struct cursor *c)
{
	uint8_t key[SUBJECT_BYTES_MAX + AUTHOR_BYTES + SEQUENCE_BYTES];
	size_t n = c->key.n - SEQUENCE_BYTES;

	memcpy(key, c->key.p, n);
	memset(key + n, 0xff, SEQUENCE_BYTES);
	if (cursor_seek(c, (struct kith_slice){ key, n + SEQUENCE_BYTES }))
		cursor_previous(c);
	else
		cursor_last(c);
}

static bool seek_private(struct txn *t, const struct subject *from,
			 struct kith_slice key, struct opinion *o)
{
	struct cursor c;
	bool found;

	cursor_open(&c, t, TABLE_PRIVATE_OPINIONS);
	found = cursor_seek(&c, key) && read_row(&c, from, o);
	if (found) {
		to_newest(&c);
		found = read_row(&c, from, o);
	}
	cursor_close(&c);
	return found;
}

/* --- both --- */

static int compare(const struct opinion *a, const struct opinion *b)
{
	const struct subject *x = &a->subject, *y = &b->subject;
	int order = memcmp(x->b, y->b, x->n < y->n ? x->n : y->n);

	if (order || x->n != y->n)
		return order ? order : x->n < y->n ? -1 : 1;
	return (a->author > b->author) - (a->author < b->author);
}

/* The first of both; of one author on one subject the newer. */
static bool seek_both(struct txn *t, const struct viewer *v,
		      const struct subject *from, struct kith_slice key,
		      struct opinion *o)
{
	struct opinion other;
	bool found, also;
	int order;

	if (!v || !v->keys)
		return seek(t, from, key, o);
	also = seek_private(t, from, key, &other);
	found = seek(t, from, key, o);
	if (!found || !also) {
		if (also)
			*o = other;
		return found || also;
	}
	order = compare(&other, o);
	if (order < 0 || (!order && other.sequence > o->sequence))
		*o = other;
	return true;
}

bool opinions_next(struct txn *t, const struct viewer *v,
		   const struct subject *from, struct opinion *o)
{
	/* Above all words of the author. */
	uint8_t key[SUBJECT_BYTES_MAX + AUTHOR_BYTES + SEQUENCE_BYTES + 1];
	size_t n = o->subject.n;

	if (!n)
		return seek_both(t, v, from,
				 (struct kith_slice){ from->b, from->n }, o);
	memcpy(key, o->subject.b, n);
	kith_put_be32(key + n, o->author);
	n += AUTHOR_BYTES;
	memset(key + n, 0xff, SEQUENCE_BYTES);
	key[n + SEQUENCE_BYTES] = 0;
	return seek_both(t, v, from,
			 (struct kith_slice){ key, n + SEQUENCE_BYTES + 1 }, o);
}

bool opinion_get(struct txn *t, const struct viewer *v,
		 const struct subject *of, uint32_t author, struct opinion *o)
{
	uint8_t key[SUBJECT_BYTES_MAX + AUTHOR_BYTES];

	memcpy(key, of->b, of->n);
	kith_put_be32(key + of->n, author);
	return seek_both(t, v, of,
			 (struct kith_slice){ key, of->n + AUTHOR_BYTES }, o) &&
	       o->subject.n == of->n && o->author == author;
}
