/* SSB URIs of every type.  Source: SSB URI specification 1.3; protocol/01
 * section 4; protocol/07 section 7. */
#include "tools/wire/decode_private.h"

#include "feeds/base64.h"

struct uri {
	struct kith_slice type, format, data, extra, query;
	bool canonical; /* its names are divided as they should be */
};

enum { KEY_CHARS = BASE64_CHARS(KITH_ID_BYTES), VALUE_BYTES_MAX = 64 * 1024 };

/* Up to the next slash or colon. */
static struct kith_slice take_part(struct kith_slice *rest, bool *slash)
{
	struct kith_slice part = { rest->p, 0 };

	while (part.n < rest->n && rest->p[part.n] != '/' &&
	       rest->p[part.n] != ':')
		part.n++;
	*slash = *slash && !(part.n < rest->n && rest->p[part.n] == ':');
	if (part.n == rest->n) {
		*rest = (struct kith_slice){ rest->p + rest->n, 0 };
		return part;
	}
	rest->p += part.n + 1;
	rest->n -= part.n + 1;
	return part;
}

static void read_uri(struct kith_slice s, struct uri *out)
{
	struct kith_slice rest = { s.p + 4, s.n - 4 };

	*out = (struct uri){ .canonical = !decode_starts(rest, "//") };
	if (!out->canonical) {
		rest.p += 2;
		rest.n -= 2;
	}
	(void)decode_cut(rest, '#', &rest, &out->query);
	(void)decode_cut(rest, '?', &rest, &out->query);
	out->type = take_part(&rest, &out->canonical);
	out->format = take_part(&rest, &out->canonical);
	out->data = take_part(&rest, &out->canonical);
	out->extra = rest;
}

/* A parameter without its escapes, in a buffer of the caller; a plus that was
 * taken for a space is one again. */
static bool query_get(struct kith_slice query, const char *name,
		      struct kith_buf *out)
{
	struct kith_slice pair, key, value;
	bool more = query.n;

	kith_buf_reset(out);
	while (more) {
		more = decode_cut(query, '&', &pair, &query);
		(void)decode_cut(pair, '=', &key, &value);
		if (!kith_equal(key, kith_text(name)))
			continue;
		decode_from_percent(value, out);
		for (size_t i = 0; i < out->n; i++)
			if (out->p[i] == ' ')
				out->p[i] = '+';
		return true;
	}
	return false;
}

/* 32 bytes of URL-safe base64 in its canonical form. */
static bool read_key(struct kith_slice text, uint8_t out[static KITH_ID_BYTES])
{
	struct kith_buf plain = { .limit = 4 * KEY_CHARS };
	bool good;

	decode_from_percent(text, &plain);
	for (size_t i = 0; i < plain.n; i++) {
		if (plain.p[i] == '-')
			plain.p[i] = '+';
		else if (plain.p[i] == '_')
			plain.p[i] = '/';
	}
	good = base64_decode(kith_bytes(&plain), out, KITH_ID_BYTES);
	kith_buf_free(&plain);
	return good;
}

/* --- experimental: actions --- */

static void explain_claim(struct decode *d, struct kith_slice query,
			  struct kith_buf *value)
{
	decode_text(d, "is", "an invite to a room, to be claimed over HTTP");
	if (query_get(query, "invite", value))
		decode_slice(d, "invite", kith_bytes(value));
	else
		decode_fail(d, 0, "it has no invite");
	if (query_get(query, "postTo", value))
		decode_slice(d, "postTo", kith_bytes(value));
	else
		decode_fail(d, 0, "it has no postTo");
}

static void explain_consume(struct decode *d, struct kith_slice query)
{
	static const char *const names[] = { "alias", "userId", "roomId",
					     "signature",
					     "multiserverAddress" };
	struct kith_buf values[5];
	struct kith_slice s[5];

	decode_text(d, "is", "the alias of somebody in a room");
	for (size_t i = 0; i < 5; i++) {
		values[i] = (struct kith_buf){ .limit = VALUE_BYTES_MAX };
		(void)query_get(query, names[i], &values[i]);
		s[i] = kith_bytes(&values[i]);
	}
	decode_alias(d, &(struct decode_alias){ s[0], s[1], s[2], s[3],
						s[4] });
	for (size_t i = 0; i < 5; i++)
		kith_buf_free(&values[i]);
}

static void explain_sign_in(struct decode *d, struct kith_slice query,
			    struct kith_buf *value)
{
	struct kith_feed_id server;

	decode_text(d, "is", "a wish to sign in to a room's pages");
	if (query_get(query, "sid", value) &&
	    !kith_feed_parse(kith_bytes(value), &server))
		decode_feed(d, "server", &server);
	else
		decode_fail(d, 0, "sid is not the id of a feed");
	if (query_get(query, "sc", value))
		decode_slice(d, "challenge", kith_bytes(value));
	else
		decode_fail(d, 0, "it has no sc, the server's challenge");
	if (query_get(query, "multiserverAddress", value))
		(void)decode_nested(d, "address", kith_bytes(value));
}

