#include "src/views/terms.h"

static void put_byte(struct term *t, uint8_t b)
{
	t->b[t->n++] = b;
}

static void put_bytes(struct term *t, const uint8_t *p, size_t n)
{
	memcpy(t->b + t->n, p, n);
	t->n += n;
}

static void put_text(struct term *t, struct kith_slice text)
{
	size_t n = text.n < TERM_TEXT_BYTES_MAX ? text.n : TERM_TEXT_BYTES_MAX;

	put_byte(t, (uint8_t)n);
	if (n)
		put_bytes(t, text.p, n);
}

struct term term_all(void)
{
	return (struct term){ .n = 1, .b = { TERM_ALL } };
}

struct term term_type(struct kith_slice type)
{
	struct term t = { .n = 1, .b = { TERM_TYPE } };

	put_text(&t, type);
	return t;
}

struct term term_author_type(uint32_t feed_number, struct kith_slice type)
{
	struct term t = { .n = 5, .b = { TERM_AUTHOR_TYPE } };

	kith_put_be32(t.b + 1, feed_number);
	put_text(&t, type);
	return t;
}

struct term term_link(const struct kith_ref *to, enum relation relation)
{
	struct term t = { .n = 2, .b = { TERM_LINK, (uint8_t)to->kind } };
	const uint8_t *id = to->kind == KITH_REF_FEED ? to->feed.b :
			    to->kind == KITH_REF_MSG  ? to->msg.b :
							to->blob.b;

	put_bytes(&t, id, 8);
	put_byte(&t, (uint8_t)relation);
	return t;
}

struct term term_channel(struct kith_slice name)
{
	struct term t = { .n = 1, .b = { TERM_CHANNEL } };

	put_text(&t, name);
	return t;
}

struct kith_slice term_text(struct kith_slice key)
{
	size_t at = key.n && key.p[0] == TERM_AUTHOR_TYPE ? 5 : 1;

	if (key.n <= at || key.n - at - 1 < key.p[at])
		return (struct kith_slice){ 0 };
	return (struct kith_slice){ key.p + at + 1, key.p[at] };
}
