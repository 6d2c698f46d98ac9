/* Where peers are: addresses, invites, beacons.  Source: protocol/01 sections 5
 * to 7; protocol/07 section 1. */
#include "tools/wire/decode_private.h"

#include <sodium.h>

#include "feeds/base64.h"
#include "feeds/json.h"
#include "feeds/signer.h"
#include "src/wire/address.h"

/* The seed of every open invite to a room of the first kind. */
#define ROOM_SEED "SSB+Room+PSK3TLYC2T86EHQCUHBUHASCASE18JBV24="

enum { KEY_CHARS = BASE64_CHARS(KITH_PUBLIC_BYTES),
       SEED_CHARS_MIN = KEY_CHARS - 4,
       BEACON_BYTES_MIN = KITH_SIGNATURE_BYTES + 16 + 14,
       BEACON_BYTES_MAX = 1024 };

/* A public key, or a seed: whose it is. */
static bool put_key(struct decode *d, const char *name, struct kith_slice text)
{
	uint8_t key[KITH_PUBLIC_BYTES];

	if (text.n != KEY_CHARS || !base64_decode(text, key, sizeof(key)))
		return false;
	decode_key(d, name, key);
	return true;
}

/* Who a guest with this seed is; the seed itself is nobody's business. */
static bool put_guest(struct decode *d, struct kith_slice text)
{
	uint8_t seed[KITH_SEED_BYTES];
	struct kith_signer *guest = NULL;

	if (kith_equal(text, KITH_SLICE(ROOM_SEED))) {
		decode_text(d, "guest", "anybody: the seed that rooms have");
		return true;
	}
	if (text.n == KEY_CHARS && base64_decode(text, seed, sizeof(seed)))
		guest = kith_signer_from_seed(seed);
	sodium_memzero(seed, sizeof(seed));
	if (!guest)
		return false;
	decode_feed(d, "guest", kith_signer_id(guest));
	kith_signer_free(guest);
	return true;
}

/* --- one protocol of one member --- */

static const struct {
	const char *name, *means;
} protocols[] = {
	{ "net", "TCP" }, { "ws", "WebSocket" }, { "wss", "WebSocket in TLS" },
	{ "onion", "TCP through Tor" }, { "unix", "a socket of this machine" },
	{ "tunnel", "through a room" }, { "dht", "a meeting in a hash table" },
	{ "bt", "Bluetooth" }, { "shs", "secret handshake" },
	{ "noauth", "in clear, as its owner" },
};

enum { PROTOCOLS = sizeof(protocols) / sizeof(protocols[0]) };

static const char *meaning(struct kith_slice name)
{
	for (size_t i = 0; i < PROTOCOLS; i++)
		if (kith_equal(name, kith_text(protocols[i].name)))
			return protocols[i].means;
	return NULL;
}

static void put_shs(struct decode *d, struct kith_slice rest, size_t at)
{
	struct kith_slice field;

	if (!address_next_field(&rest, &field) || !put_key(d, "feed", field))
		decode_fail(d, at, "its key is not 32 bytes of base64");
	if (address_next_field(&rest, &field) && !put_guest(d, field))
		decode_fail(d, (size_t)at, "its seed is not 32 bytes of "
					   "base64");
}

static void put_tunnel(struct decode *d, struct kith_slice rest, size_t at)
{
	static const char *const names[] = { "room", "target" };
	struct kith_feed_id id;
	struct kith_slice field;

	for (size_t i = 0; i < 2; i++)
		if (address_next_field(&rest, &field) &&
		    !kith_feed_parse(field, &id))
			decode_feed(d, names[i], &id);
		else
			decode_fail(d, at, "its %s is not the id of a feed",
				    names[i]);
}

