/* Which kinds a token may be of, and which of them to tell. */
#include "tools/wire/decode_private.h"

#include <sodium.h>

#include "feeds/json.h"

/* In the order in which they are told. */
static const struct decode_row rows[] = {
	{ "secret file", OF_TEXT, true, secret_looks, secret_explain },
	{ "secret key", OF_TEXT, true, private_key_looks, private_key_explain },
	{ "words of a key", OF_TEXT, true, words_looks, words_explain },
	{ "id", OF_TEXT, false, id_looks, id_explain },
	{ "key or signature", OF_TEXT, false, key_text_looks,
	  key_text_explain },
	{ "channel", OF_TEXT, false, channel_looks, channel_explain },
	{ "SSB URI", OF_TEXT, false, uri_looks, uri_explain },
	{ "invite", OF_TEXT, false, invite_looks, invite_explain },
	{ "address", OF_TEXT, false, address_looks, address_explain },
	{ "link", OF_TEXT, false, link_looks, link_explain },
	{ "alias", OF_TEXT, false, alias_looks, alias_explain },
	{ "signed text", OF_TEXT, false, signed_text_looks,
	  signed_text_explain },
	{ "box", OF_TEXT, false, box_looks, box_explain },
	{ "message", OF_TEXT, false, message_looks, message_explain },
	{ "clock", OF_TEXT, false, notes_looks, notes_explain },
	{ "content", OF_TEXT, false, content_looks, content_explain },
	{ "pub", OF_TEXT, false, pub_object_looks, pub_object_explain },
	{ "alias answer", OF_TEXT, false, alias_object_looks,
	  alias_object_explain },
	{ "key pair", OF_BYTES, true, key_pair_looks, key_pair_explain },
	{ "bare bytes", OF_BYTES, false, raw_looks, raw_explain },
	{ "BFE", OF_BYTES, false, bfe_looks, bfe_explain },
	{ "bendybutt-v1 message", OF_BYTES, false, bendybutt_looks,
	  bendybutt_explain },
	{ "bencode", OF_BOTH, false, bencode_looks, bencode_explain },
	{ "buttwoo-v1 message", OF_BYTES, false, buttwoo_looks,
	  buttwoo_explain },
	{ "BIPF", OF_BYTES, false, bipf_looks, bipf_explain },
	{ "gabbygrove-v1 message", OF_BYTES, false, gabbygrove_looks,
	  gabbygrove_explain },
	{ "CBOR", OF_BYTES, false, cbor_looks, cbor_explain },
	{ "muxrpc packets", OF_BYTES, false, frames_looks, frames_explain },
	{ "sealed beacon", OF_BYTES, false, beacon_looks, beacon_explain },
};

/* A guess that failed before is no guess. */
enum { GUESS_BYTES_MIN = 8 };

/* Of one token: as it is, and in each spelling. */
enum { ROWS = sizeof(rows) / sizeof(rows[0]), READINGS_MAX = ROWS * 3 };

/* The bytes that a token may stand for. */
struct spelling {
	const char *encoding; /* NULL: as it is */
	struct kith_slice s;
	bool text; /* rows of texts are asked */
};

struct reading {
	size_t start, end; /* of scratch */
	bool sound, sure;
	size_t bytes, reached; /* the byte of the problem */
};

/* What is gathered of one token. */
struct readings {
	const struct decode_ways *ways;
	unsigned depth;
	struct kith_buf scratch;
	struct reading list[READINGS_MAX];
	size_t count, sound, sure;
	bool secret; /* nothing else is to be said */
};

static void put_problem(struct decode *d)
{
	if (!d->problem.code)
		return;
	decode_text(d, "problem", d->problem.text);
	decode_uint(d, "at", d->problem.offset);
}

static void explain(struct readings *r, const struct decode_row *row,
		    const struct spelling *sp, enum decode_looks looks)
{
	struct decode d = { .ways = r->ways, .out = &r->scratch,
			    .depth = r->depth };
	struct reading *it = &r->list[r->count];

	if (r->count == READINGS_MAX)
		return;
	it->start = r->scratch.n;
	kith_buf_byte(&r->scratch, '{');
	decode_text(&d, "kind", row->kind);
	if (sp->encoding)
		decode_text(&d, "encoding", sp->encoding);
	row->explain(&d, sp->s);
	put_problem(&d);
	kith_buf_byte(&r->scratch, '}');
	it->end = r->scratch.n;
	it->sound = !d.problem.code;
	it->sure = looks == LOOKS_SURE;
	it->bytes = sp->s.n;
	it->reached = d.problem.offset;
	r->count++;
	r->sound += it->sound;
	r->sure += it->sure;
}

static void ask_rows(struct readings *r, const struct spelling *sp)
{
	enum decode_looks looks;

	for (size_t i = 0; i < ROWS && !r->secret; i++) {
		if (!(rows[i].of & (sp->text ? OF_TEXT : OF_BYTES)))
			continue;
		looks = rows[i].looks(sp->s);
		if (!looks)
			continue;
		r->secret = rows[i].secret;
		if (r->secret)
			r->count = r->sound = r->sure = r->scratch.n = 0;
		explain(r, &rows[i], sp, looks);
	}
}

