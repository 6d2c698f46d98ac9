#include "src/store/keys.h"

void key_put_feed(uint8_t *out, const struct kith_feed_id *id)
{
	out[0] = (uint8_t)id->format;
	memcpy(out + 1, id->b, KITH_ID_BYTES);
}

struct kith_feed_id key_read_feed(const uint8_t *p)
{
	struct kith_feed_id id = { .format = (enum kith_format)p[0] };

	memcpy(id.b, p + 1, KITH_ID_BYTES);
	return id;
}

struct key key_number(uint64_t rx)
{
	struct key k = { .n = 8 };

	kith_put_be64(k.b, rx);
	return k;
}

struct key key_small(uint32_t feed_number)
{
	struct key k = { .n = 4 };

	kith_put_be32(k.b, feed_number);
	return k;
}

struct key key_feed(const struct kith_feed_id *id)
{
	struct key k = { .n = KEY_FEED_BYTES };

	key_put_feed(k.b, id);
	return k;
}

struct key key_by_feed(uint32_t feed_number, uint64_t sequence)
{
	struct key k = { .n = 12 };

	kith_put_be32(k.b, feed_number);
	kith_put_be64(k.b + 4, sequence);
	return k;
}

struct key key_kind(enum key_kind kind)
{
	return (struct key){ .n = 1, .b = { (uint8_t)kind } };
}

struct key key_kind_feed(enum key_kind kind, const struct kith_feed_id *id)
{
	struct key k = key_kind(kind);

	key_put_feed(k.b + 1, id);
	k.n += KEY_FEED_BYTES;
	return k;
}

struct key key_kind_small(enum key_kind kind, uint32_t number)
{
	struct key k = key_kind(kind);

	kith_put_be32(k.b + 1, number);
	k.n += 4;
	return k;
}
