/*
 * refs/addresses: addresses and invites as ssb-ref takes them.
 * multiserver-address: the grammar alone.
 */
#include <stdio.h>

#include "feeds/json.h"
#include "feeds/ref.h"
#include "src/wire/address.h"
#include "tests/vectors/trial.h"

/* The grammar's own answer, part by part. */

static void expect_part(struct trial *t, struct kith_slice part,
			struct kith_slice value)
{
	char plain[ADDRESS_BYTES_MAX + 1];

	if (!address_unescape(part, plain, sizeof(plain)) ||
	    !json_is(value, plain))
		trial_fail(t, "part %.*s is decoded otherwise", (int)part.n,
			   (const char *)part.p);
}

static void expect_protocol(struct trial *t, struct kith_slice protocol,
			    struct kith_slice decoded)
{
	struct kith_slice field, value = { NULL, 0 };
	struct kith_slice data = json_get(decoded, "data");
	size_t at = 0;

	if (address_next_field(&protocol, &field))
		expect_part(t, field, json_get(decoded, "name"));
	while (address_next_field(&protocol, &field)) {
		if (!json_next_element(data, &at, &value))
			trial_fail(t, "more fields than decoded");
		expect_part(t, field, value);
	}
	if (json_next_element(data, &at, &value))
		trial_fail(t, "fewer fields than decoded");
}

static void expect_decoded(struct trial *t, struct kith_slice list,
			   struct kith_slice decoded)
{
	struct kith_slice member, protocol, protocols, value;
	size_t at_member = 0, at;

	while (address_next_member(&list, &member)) {
		if (!json_next_element(decoded, &at_member, &protocols)) {
			trial_fail(t, "more members than decoded");
			return;
		}
		for (at = 0; address_next_protocol(&member, &protocol);)
			if (json_next_element(protocols, &at, &value))
				expect_protocol(t, protocol, value);
			else
				trial_fail(t, "more protocols than decoded");
		if (json_next_element(protocols, &at, &value))
			trial_fail(t, "fewer protocols than decoded");
	}
	if (json_next_element(decoded, &at_member, &value))
		trial_fail(t, "fewer members than decoded");
}

static void grammar_case(struct trial *t)
{
	struct kith_slice text = trial_text(t, trial_get(t, "s"));
	bool valid = json_says_true(trial_get(t, "valid"));
	enum kith_err err = address_check(text, NULL);

	if (valid && err == KITH_ETOOBIG) {
		trial_rule(t, "longer than 2048 bytes or 16 members");
		trial_expect_bool(t, "so long", true,
				  text.n > ADDRESS_BYTES_MAX ||
					  text.n >= 3 * ADDRESS_MEMBERS_MAX);
		return;
	}
	trial_expect_bool(t, "valid", err == KITH_OK, valid);
	if (err == KITH_OK && valid)
		expect_decoded(t, text, trial_get(t, "decoded"));
}

/* What of an address ours does not dial or does not take. */

static bool next_char_is(struct kith_slice s, size_t at, char c)
{
	return at < s.n && s.p[at] == (uint8_t)c;
}

/* The text has a member of a transport and transform that we know. */
static bool has_known_protocols(struct kith_slice list)
{
	struct kith_slice member, transport, transform, name;

	while (address_next_member(&list, &member)) {
		if (!address_next_protocol(&member, &transport) ||
		    !address_next_protocol(&member, &transform) ||
		    !address_next_field(&transport, &name))
			continue;
		if (!kith_equal(name, KITH_SLICE("net")) &&
		    !kith_equal(name, KITH_SLICE("unix")))
			continue;
		if (address_next_field(&transform, &name) &&
		    (kith_equal(name, KITH_SLICE("shs")) ||
		     kith_equal(name, KITH_SLICE("noauth"))))
			return true;
	}
	return false;
}

/* Every key and seed of the list is base64 of 32 bytes. */
static bool has_whole_keys(struct kith_slice list)
{
	struct kith_slice member, protocol, field;
	char sigil[KITH_REF_TEXT_BYTES];
	struct kith_feed_id feed;

	while (address_next_member(&list, &member))
		while (address_next_protocol(&member, &protocol)) {
			if (!address_next_field(&protocol, &field) ||
			    !kith_equal(field, KITH_SLICE("shs")))
				continue;
			while (address_next_field(&protocol, &field)) {
				snprintf(sigil, sizeof(sigil),
					 "@%.*s.ed25519", (int)field.n,
					 (const char *)field.p);
				if (field.n > 44 ||
				    kith_feed_parse(kith_text(sigil), &feed))
					return false;
			}
		}
	return true;
}