/* Bytes as they are, and, where they are a text, what is spelled in it: one
 * spelling after the other, until something sound was found. */
static void ask_spelled(struct readings *r, struct kith_slice s,
			const char *as)
{
	static const struct {
		const char *name;
		bool (*read)(struct kith_slice s, struct kith_buf *out);
	} spellings[] = {
		{ "hex", decode_from_hex },
		{ "base32", decode_from_base32 },
		{ "base64", decode_from_base64 },
	};
	struct kith_buf bytes = { .limit = DECODE_TOKEN_BYTES_MAX };
	bool text = decode_is_text(s);
	struct spelling sp = { as, s, text };

	if (text)
		sp.s = decode_trim(s);
	ask_rows(r, &sp);
	for (size_t i = 0; text && !as && i < 3 && !r->secret; i++) {
		kith_buf_reset(&bytes);
		if (!spellings[i].read(sp.s, &bytes))
			continue;
		if (decode_is_text(kith_bytes(&bytes)) && bytes.n > 3)
			ask_spelled(r, kith_bytes(&bytes), spellings[i].name);
		ask_rows(r, &(struct spelling){ spellings[i].name,
						kith_bytes(&bytes), false });
		if (r->sound)
			break;
	}
	if (bytes.p)
		sodium_memzero(bytes.p, bytes.cap);
	kith_buf_free(&bytes);
}

/* What is sound is told, and what surely is meant; of guesses that failed the
 * one that got furthest, if it got far and there is nothing else. */
static bool is_told(const struct readings *r, size_t i)
{
	const struct reading *it = &r->list[i];

	if (it->sound || it->sure)
		return true;
	if (r->sound || r->sure || it->reached < GUESS_BYTES_MIN ||
	    it->reached < it->bytes / 2)
		return false;
	for (size_t k = 0; k < r->count; k++)
		if (r->list[k].reached > it->reached ||
		    (r->list[k].reached == it->reached && k < i))
			return false;
	return true;
}

static bool tells_any(const struct readings *r)
{
	for (size_t i = 0; i < r->count; i++)
		if (is_told(r, i))
			return true;
	return false;
}

/* One object behind the other.  Damaged, where it surely is something and that
 * is not sound. */
static enum decode_result put_readings(struct readings *r,
				       struct kith_buf *out)
{
	enum decode_result result = r->sound ? DECODE_SOUND : DECODE_DAMAGED;
	const char *comma = "";

	for (size_t i = 0; i < r->count; i++) {
		const struct reading *it = &r->list[i];

		if (!is_told(r, i))
			continue;
		kith_buf_text(out, comma);
		kith_buf_put(out, (struct kith_slice){
					  r->scratch.p + it->start,
					  it->end - it->start });
		comma = ",";
		if (it->sure && !it->sound)
			result = DECODE_DAMAGED;
	}
	return result;
}

/* One pair of quotes is as somebody copied it. */
static struct kith_slice unquote(struct kith_slice s)
{
	struct kith_slice in = decode_trim(s);

	if (in.n < 3 || in.p[0] != '"' || in.p[in.n - 1] != '"' ||
	    memchr(in.p + 1, '"', in.n - 2))
		return s;
	return (struct kith_slice){ in.p + 1, in.n - 2 };
}

static void readings_init(struct readings *r, const struct decode_ways *ways,
			  unsigned depth)
{
	memset(r, 0, sizeof(*r));
	r->ways = ways;
	r->depth = depth;
	r->scratch.limit = DECODE_OUT_BYTES_MAX;
}

bool decode_nested(struct decode *d, const char *name, struct kith_slice s)
{
	enum decode_result result = DECODE_SOUND;
	struct readings r;
	bool any;

	if (d->depth == DECODE_DEPTH_MAX || !s.n)
		return false;
	readings_init(&r, d->ways, d->depth + 1);
	ask_spelled(&r, unquote(s), NULL);
	any = tells_any(&r);
	if (any && name)
		decode_open(d, name, '[');
	if (any)
		result = put_readings(&r, decode_member(d, NULL));
	if (any && name)
		decode_close(d, ']');
	if (result == DECODE_DAMAGED)
		decode_fail(d, 0, "what is in it is damaged");
	kith_buf_free(&r.scratch);
	return any;
}

enum decode_result decode_token(const struct decode_ways *ways,
				struct kith_slice token, struct kith_buf *out)
{
	enum decode_result result = DECODE_UNKNOWN;
	struct readings r;
	size_t had = out->n;

	readings_init(&r, ways, 0);
	ask_spelled(&r, unquote(token), NULL);
	if (tells_any(&r)) {
		kith_buf_text(out, "{\"bytes\":");
		kith_buf_uint(out, token.n);
		kith_buf_text(out, ",\"readings\":[");
		result = put_readings(&r, out);
		kith_buf_text(out, "]}");
	}
	if (r.scratch.err || out->err) {
		out->n = had;
		result = DECODE_NO_MEMORY;
	}
	kith_buf_free(&r.scratch);
	return result;
}

const char *decode_kind(size_t *at)
{
	return *at < ROWS ? rows[(*at)++].kind : NULL;
}
