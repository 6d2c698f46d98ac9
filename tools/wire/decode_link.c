/* What rooms and pages hand out: links, aliases, and the texts that are signed
 * there.  Source: protocol/07 sections 7.5 to 7.7. */
#include "tools/wire/decode_private.h"

#include "feeds/json.h"

enum { VALUE_BYTES_MAX = 64 * 1024, ALIAS_BYTES_MAX = 63,
       LINK_BYTES_MAX = 8192 };

/* --- aliases --- */

static void check_alias(struct decode *d, const struct decode_alias *a,
			const struct kith_feed_id *user)
{
	struct kith_buf text = { .limit = VALUE_BYTES_MAX };
	const char *verdict;

	kith_buf_text(&text, "=room-alias-registration:");
	kith_buf_put(&text, a->room);
	kith_buf_byte(&text, ':');
	kith_buf_put(&text, a->user);
	kith_buf_byte(&text, ':');
	kith_buf_put(&text, a->alias);
	verdict = decode_signature(user, kith_bytes(&text), a->signature);
	decode_text(d, "signature", verdict);
	if (strcmp(verdict, "good") != 0)
		decode_fail(d, 0, "its user did not sign it so");
	kith_buf_free(&text);
}

void decode_alias(struct decode *d, const struct decode_alias *a)
{
	struct kith_feed_id user, room;
	bool has_user = !kith_feed_parse(a->user, &user);
	bool has_room = !kith_feed_parse(a->room, &room);

	if (a->alias.n)
		decode_slice(d, "alias", a->alias);
	else
		decode_fail(d, 0, "it names no alias");
	if (has_user)
		decode_feed(d, "feed", &user);
	else
		decode_fail(d, 0, "its user is not the id of a feed");
	if (has_room)
		decode_feed(d, "room", &room);
	else
		decode_fail(d, 0, "its room is not the id of a feed");
	if (a->signature.n && has_user && has_room)
		check_alias(d, a, &user);
	else if (!a->signature.n)
		decode_fail(d, 0, "it is not signed");
	if (a->address.n)
		(void)decode_nested(d, "address", a->address);
}

static bool is_alias(struct kith_slice s)
{
	for (size_t i = 0; i < s.n; i++)
		if (!(s.p[i] >= 'a' && s.p[i] <= 'z') &&
		    !(s.p[i] >= '0' && s.p[i] <= '9') && s.p[i] != '-')
			return false;
	return s.n > 0 && s.n <= ALIAS_BYTES_MAX && s.p[0] != '-' &&
	       s.p[s.n - 1] != '-';
}

/* Names in lower case with a dot between, the last one of letters. */
static bool is_host(struct kith_slice s)
{
	struct kith_slice label, rest = s;
	size_t labels = 0;
	bool more = true;

	while (more) {
		more = decode_cut(rest, '.', &label, &rest);
		if (!is_alias(label))
			return false;
		labels++;
	}
	return labels > 1 && label.n > 1 && label.p[0] > '9';
}

static void put_alias(struct decode *d, struct kith_slice alias,
		      struct kith_slice room)
{
	decode_open(d, NULL, '{');
	decode_slice(d, "alias", alias);
	decode_slice(d, "room", room);
	decode_close(d, '}');
}

/* https://ALIAS.HOST, https://HOST/ALIAS, https://HOST/alias/ALIAS. */
static bool alias_in(struct decode *d, struct kith_slice host,
		     struct kith_slice path)
{
	struct kith_slice label, room, alias = path, more;
	bool by_host, by_path;

	if (decode_starts(alias, "alias/")) {
		alias.p += 6;
		alias.n -= 6;
	}
	(void)decode_cut(alias, '/', &alias, &more);
	by_path = is_alias(alias) && !more.n && is_host(host);
	by_host = !path.n && decode_cut(host, '.', &label, &room) &&
		  is_alias(label) && is_host(room) &&
		  !kith_equal(label, KITH_SLICE("www"));
	if (!by_path && !by_host)
		return false;
	decode_open(d, "aliases", '[');
	if (by_path)
		put_alias(d, alias, host);
	if (by_host)
		put_alias(d, label, room);
	decode_close(d, ']');
	return true;
}

enum decode_looks alias_looks(struct kith_slice s)
{
	struct kith_slice host, path;
	bool has_path = decode_cut(s, '/', &host, &path);

	return s.n < 256 && is_host(host) && (!has_path || is_alias(path))
		       ? LOOKS_MAYBE
		       : LOOKS_NOT;
}

void alias_explain(struct decode *d, struct kith_slice s)
{
	struct kith_slice host, path;

	(void)decode_cut(s, '/', &host, &path);
	decode_text(d, "is", "what may be somebody's alias in a room");
	if (!alias_in(d, host, path))
		decode_fail(d, 0, "ALIAS.ROOM or ROOM/ALIAS is one");
}

/* --- links --- */

/* One part of a path, a fragment or a parameter: a token? */
static bool carried(struct decode *d, struct kith_slice part)
{
	struct kith_buf plain = { .limit = VALUE_BYTES_MAX };
	struct kith_slice s;
	bool found = false;

	decode_from_percent(part, &plain);
	s = kith_bytes(&plain);
	if (id_looks(s) || uri_looks(s) || invite_looks(s) == LOOKS_SURE ||
	    address_looks(s) == LOOKS_SURE || box_looks(s))
		found = decode_nested(d, NULL, s);
	kith_buf_free(&plain);
	return found;
}