static void explain_action(struct decode *d, struct kith_slice query)
{
	struct kith_buf action = { .limit = VALUE_BYTES_MAX };
	struct kith_buf value = { .limit = VALUE_BYTES_MAX };
	struct kith_slice a;

	(void)query_get(query, "action", &action);
	a = kith_bytes(&action);
	decode_slice(d, "action", a);
	if (kith_equal(a, KITH_SLICE("claim-http-invite"))) {
		explain_claim(d, query, &value);
	} else if (kith_equal(a, KITH_SLICE("consume-alias"))) {
		explain_consume(d, query);
	} else if (kith_equal(a, KITH_SLICE("start-http-auth"))) {
		explain_sign_in(d, query, &value);
	} else {
		decode_text(d, "is", "an action for an application");
		decode_fail(d, 0, "no such action is known");
	}
	kith_buf_free(&action);
	kith_buf_free(&value);
}

/* --- the others --- */

static void explain_address(struct decode *d, struct kith_slice query)
{
	struct kith_buf value = { .limit = VALUE_BYTES_MAX };

	decode_text(d, "is", "the address of a peer");
	if (!query_get(query, "multiserverAddress", &value))
		decode_fail(d, 0, "it has no multiserverAddress");
	else if (!decode_nested(d, "address", kith_bytes(&value)))
		decode_fail(d, 0, "multiserverAddress is no address");
	kith_buf_free(&value);
}

/* Keys and identities that are no feed, message or blob. */
static const struct {
	const char *type, *format, *is, *bfe;
} keys[] = {
	{ "encryption-key", "box2-dm-dh",
	  "a public key for private messages", "0300" },
	{ "encryption-key", "box2-pobox-dh",
	  "the public key of a po-box", "0301" },
	{ "identity", "po-box", "a po-box: a key that several hold", "0700" },
	{ "identity", "group", "a private group", "0701" },
	{ "identity", "fusion", "an identity that several feeds share", "" },
};

enum { KEYS = sizeof(keys) / sizeof(keys[0]) };

static bool explain_key(struct decode *d, const struct uri *u,
			struct kith_slice s)
{
	uint8_t key[KITH_ID_BYTES];
	size_t i = 0;

	while (i < KEYS && !(kith_equal(u->type, kith_text(keys[i].type)) &&
			     kith_equal(u->format, kith_text(keys[i].format))))
		i++;
	if (i == KEYS)
		return false;
	decode_text(d, "is", keys[i].is);
	if (read_key(u->data, key))
		decode_hex(d, "hex", (struct kith_slice){ key, sizeof(key) });
	else
		decode_fail(d, (size_t)(u->data.p - s.p),
			    "no 32 bytes of canonical base64");
	return true;
}

/* A feed of buttwoo-v1 may name the message that opened it. */
static void explain_ref(struct decode *d, const struct uri *u,
			struct kith_slice s)
{
	struct kith_msg_id parent = { .format = KITH_BUTTWOO_V1 };
	bool has_parent = u->extra.n &&
			  kith_equal(u->type, KITH_SLICE("feed")) &&
			  kith_equal(u->format, KITH_SLICE("buttwoo-v1"));
	struct kith_error e = { 0 };
	struct kith_ref ref = { 0 };
	struct kith_slice whole = s;

	if (has_parent)
		whole.n = (size_t)(u->data.p + u->data.n - s.p);
	if (kith_ref_parse(whole, &ref, &e)) {
		decode_text(d, "is", "a reference");
		decode_slice(d, "type", u->type);
		decode_slice(d, "format", u->format);
		decode_fail(d, e.offset, "%s", e.text);
		return;
	}
	decode_ref(d, &ref);
	if (has_parent && read_key(u->extra, parent.b))
		decode_msg(d, "parent", &parent);
	else if (u->extra.n)
		decode_fail(d, (size_t)(u->extra.p - s.p),
			    "more than the id stands there");
}

enum decode_looks uri_looks(struct kith_slice s)
{
	return decode_starts(s, "ssb:") && !decode_has(s, ' ')
		       ? LOOKS_SURE
		       : LOOKS_NOT;
}

void uri_explain(struct decode *d, struct kith_slice s)
{
	struct uri u;

	read_uri(s, &u);
	if (kith_equal(u.type, KITH_SLICE("experimental")))
		explain_action(d, u.query);
	else if (kith_equal(u.type, KITH_SLICE("address")))
		explain_address(d, u.query);
	else if (!explain_key(d, &u, s))
		explain_ref(d, &u, s);
	if (!u.canonical)
		decode_text(d, "note", "ssb:TYPE/FORMAT/... is the form to "
				       "write it in");
}