static bool is_base64(uint8_t c)
{
	return (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') ||
	       (c >= '0' && c <= '9') || c == '+' || c == '/';
}

/* Of an address with a mistake in it, a seed may stand where a place should,
 * or most of one.  The long names of Tor have no capitals. */
static bool may_hold_seed(struct kith_slice s)
{
	size_t run = 0, capitals = 0;

	for (size_t i = 0; i < s.n; i++) {
		run = is_base64(s.p[i]) ? run + 1 : 0;
		capitals = run ? capitals + (s.p[i] >= 'A' && s.p[i] <= 'Z')
			       : 0;
		if (run >= SEED_CHARS_MIN && capitals)
			return true;
	}
	return false;
}

/* Host and port as they were written; a seed stays hidden. */
static void put_fields(struct decode *d, struct kith_slice name,
		       struct kith_slice rest, size_t at)
{
	char text[ADDRESS_HOST_BYTES];

	if (kith_equal(name, KITH_SLICE("shs")))
		put_shs(d, rest, at);
	else if (kith_equal(name, KITH_SLICE("tunnel")))
		put_tunnel(d, rest, at);
	else if (kith_equal(name, KITH_SLICE("dht")))
		decode_text(d, "note", "a seed and an id; nobody answers "
				       "there any more");
	else if (may_hold_seed(rest))
		decode_text(d, "note", "where that is is not shown: it has a "
				       "key or a seed in it");
	else if (rest.n && address_unescape(rest, text, sizeof(text)))
		decode_text(d, "at", text);
}

static void put_protocol(struct decode *d, struct kith_slice protocol,
			 size_t at)
{
	struct kith_slice name;
	const char *means;

	if (!address_next_field(&protocol, &name))
		return;
	means = meaning(name);
	decode_open(d, NULL, '{');
	decode_slice(d, "protocol", name);
	if (means)
		decode_text(d, "means", means);
	else
		decode_fail(d, at, "no protocol of that name is known");
	put_fields(d, name, protocol, at);
	decode_close(d, '}');
}

static void put_member(struct decode *d, struct kith_slice member,
		       const uint8_t *start)
{
	struct kith_slice protocol, rest = member;
	struct address a;

	decode_open(d, NULL, '{');
	decode_open(d, "protocols", '[');
	while (address_next_protocol(&rest, &protocol))
		put_protocol(d, protocol, (size_t)(protocol.p - start));
	decode_close(d, ']');
	decode_bool(d, "dialled", !address_parse(member, &a, NULL));
	decode_close(d, '}');
}

/* --- addresses and invites --- */

/* HOST:PORT:@..., however it goes on. */
static bool is_legacy(struct kith_slice s)
{
	size_t at = decode_find(s, ":@"), port = at;

	while (port && s.p[port - 1] >= '0' && s.p[port - 1] <= '9')
		port--;
	return at < s.n && port > 1 && port < at && s.p[port - 1] == ':' &&
	       s.p[0] != '=' && !memchr(s.p, '/', at);
}

static void put_legacy(struct decode *d, struct kith_slice s)
{
	char text[ADDRESS_TEXT_BYTES];
	struct kith_error e = { 0 };
	struct address a;

	if (decode_find(s, ".ed25519") == s.n)
		decode_fail(d, s.n, "its key breaks off");
	if (address_parse(s, &a, &e)) {
		decode_fail(d, e.offset, "%s", e.text);
		return;
	}
	decode_text(d, "host", a.host);
	decode_uint(d, "port", a.port);
	decode_key(d, "feed", a.key);
	address_print(&a, false, text);
	decode_text(d, "address", text);
}

/* Without what some put around it: quotes, and where to go then. */
static struct kith_slice bare(struct kith_slice s)
{
	struct kith_slice fragment;

	if (decode_has(s, '~') || !is_legacy(s))
		(void)decode_cut(s, '#', &s, &fragment);
	return s;
}

static bool multiserver_seed(struct kith_slice s)
{
	size_t at = decode_find(s, "~shs:");
	struct kith_slice key, seed;

	if (at == s.n)
		return false;
	s = (struct kith_slice){ s.p + at + 5, s.n - at - 5 };
	return decode_cut(s, ':', &key, &seed) && seed.n >= KEY_CHARS / 2 &&
	       key.n <= KEY_CHARS && !decode_has(key, ';');
}

static bool legacy_seed(struct kith_slice s)
{
	return is_legacy(s) && decode_find(s, ".ed25519~") < s.n &&
	       decode_find(s, "~shs:") == s.n;
}

enum decode_looks invite_looks(struct kith_slice s)
{
	if (s.n > ADDRESS_BYTES_MAX || decode_has(s, ' '))
		return LOOKS_NOT;
	return multiserver_seed(s) || legacy_seed(s) ||
			       decode_starts(s, "inv:") ||
			       decode_starts(s, "dht:")
		       ? LOOKS_SURE
		       : LOOKS_NOT;
}

static void explain_legacy_invite(struct decode *d, struct kith_slice s)
{
	size_t at = decode_find(s, ".ed25519~");
	struct kith_slice seed = { s.p + at + 9, s.n - at - 9 };

	decode_text(d, "is", "an invite of a pub: it follows whoever uses it");
	put_legacy(d, (struct kith_slice){ s.p, at + 8 });
	if (!put_guest(d, seed))
		decode_fail(d, at + 9, "its seed is not 32 bytes of base64");
}

static void put_members(struct decode *d, struct kith_slice s)
{
	struct kith_slice member, rest = s;
	struct kith_error e = { 0 };

	if (address_check(s, &e))
		decode_fail(d, e.offset, "%s", e.text);
	decode_open(d, "members", '[');
	for (size_t i = 0; i < ADDRESS_MEMBERS_MAX &&
			   address_next_member(&rest, &member); i++)
		put_member(d, member, s.p);
	decode_close(d, ']');
}

/* inv:SEED,MESSAGE,CAP,ADDRESS,... */
static void explain_peer_invite(struct decode *d, struct kith_slice s)
{
	struct kith_slice part, rest = { s.p + 4, s.n - 4 };
	struct kith_msg_id msg;
	bool more = decode_cut(rest, ',', &part, &rest);

	decode_text(d, "is", "an invite of a person, of a kind that is used "
			     "no more");
	if (!put_guest(d, part))
		decode_fail(d, 4, "its seed is not 32 bytes of base64");
	if (!more || (decode_cut(rest, ',', &part, &rest),
		      kith_msg_parse(part, &msg)))
		decode_fail(d, 4, "it names no message");
	else
		decode_msg(d, "id", &msg);
}

void invite_explain(struct decode *d, struct kith_slice s)
{
	s = bare(s);
	if (decode_starts(s, "inv:")) {
		explain_peer_invite(d, s);
	} else if (decode_starts(s, "dht:")) {
		decode_text(d, "is", "an invite over a hash table, which "
				     "nobody answers any more");
	} else if (legacy_seed(s)) {
		explain_legacy_invite(d, s);
	} else {
		decode_text(d, "is", decode_find(s, ROOM_SEED) < s.n
					     ? "an open invite to a room"
					     : "an invite of a pub: it "
					       "follows whoever uses it");
		put_members(d, s);
	}
}

enum decode_looks address_looks(struct kith_slice s)
{
	static const char *const starts[] = { "net:", "ws:", "wss:", "onion:",
					      "unix:", "tunnel:", "bt:" };

	if (!s.n || s.n > ADDRESS_BYTES_MAX * 2 || decode_has(s, ' ') ||
	    s.p[0] == '{' || s.p[0] == '@' || invite_looks(s))
		return LOOKS_NOT;
	for (size_t i = 0; i < sizeof(starts) / sizeof(starts[0]); i++)
		if (decode_starts(s, starts[i]))
			return LOOKS_SURE;
	if (decode_starts(s, "http") || decode_starts(s, "ssb:"))
		return LOOKS_NOT;
	return decode_find(s, "~shs:") < s.n || is_legacy(s) ? LOOKS_SURE
							     : LOOKS_NOT;
}

void address_explain(struct decode *d, struct kith_slice s)
{
	decode_text(d, "is", "where a peer can be reached; as a packet on "
			     "UDP port 8008, its beacon");
	if (is_legacy(s) && decode_find(s, "~shs:") == s.n)
		put_legacy(d, s);
	else
		put_members(d, s);
}

/* --- sealed beacons --- */

enum decode_looks beacon_looks(struct kith_slice s)
{
	return s.n >= BEACON_BYTES_MIN && s.n <= BEACON_BYTES_MAX
		       ? LOOKS_MAYBE
		       : LOOKS_NOT;
}

static void check_beacon(struct decode *d, struct kith_slice json,
			 const uint8_t *signature)
{
	char text[2 * KITH_SIGNATURE_BYTES];
	struct kith_buf signing = { .limit = 2 * BEACON_BYTES_MAX };
	struct kith_slice address = json_plain(json_get(json, "address"));
	struct kith_feed_id by = { .format = KITH_CLASSIC };
	struct address a;

	if (address_parse(address, &a, NULL) || !a.has_key) {
		decode_fail(d, 0, "it names no address to dial");
		return;
	}
	(void)decode_nested(d, "address", address);
	memcpy(by.b, a.key, sizeof(by.b));
	json_pretty(json, &signing);
	base64_encode((struct kith_slice){ signature, KITH_SIGNATURE_BYTES },
		      text);
	decode_text(d, "signature",
		    decode_signature(&by, kith_bytes(&signing),
				     (struct kith_slice){
					     (const uint8_t *)text,
					     BASE64_CHARS(
						     KITH_SIGNATURE_BYTES) }));
	kith_buf_free(&signing);
}

void beacon_explain(struct decode *d, struct kith_slice s)
{
	uint8_t plain[BEACON_BYTES_MAX];
	struct kith_slice json = { plain, s.n - KITH_SIGNATURE_BYTES -
						  crypto_secretbox_MACBYTES };
	const uint8_t *key = d->ways->app_key;

	decode_text(d, "is", "a sealed beacon of a peer in the local network");
	if (!key ||
	    crypto_secretbox_open_easy(plain, s.p, s.n - KITH_SIGNATURE_BYTES,
				       key, key) ||
	    json_check(json, NULL, NULL))
		decode_fail(d, 0, "it does not open with this network's key");
	else
		check_beacon(d, json, s.p + s.n - KITH_SIGNATURE_BYTES);
}
