/* Bencode, and the messages of bendybutt-v1 that are made of it.  Source:
 * protocol/11 sections 3 and 4. */
#include "tools/wire/decode_private.h"

#include <sodium.h>

#include "feeds/bencode.h"
#include "feeds/bfe.h"
#include "feeds/bfe_value.h"
#include "feeds/json.h"
#include "feeds/verify.h"

/* Below it is seconds, above milliseconds: protocol/11, pitfalls. */
#define SECONDS_MAX INT64_C(100000000000)

/* --- any bencode --- */

/* A string as JSON: what its binary field encoding stands for, a text, or
 * hex. */
static void put_string(struct decode *d, struct kith_slice s, bool key)
{
	struct bfe_value v;

	if (!key && !bfe_read(s, &v, NULL) && v.kind)
		bfe_put_json(&v, decode_member(d, NULL));
	else if (!key || decode_is_text(s))
		decode_slice(d, NULL, s);
	else
		decode_hex(d, NULL, s);
}

static void put_token(struct decode_tree *t, const struct bencode_token *token)
{
	switch (token->kind) {
	case BENCODE_INTEGER: decode_int(t->d, NULL, token->integer); break;
	case BENCODE_STRING: put_string(t->d, token->string, token->key); break;
	case BENCODE_LIST: decode_tree_open(t, '['); break;
	case BENCODE_DICT: decode_tree_open(t, '{'); break;
	case BENCODE_END: decode_tree_close(t);
	}
	if (token->key)
		kith_buf_byte(t->d->out, ':');
}

/* One value as member name. */
static void put_tree(struct decode *d, const char *name, struct kith_slice s,
		     size_t at)
{
	struct bencode_token token;
	struct decode_tree t;
	struct bencode b;

	decode_tree_begin(&t, d, name);
	bencode_init(&b, s);
	while (bencode_next(&b, &token) == BENCODE_TOKEN)
		put_token(&t, &token);
	decode_tree_end(&t, &(struct decode_tree_end){ &b.why, at, b.at, s.n });
}

enum decode_looks bencode_looks(struct kith_slice s)
{
	return s.n > 2 && (memchr("ld", s.p[0], 2) ||
			   (s.p[0] == 'i' && (s.p[1] == '-' ||
					      (s.p[1] >= '0' &&
					       s.p[1] <= '9')))) &&
			       (s.p[0] == 'i' ||
				memchr("lidse0123456789", s.p[1], 15)) &&
			       !bendybutt_looks(s)
		       ? LOOKS_MAYBE
		       : LOOKS_NOT;
}

void bencode_explain(struct decode *d, struct kith_slice s)
{
	decode_text(d, "is", "bencode");
	put_tree(d, "value", s, 0);
}

/* --- bendybutt-v1 --- */

enum { PAYLOAD_ITEMS = 4 /* before the content */ };

/* The parts of a message, as far as they could be read. */
struct bendy {
	struct bencode_token items[PAYLOAD_ITEMS]; /* author, sequence,
						    * previous, timestamp */
	size_t count;
	struct kith_slice payload, section; /* empty: it breaks off before */
	struct kith_slice content, content_signature, signature;
	struct kith_feed_id author;
	bool has_author;
};

static const uint8_t start[] = { 'l', 'l', '3', '4', ':', 0, 3 };

enum decode_looks bendybutt_looks(struct kith_slice s)
{
	return s.n >= sizeof(start) && !memcmp(s.p, start, sizeof(start))
		       ? LOOKS_SURE
		       : LOOKS_NOT;
}

/* Takes one whole value: its bytes.  False: it breaks off. */
static bool take_value(struct kith_slice s, size_t *at, struct kith_slice *out)
{
	size_t n;

	if (bencode_check((struct kith_slice){ s.p + *at, s.n - *at }, &n,
			  NULL))
		return false;
	*out = (struct kith_slice){ s.p + *at, n };
	*at += n;
	return true;
}

/* The string that a value is; empty: it is none. */
static struct kith_slice string_of(struct kith_slice value)
{
	struct bencode_token token;
	struct bencode b;

	bencode_init(&b, value);
	if (bencode_next(&b, &token) == BENCODE_TOKEN &&
	    token.kind == BENCODE_STRING)
		return token.string;
	return (struct kith_slice){ NULL, 0 };
}

static void read_section(struct bendy *m)
{
	size_t at = 1;

	if (m->section.n && m->section.p[0] == 'l' &&
	    take_value(m->section, &at, &m->content) &&
	    take_value(m->section, &at, &m->content_signature))
		m->content_signature = string_of(m->content_signature);
	else if (m->section.n && m->section.p[0] != 'l')
		m->content = m->section;
}