/* The number before "~" or ":@", which both forms have behind the port, is a
 * port; legacy addresses may leave it out. */
static bool has_port(struct kith_slice text)
{
	size_t end = 0, start;
	unsigned long port = 0;

	while (end < text.n && text.p[end] != '~' &&
	       !(text.p[end] == ':' && next_char_is(text, end + 1, '@')))
		end++;
	start = end;
	while (start > 0 && text.p[start - 1] != ':')
		start--;
	if (start == end)
		return next_char_is(text, end, ':');
	for (; start < end && port <= 65535; start++) {
		if (text.p[start] < '0' || text.p[start] > '9')
			return false;
		port = port * 10 + text.p[start] - '0';
	}
	return port >= 1 && port <= 65535;
}

static bool is_multiserver(struct kith_slice text)
{
	return memchr(text.p, '~', text.n) && !memmem(text.p, text.n, ":@", 2);
}

/* What is expected of ours, given what ssb-ref says. */
static bool apply_rules(struct trial *t, struct kith_slice text, bool expected)
{
	bool unix = text.n > 5 && !memcmp(text.p, "unix:", 5);

	if (!expected) {
		if (text.n && text.p[0] == '[' && !is_multiserver(text) &&
		    has_port(text)) {
			trial_rule(t, "brackets around IPv6 are taken off");
			return true;
		}
		return false;
	}
	if (is_multiserver(text) && !has_known_protocols(text)) {
		trial_rule(t, "protocols that we do not dial");
		return false;
	}
	if (is_multiserver(text) && !has_whole_keys(text)) {
		trial_rule(t, "key or seed must be 32 bytes");
		return false;
	}
	if (!unix && !has_port(text)) {
		trial_rule(t, "port must be from 1 to 65535");
		return false;
	}
	return true;
}

/* Where ssb-ref gives host, port and key, ours are the same. */
static void expect_parts(struct trial *t, const struct address *a,
			 struct kith_slice parsed)
{
	struct kith_feed_id id = { .format = KITH_CLASSIC };
	char key[KITH_REF_TEXT_BYTES];
	uint64_t port;

	if (json_kind(parsed) != JSON_KIND_OBJECT)
		return;
	memcpy(id.b, a->key, sizeof(id.b));
	kith_feed_print(&id, key);
	if (!json_is(json_get(parsed, "host"), a->host))
		trial_fail(t, "host is %s", a->host);
	if (!json_uint(json_get(parsed, "port"), &port) || port != a->port)
		trial_fail(t, "port is %u", a->port);
	if (!json_is(json_get(parsed, "key"), key))
		trial_fail(t, "key is %s", key);
}

/* An invite is an address with a seed; without its seed it is the remote. */
static void expect_remote(struct trial *t, const struct address *a,
			  struct kith_slice invite)
{
	char remote[ADDRESS_TEXT_BYTES];

	if (json_kind(invite) != JSON_KIND_OBJECT)
		return;
	address_print(a, false, remote);
	if (!json_is(json_get(invite, "remote"), remote))
		trial_fail(t, "remote is %s", remote);
}

static void address_case(struct trial *t)
{
	struct kith_slice text = trial_text(t, trial_get(t, "s"));
	struct kith_slice key = trial_get(t, "getKeyFromAddress");
	bool expected = json_says_true(trial_get(t, "isAddress")) ||
			json_says_true(trial_get(t, "isInvite"));
	char printed[KITH_REF_TEXT_BYTES];
	struct kith_feed_id id = { .format = KITH_CLASSIC };
	struct address a;

	expected = apply_rules(t, text, expected);
	if ((address_parse(text, &a, NULL) == KITH_OK) != expected) {
		trial_fail(t, expected ? "is refused" : "is taken");
		return;
	}
	if (!expected || t->rule)
		return;
	expect_parts(t, &a, trial_get(t, "parseAddress"));
	expect_remote(t, &a, trial_get(t, "parseInvite"));
	memcpy(id.b, a.key, sizeof(id.b));
	kith_feed_print(&id, printed);
	if (json_kind(key) == JSON_KIND_STRING && !json_is(key, printed))
		trial_fail(t, "key is %s", printed);
}

const struct vector_set sets_address[] = {
	{ "refs", "addresses.jsonl", false, address_case },
	{ "multiserver-address", "addresses.jsonl", false, grammar_case },
	{ NULL, NULL, false, NULL },
};