static size_t carried_by_path(struct decode *d, struct kith_slice path)
{
	struct kith_slice part, rest = path;
	bool more = path.n;
	size_t found = 0;

	/* Ids hold slashes, too: from each to the end first. */
	while (more && !found) {
		found += carried(d, rest);
		more = decode_cut(rest, '/', &part, &rest);
		if (!found)
			found += carried(d, part);
	}
	return found;
}

static size_t carried_by_query(struct decode *d, struct kith_slice query)
{
	struct kith_slice pair, key, value;
	bool more = query.n;
	size_t found = 0;

	while (more) {
		more = decode_cut(query, '&', &pair, &query);
		if (decode_cut(pair, '=', &key, &value))
			found += carried(d, value);
	}
	return found;
}

static bool has_parameter(struct kith_slice query, const char *name)
{
	struct kith_slice pair, key, value;
	bool more = query.n;

	while (more) {
		more = decode_cut(query, '&', &pair, &query);
		(void)decode_cut(pair, '=', &key, &value);
		if (kith_equal(key, kith_text(name)))
			return true;
	}
	return false;
}

/* The pages that rooms have; NULL: none of them. */
static const char *room_page(struct kith_slice path, struct kith_slice query)
{
	if (has_parameter(query, "ssb-http-auth"))
		return "a link to sign in to a room with your feed";
	if (decode_starts(path, "join") && (has_parameter(query, "invite") ||
					    has_parameter(query, "token")))
		return "an invite to a room: its page says more";
	return NULL;
}

enum decode_looks link_looks(struct kith_slice s)
{
	bool http = decode_starts(s, "https://") || decode_starts(s, "http://");

	return http && s.n <= LINK_BYTES_MAX && !decode_has(s, ' ')
		       ? LOOKS_SURE
		       : LOOKS_NOT;
}

static bool put_carried(struct decode *d, struct kith_slice path,
			struct kith_slice query, struct kith_slice fragment)
{
	struct kith_buf *out = d->out;
	size_t had = out->n, found;

	decode_open(d, "carries", '[');
	found = carried_by_path(d, path) + carried_by_query(d, query) +
		(fragment.n ? carried(d, fragment) : 0);
	decode_close(d, ']');
	if (!found)
		out->n = had;
	return found;
}

void link_explain(struct decode *d, struct kith_slice s)
{
	struct kith_slice rest, host, path, query, fragment;
	const char *page;
	bool known;

	(void)decode_cut(s, ':', &host, &rest);
	rest.p += 2;
	rest.n -= 2;
	(void)decode_cut(rest, '#', &rest, &fragment);
	(void)decode_cut(rest, '?', &rest, &query);
	(void)decode_cut(rest, '/', &host, &path);
	page = room_page(path, query);
	decode_text(d, "is", page ? page : "a link to a page");
	decode_slice(d, "host", host);
	known = put_carried(d, path, query, fragment);
	if (!known && !page && !alias_in(d, host, path))
		decode_fail(d, 0, "nothing of Scuttlebutt is in it");
}

/* --- texts that are signed --- */

static const struct {
	const char *start, *is;
	const char *fields[5];
} signed_texts[] = {
	{ "=room-alias-registration:",
	  "what a room's member signs to have an alias",
	  { "room", "feed", "alias", NULL } },
	{ "=http-auth-sign-in:", "what a client signs to sign in",
	  { "server", "feed", "serverChallenge", "clientChallenge", NULL } },
};

enum { SIGNED_TEXTS = sizeof(signed_texts) / sizeof(signed_texts[0]) };

static size_t signed_text(struct kith_slice s)
{
	size_t i = 0;

	while (i < SIGNED_TEXTS && !decode_starts(s, signed_texts[i].start))
		i++;
	return i;
}

enum decode_looks signed_text_looks(struct kith_slice s)
{
	return signed_text(s) < SIGNED_TEXTS ? LOOKS_SURE : LOOKS_NOT;
}

void signed_text_explain(struct decode *d, struct kith_slice s)
{
	size_t i = signed_text(s), n = strlen(signed_texts[i].start);
	const char *const *field = signed_texts[i].fields;
	struct kith_slice part, rest = { s.p + n, s.n - n };
	struct kith_feed_id id;
	bool more = true;

	decode_text(d, "is", signed_texts[i].is);
	for (; *field && more; field++) {
		size_t at = (size_t)(rest.p - s.p);

		more = decode_cut(rest, ':', &part, &rest);
		decode_slice(d, *field, part);
		if ((!strcmp(*field, "feed") || !strcmp(*field, "room") ||
		     !strcmp(*field, "server")) &&
		    kith_feed_parse(part, &id))
			decode_fail(d, at, "not the id of a feed");
	}
	if (*field || more)
		decode_fail(d, *field ? s.n : (size_t)(rest.p - s.p),
			    *field ? "%s is missing" : "more than %s is there",
			    *field ? *field : field[-1]);
}