static void read_bendy(struct kith_slice s, struct bendy *m)
{
	struct bencode b;
	size_t at = 1;

	*m = (struct bendy){ 0 };
	bencode_init(&b, (struct kith_slice){ s.p + 1, s.n - 1 });
	if (bencode_next(&b, &m->items[0]) != BENCODE_TOKEN)
		return;
	while (m->count < PAYLOAD_ITEMS &&
	       bencode_next(&b, &m->items[m->count]) == BENCODE_TOKEN &&
	       m->items[m->count].kind <= BENCODE_STRING)
		m->count++;
	m->has_author = m->count && m->items[0].string.n == BFE_ID_BYTES &&
			bfe_to_feed(m->items[0].string.p, &m->author);
	if (!take_value(s, &at, &m->payload))
		return;
	if (take_value(s, &at, &m->signature))
		m->signature = string_of(m->signature);
	at = 1 + b.at;
	(void)take_value(s, &at, &m->section);
	read_section(m);
}

/* A signature in binary field encoding, of what by whom. */
static const char *check(const uint8_t *key, struct kith_slice what,
			 struct kith_slice signature)
{
	struct kith_verify_item item = { .key = key, .message = what };

	if (signature.n != 2 + KITH_SIGNATURE_BYTES || signature.p[0] != 4 ||
	    signature.p[1] != 0)
		return "unreadable";
	item.signature = signature.p + 2;
	kith_verify(&item, 1);
	return item.valid ? "good" : "bad";
}

/* Who signs a content: the subfeed that it is about, else the author. */
static const uint8_t *content_key(const struct bendy *m)
{
	struct bencode_token token;
	bool next = false;
	struct bencode b;

	bencode_init(&b, m->content);
	while (bencode_next(&b, &token) == BENCODE_TOKEN) {
		if (next && token.kind == BENCODE_STRING &&
		    token.string.n == BFE_ID_BYTES && !token.string.p[0])
			return token.string.p + BFE_HEAD_BYTES;
		next = b.depth == 1 && token.key &&
		       kith_equal(token.string, KITH_SLICE("subfeed"));
	}
	return m->author.b;
}

static void check_content(struct decode *d, const struct bendy *m)
{
	struct kith_buf signing = { .limit = DECODE_TOKEN_BYTES_MAX + 16 };
	const char *verdict;

	kith_buf_text(&signing, "bendybutt");
	kith_buf_put(&signing, m->content);
	verdict = check(content_key(m), kith_bytes(&signing),
			m->content_signature);
	decode_text(d, "contentSignature", verdict);
	if (strcmp(verdict, "good") != 0)
		decode_fail(d, 0, "the signature of its content is %s",
			    verdict);
	kith_buf_free(&signing);
}

static void put_payload(struct decode *d, const struct bendy *m)
{
	struct bfe_value v;

	if (m->has_author)
		decode_feed(d, "feed", &m->author);
	if (m->count > 1)
		decode_int(d, "seq", m->items[1].integer);
	if (m->count > 2 && !bfe_read(m->items[2].string, &v, NULL))
		bfe_put_json(&v, decode_member(d, "prev"));
	if (m->count > 3)
		decode_int(d, "ts", m->items[3].integer);
	if (m->count > 3 && m->items[3].integer < SECONDS_MAX)
		decode_text(d, "note", "seconds, as Go programs count");
	if (m->count < PAYLOAD_ITEMS || !m->has_author)
		decode_fail(d, m->count ? m->items[m->count - 1].end : 1,
			    "no author, number, previous and time in front");
}

static void put_id(struct decode *d, struct kith_slice s)
{
	struct kith_msg_id id = { .format = KITH_BENDYBUTT_V1 };

	crypto_hash_sha256(id.b, s.p, s.n);
	decode_msg(d, "id", &id);
}

static void put_bendy_content(struct decode *d, const struct bendy *m,
			      struct kith_slice s)
{
	struct kith_slice boxed = string_of(m->content);

	if (boxed.n > BFE_HEAD_BYTES && boxed.p[0] == BFE_ENCRYPTED &&
	    boxed.p[1] <= 1)
		decode_box_bytes(d, boxed.p[1] ? KITH_BOX2 : KITH_BOX1,
				 boxed.n - BFE_HEAD_BYTES);
	else
		put_tree(d, "content", m->content,
			 (size_t)(m->content.p - s.p));
	if (m->content_signature.n)
		check_content(d, m);
}

void bendybutt_explain(struct decode *d, struct kith_slice s)
{
	struct kith_error e = { 0 };
	struct bendy m;
	size_t n = 0;

	decode_text(d, "is", "a message of a feed of feeds");
	decode_text(d, "format", "bendybutt-v1");
	if (bencode_check(s, &n, &e))
		decode_fail(d, e.offset, "%s", e.text);
	else if (n < s.n)
		decode_fail(d, n, "more bytes behind the message");
	else
		put_id(d, s);
	read_bendy(s, &m);
	put_payload(d, &m);
	if (m.content.n)
		put_bendy_content(d, &m, s);
	if (!m.signature.n)
		return;
	decode_text(d, "signature", check(m.author.b, m.payload, m.signature));
	if (strcmp(check(m.author.b, m.payload, m.signature), "good") != 0)
		decode_fail(d, m.payload.n + 1, "it is not signed by its feed");
}
