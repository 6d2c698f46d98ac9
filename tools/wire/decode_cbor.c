/* CBOR, and the transfers of gabbygrove-v1 that are made of it.  Source:
 * protocol/11 section 7. */
#include "tools/wire/decode_private.h"

#include <sodium.h>

#include "feeds/cbor.h"
#include "feeds/json.h"
#include "feeds/verify.h"

enum { TAG_LINK = 1050, LINK_BYTES = 33, EVENT_ITEMS = 5,
       LINK_FEED = 1, LINK_MSG = 2, LINK_CONTENT = 3, LINK_CLASSIC_FEED = 4,
       LINK_CLASSIC_MSG = 5, LINK_BLOB = 6 };

/* --- links --- */

static void put_link(struct decode *d, const char *name, struct kith_slice s)
{
	struct kith_feed_id feed = { .format = KITH_GABBYGROVE_V1 };
	struct kith_msg_id msg = { .format = KITH_GABBYGROVE_V1 };
	struct kith_blob_id blob;
	char text[KITH_REF_TEXT_BYTES];

	if (s.n != LINK_BYTES) {
		decode_hex(d, name, s);
		return;
	}
	memcpy(feed.b, s.p + 1, sizeof(feed.b));
	memcpy(msg.b, s.p + 1, sizeof(msg.b));
	memcpy(blob.b, s.p + 1, sizeof(blob.b));
	if (s.p[0] == LINK_CLASSIC_FEED || s.p[0] == LINK_CLASSIC_MSG)
		feed.format = msg.format = KITH_CLASSIC;
	switch (s.p[0]) {
	case LINK_FEED:
	case LINK_CLASSIC_FEED: decode_feed(d, name, &feed); break;
	case LINK_MSG:
	case LINK_CLASSIC_MSG: decode_msg(d, name, &msg); break;
	case LINK_BLOB:
		kith_blob_print(&blob, text);
		decode_text(d, name, text);
		break;
	default: decode_hex(d, name, s);
	}
}

/* --- any CBOR --- */

/* Gives the tag of the next value, as tag is of this one; 0: none. */
static uint64_t put_token(struct decode_tree *t, uint64_t tag,
			  const struct cbor_token *token)
{
	struct decode *d = t->d;

	switch (token->kind) {
	case CBOR_UINT: decode_uint(d, NULL, token->n); break;
	case CBOR_NEGATIVE:
		decode_number(d, NULL, -1.0 - (double)token->n);
		break;
	case CBOR_BYTES:
		if (tag == TAG_LINK)
			put_link(d, NULL, token->bytes);
		else
			decode_hex(d, NULL, token->bytes);
		break;
	case CBOR_TEXT: decode_slice(d, NULL, token->bytes); break;
	case CBOR_ARRAY:
	case CBOR_MAP: /* key, value, ...: keys need not be texts */
		decode_tree_open(t, '[');
		break;
	case CBOR_TAG: break;
	case CBOR_FALSE: decode_bool(d, NULL, false); break;
	case CBOR_TRUE: decode_bool(d, NULL, true); break;
	case CBOR_NULL: decode_json(d, NULL, KITH_SLICE("null"));
	}
	for (unsigned i = 0; i < token->closes && t->depth; i++)
		decode_tree_close(t);
	return token->kind == CBOR_TAG ? token->n : 0;
}

static void put_tree(struct decode *d, const char *name, struct kith_slice s,
		     size_t at)
{
	struct cbor_token token;
	struct decode_tree t;
	uint64_t tag = 0;
	struct cbor c;

	decode_tree_begin(&t, d, name);
	cbor_init(&c, s);
	while (cbor_next(&c, &token) == CBOR_TOKEN)
		tag = put_token(&t, tag, &token);
	decode_tree_end(&t, &(struct decode_tree_end){ &c.why, at, c.at, s.n });
}

/* Few bytes are CBOR by chance, so only what holds something counts. */
enum decode_looks cbor_looks(struct kith_slice s)
{
	return s.n > 3 && (s.p[0] >> 5 == CBOR_ARRAY ||
			   s.p[0] >> 5 == CBOR_MAP ||
			   s.p[0] >> 5 == CBOR_TAG) &&
			       !gabbygrove_looks(s)
		       ? LOOKS_MAYBE
		       : LOOKS_NOT;
}

void cbor_explain(struct decode *d, struct kith_slice s)
{
	decode_text(d, "is", "CBOR");
	put_tree(d, "value", s, 0);
}

/* --- gabbygrove-v1 --- */

/* A transfer's parts, as far as they could be read. */
struct gabby {
	struct kith_slice event, signature, content;
	bool content_known; /* it is there, or said not to be */
	size_t items;	    /* of the event */
	struct kith_slice previous, author, hash;
	bool first;
	uint64_t sequence, size, encoding;
	double timestamp;
};

enum decode_looks gabbygrove_looks(struct kith_slice s)
{
	static const uint8_t link[] = { 0xd9, 0x04, 0x1a, 0x58, 0x21 };

	return s.n > 12 && s.p[0] == 0x83 && s.p[1] == 0x58 &&
			       s.p[3] == 0x85 &&
			       (!memcmp(s.p + 4, link, 5) ||
				(s.p[4] == 0xf6 &&
				 !memcmp(s.p + 5, link, 5)))
		       ? LOOKS_SURE
		       : LOOKS_NOT;
}

/* The bytes behind a link's tag; null: empty, and *null. */
static bool take_link(struct cbor *c, struct kith_slice *out, bool *null)
{
	struct cbor_token token;

	if (cbor_next(c, &token) != CBOR_TOKEN)
		return false;
	*null = token.kind == CBOR_NULL;
	if (*null)
		return true;
	if (token.kind != CBOR_TAG || token.n != TAG_LINK ||
	    cbor_next(c, &token) != CBOR_TOKEN || token.kind != CBOR_BYTES)
		return false;
	*out = token.bytes;
	return true;
}

