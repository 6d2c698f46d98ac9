#include "feeds/bfe.h"

enum { TYPE_FEED = 0, TYPE_MSG = 1, TYPE_IDENTITY = 7, IDENTITY_POBOX = 0 };

/* How a format is numbered among feeds and among messages; -1: it is not. */
struct code {
	enum kith_format format;
	int feed, msg;
	bool chained; /* envelopes know what comes before its first message */
};

static const struct code codes[] = {
	{ KITH_CLASSIC, 0, 0, true },	    { KITH_GABBYGROVE_V1, 1, 1, true },
	{ KITH_BENDYBUTT_V1, 3, 4, true },  { KITH_BUTTWOO_V1, 4, 5, true },
	{ KITH_INDEXED_V1, 5, 6, false },   { KITH_CLOAKED, -1, 2, false },
};

enum { CODES = sizeof(codes) / sizeof(codes[0]) };

static const struct code *find(enum kith_format format)
{
	for (size_t i = 0; i < CODES; i++)
		if (codes[i].format == format)
			return &codes[i];
	return NULL;
}

static bool put(int type, int code, const uint8_t id[static KITH_ID_BYTES],
		uint8_t out[static BFE_ID_BYTES])
{
	if (code < 0)
		return false;
	out[0] = (uint8_t)type;
	out[1] = (uint8_t)code;
	memcpy(out + 2, id, KITH_ID_BYTES);
	return true;
}

bool bfe_feed(const struct kith_feed_id *id, uint8_t out[static BFE_ID_BYTES])
{
	const struct code *code = find(id->format);

	return code && put(TYPE_FEED, code->feed, id->b, out);
}

bool bfe_msg(const struct kith_msg_id *id, uint8_t out[static BFE_ID_BYTES])
{
	const struct code *code = find(id->format);

	return code && put(TYPE_MSG, code->msg, id->b, out);
}

bool bfe_no_msg(enum kith_format format, uint8_t out[static BFE_ID_BYTES])
{
	static const uint8_t zeros[KITH_ID_BYTES];
	const struct code *code = find(format);

	return code && code->chained && put(TYPE_MSG, code->msg, zeros, out);
}

void bfe_pobox(const uint8_t key[static KITH_ID_BYTES],
	       uint8_t out[static BFE_ID_BYTES])
{
	put(TYPE_IDENTITY, IDENTITY_POBOX, key, out);
}

bool bfe_to_feed(const uint8_t in[static BFE_ID_BYTES],
		 struct kith_feed_id *out)
{
	for (size_t i = 0; i < CODES && in[0] == TYPE_FEED; i++) {
		if (codes[i].feed != in[1])
			continue;
		out->format = codes[i].format;
		memcpy(out->b, in + 2, KITH_ID_BYTES);
		return true;
	}
	return false;
}

bool bfe_to_msg(const uint8_t in[static BFE_ID_BYTES], struct kith_msg_id *out)
{
	for (size_t i = 0; i < CODES && in[0] == TYPE_MSG; i++) {
		if (codes[i].msg != in[1])
			continue;
		out->format = codes[i].format;
		memcpy(out->b, in + 2, KITH_ID_BYTES);
		return true;
	}
	return false;
}