static bool take_number(struct cbor *c, uint64_t *out)
{
	struct cbor_token token;

	if (cbor_next(c, &token) != CBOR_TOKEN || token.kind != CBOR_UINT)
		return false;
	*out = token.n;
	return true;
}

static bool take_time(struct cbor *c, double *out)
{
	struct cbor_token token;

	if (cbor_next(c, &token) != CBOR_TOKEN || token.kind > CBOR_NEGATIVE)
		return false;
	*out = token.kind == CBOR_UINT ? (double)token.n
				       : -1.0 - (double)token.n;
	return true;
}

static bool take_array(struct cbor *c, uint64_t items)
{
	struct cbor_token token;

	return cbor_next(c, &token) == CBOR_TOKEN &&
	       token.kind == CBOR_ARRAY && token.n == items;
}

static void read_event(struct gabby *g)
{
	struct cbor c;
	bool null;

	cbor_init(&c, g->event);
	if (!take_array(&c, EVENT_ITEMS) ||
	    !take_link(&c, &g->previous, &g->first))
		return;
	g->items = 1;
	if (!take_link(&c, &g->author, &null) || null)
		return;
	g->items = 2;
	if (!take_number(&c, &g->sequence))
		return;
	g->items = 3;
	if (!take_time(&c, &g->timestamp))
		return;
	g->items = 4;
	if (take_array(&c, 3) && take_link(&c, &g->hash, &null) &&
	    take_number(&c, &g->size) && take_number(&c, &g->encoding))
		g->items = EVENT_ITEMS;
}

static void read_gabby(struct kith_slice s, struct gabby *g)
{
	struct cbor_token token;
	struct cbor c;

	*g = (struct gabby){ 0 };
	cbor_init(&c, s);
	if (!take_array(&c, 3) || cbor_next(&c, &token) != CBOR_TOKEN ||
	    token.kind != CBOR_BYTES)
		return;
	g->event = token.bytes;
	read_event(g);
	if (cbor_next(&c, &token) != CBOR_TOKEN || token.kind != CBOR_BYTES)
		return;
	g->signature = token.bytes;
	if (cbor_next(&c, &token) != CBOR_TOKEN ||
	    (token.kind != CBOR_BYTES && token.kind != CBOR_NULL))
		return;
	g->content = token.bytes;
	g->content_known = true;
}

static void put_event(struct decode *d, const struct gabby *g)
{
	static const char *const encodings[] = { "binary", "JSON", "CBOR" };

	if (g->items > 1)
		put_link(d, "feed", g->author);
	if (g->items > 2)
		decode_uint(d, "seq", g->sequence);
	if (g->items && !g->first)
		put_link(d, "prev", g->previous);
	if (g->items > 3)
		decode_number(d, "ts", g->timestamp * 1000);
	if (g->items == EVENT_ITEMS && g->encoding < 3)
		decode_text(d, "encoded", encodings[g->encoding]);
	if (g->items < EVENT_ITEMS)
		decode_fail(d, 3, "its event is not whole");
}

/* What is signed, and the id that event and signature make together. */
static void put_seal(struct decode *d, const struct gabby *g)
{
	struct kith_msg_id id = { .format = KITH_GABBYGROVE_V1 };
	struct kith_verify_item item = { .message = g->event,
					 .signature = g->signature.p };
	crypto_hash_sha256_state hash;

	if (g->signature.n != KITH_SIGNATURE_BYTES ||
	    g->author.n != LINK_BYTES)
		return;
	crypto_hash_sha256_init(&hash);
	crypto_hash_sha256_update(&hash, g->event.p, g->event.n);
	crypto_hash_sha256_update(&hash, g->signature.p, g->signature.n);
	crypto_hash_sha256_final(&hash, id.b);
	decode_msg(d, "id", &id);
	item.key = g->author.p + 1;
	kith_verify(&item, 1);
	decode_text(d, "signature", item.valid ? "good" : "bad");
	if (!item.valid)
		decode_fail(d, 3, "it is not signed by its feed");
}

static void put_content(struct decode *d, const struct gabby *g,
			struct kith_slice s)
{
	uint8_t hash[KITH_ID_BYTES];
	size_t at;

	if (!g->content.p) {
		decode_text(d, "content", "not here: it was dropped");
		return;
	}
	at = (size_t)(g->content.p - s.p);
	crypto_hash_sha256(hash, g->content.p, g->content.n);
	if (g->content.n != g->size || g->hash.n != LINK_BYTES ||
	    memcmp(hash, g->hash.p + 1, sizeof(hash)) != 0)
		decode_fail(d, at, "its content is not the one that was "
			    "signed");
	if (g->encoding == 1 && !json_check(g->content, NULL, NULL))
		decode_json(d, "content", decode_trim(g->content));
	else if (g->encoding == 2)
		put_tree(d, "content", g->content, at);
	else
		decode_slice(d, "content", g->content);
}

void gabbygrove_explain(struct decode *d, struct kith_slice s)
{
	struct kith_error e = { 0 };
	struct gabby g;
	size_t n = 0;

	decode_text(d, "is", "a message of the format gabbygrove-v1, as it is "
			     "sent");
	decode_text(d, "format", "gabbygrove-v1");
	if (cbor_check(s, &n, &e))
		decode_fail(d, e.offset, "%s", e.text);
	else if (n < s.n)
		decode_fail(d, n, "more bytes behind the message");
	read_gabby(s, &g);
	put_event(d, &g);
	put_seal(d, &g);
	if (g.content_known)
		put_content(d, &g, s);
}
