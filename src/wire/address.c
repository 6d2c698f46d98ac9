#include "src/wire/address.h"

#include "feeds/base64.h"
#include "feeds/ref.h"

enum { KEY_CHARS = BASE64_CHARS(KITH_PUBLIC_BYTES), PORT_MAX = 65535 };

/* Takes what stands before the first separator that is not escaped. */
static bool take_part(struct kith_slice *rest, uint8_t separator,
		      struct kith_slice *part)
{
	size_t n = 0;

	if (!rest->p)
		return false;
	while (n < rest->n && rest->p[n] != separator)
		n += rest->p[n] == '!' && n + 1 < rest->n ? 2 : 1;
	*part = (struct kith_slice){ rest->p, n };
	if (n == rest->n)
		*rest = (struct kith_slice){ NULL, 0 };
	else
		*rest = (struct kith_slice){ rest->p + n + 1, rest->n - n - 1 };
	return true;
}

bool address_next_member(struct kith_slice *rest, struct kith_slice *member)
{
	return take_part(rest, ';', member);
}

bool address_next_protocol(struct kith_slice *rest,
			   struct kith_slice *protocol)
{
	return take_part(rest, '~', protocol);
}

bool address_next_field(struct kith_slice *rest, struct kith_slice *field)
{
	return take_part(rest, ':', field);
}

bool address_unescape(struct kith_slice part, char *out, size_t size)
{
	size_t n = 0;

	for (size_t i = 0; i < part.n; i++) {
		if (part.p[i] == '!' && i + 1 < part.n)
			i++;
		if (n + 1 >= size)
			return false;
		out[n++] = (char)part.p[i];
	}
	out[n] = '\0';
	return true;
}

static bool is_name(struct kith_slice s)
{
	if (s.n < 2 || s.p[0] < 'a' || s.p[0] > 'z')
		return false;
	for (size_t i = 1; i < s.n; i++)
		if (!(s.p[i] >= 'a' && s.p[i] <= 'z') &&
		    !(s.p[i] >= '0' && s.p[i] <= '9') && s.p[i] != '-')
			return false;
	return true;
}

/* The first character of data that the grammar has no place for; s.n if there
 * is none.  Separators stand between fields, so all seen here are escaped. */
static size_t bad_data(struct kith_slice s)
{
	for (size_t i = 0; i < s.n; i++) {
		if (s.p[i] == '!') {
			if (i + 1 == s.n || !memchr("!~:;", s.p[i + 1], 4))
				return i;
			i++;
		} else if (s.p[i] <= ' ' || s.p[i] > '}') {
			return i;
		}
	}
	return s.n;
}

/* One protocol: a name, then fields of data. */
static enum kith_err check_protocol(struct kith_slice protocol,
				    const uint8_t *start, struct kith_error *e)
{
	struct kith_slice field;

	if (!address_next_field(&protocol, &field) || !is_name(field))
		return kith_fail(e, KITH_EFORMAT, (size_t)(field.p - start),
				 "address has no protocol name here");
	while (address_next_field(&protocol, &field)) {
		size_t bad = bad_data(field);

		if (bad < field.n)
			return kith_fail(e, KITH_EFORMAT,
					 (size_t)(field.p - start) + bad,
					 "address has a bad character");
	}
	return KITH_OK;
}

static enum kith_err check_member(struct kith_slice member,
				  const uint8_t *start, struct kith_error *e)
{
	struct kith_slice protocol;
	enum kith_err err = KITH_OK;

	while (!err && address_next_protocol(&member, &protocol))
		err = check_protocol(protocol, start, e);
	return err;
}

static enum kith_err check_limits(struct kith_slice list, struct kith_error *e)
{
	struct kith_slice member;
	size_t members = 0;

	if (list.n == 0)
		return kith_fail(e, KITH_EFORMAT, 0, "address is empty");
	if (list.n > ADDRESS_BYTES_MAX)
		return kith_fail(e, KITH_ETOOBIG, ADDRESS_BYTES_MAX,
				 "address is longer than %d bytes",
				 ADDRESS_BYTES_MAX);
	while (address_next_member(&list, &member))
		if (++members > ADDRESS_MEMBERS_MAX)
			return kith_fail(e, KITH_ETOOBIG, 0,
					 "address has more than %d members",
					 ADDRESS_MEMBERS_MAX);
	return KITH_OK;
}

enum kith_err address_check(struct kith_slice list, struct kith_error *e)
{
	const uint8_t *start = list.p;
	struct kith_slice member;
	enum kith_err err = check_limits(list, e);

	while (!err && address_next_member(&list, &member))
		err = check_member(member, start, e);
	return err;
}

static bool is_letter_or_digit(uint8_t c)
{
	return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') ||
	       (c >= 'A' && c <= 'Z');
}

/* A zone is the name of an interface. */
static bool is_zone(struct kith_slice zone)
{
	for (size_t i = 0; i < zone.n; i++)
		if (!is_letter_or_digit(zone.p[i]) &&
		    !memchr("-._", zone.p[i], 3))
			return false;
	return zone.n > 0;
}

static bool is_ipv6(struct kith_slice host)
{
	size_t colons = 0, n = 0;

	for (; n < host.n && host.p[n] != '%'; n++) {
		if (!memchr("0123456789abcdefABCDEF:.", host.p[n], 24))
			return false;
		colons += host.p[n] == ':';
	}
	return colons >= 2 &&
	       (n == host.n || is_zone((struct kith_slice){
				       host.p + n + 1, host.n - n - 1 }));
}

/* A domain or an IPv4 address: labels with no hyphen at either end. */
static bool is_domain(struct kith_slice host)
{
	bool inside = false; /* the character before may end a label */

	for (size_t i = 0; i < host.n; i++) {
		uint8_t c = host.p[i];
		uint8_t next = i + 1 < host.n ? host.p[i + 1] : '.';

		if (!is_letter_or_digit(c) &&
		    !(inside && (c == '.' || (c == '-' && next != '.'))))
			return false;
		inside = c != '.';
	}
	return inside;
}

static struct kith_slice strip_brackets(struct kith_slice host)
{
	struct kith_slice inside = { host.p + 1, host.n > 2 ? host.n - 2 : 0 };

	if (host.n > 2 && host.p[0] == '[' && host.p[host.n - 1] == ']' &&
	    is_ipv6(inside))
		return inside;
	return host;
}

static bool ends_with(struct kith_slice s, struct kith_slice end)
{
	return s.n >= end.n && !memcmp(s.p + s.n - end.n, end.p, end.n);
}

static bool parse_port(struct kith_slice text, uint16_t *port)
{
	uint32_t n = 0;

	for (size_t i = 0; i < text.n; i++) {
		if (text.p[i] < '0' || text.p[i] > '9')
			return false;
		n = n * 10 + (uint32_t)(text.p[i] - '0');
		if (n > PORT_MAX)
			return false;
	}
	*port = (uint16_t)n;
	return n > 0;
}

static bool parse_key(struct kith_slice text, uint8_t key[static 32])
{
	return text.n == KEY_CHARS && base64_decode(text, key, 32);
}

static void copy_host(struct kith_slice host,
		      char out[static ADDRESS_HOST_BYTES])
{
	memcpy(out, host.p, host.n);
	out[host.n] = '\0';
}

/* Cuts s at its last colon; false if it has none. */
static bool cut_last(struct kith_slice s, struct kith_slice *before,
		     struct kith_slice *after)
{
	size_t n = s.n;

	while (n > 0 && s.p[n - 1] != ':')
		n--;
	if (n == 0)
		return false;
	*before = (struct kith_slice){ s.p, n - 1 };
	*after = (struct kith_slice){ s.p + n, s.n - n };
	return true;
}

/* Fields after the name "net", escapes and all: HOST:PORT, where bare colons
 * before the last belong to the host. */
static enum kith_err parse_net(struct kith_slice rest, struct address *a,
			       struct kith_error *e)
{
	struct kith_slice host = rest, port = rest;
	char text[ADDRESS_HOST_BYTES];

	while (address_next_field(&rest, &port))
		;
	if (port.p == host.p)
		return kith_fail(e, KITH_EFORMAT, 0, "address has no port");
	host.n = (size_t)(port.p - host.p) - 1;
	if (!parse_port(port, &a->port))
		return kith_fail(e, KITH_EFORMAT, 0,
				 "port is not a number from 1 to %d",
				 PORT_MAX);
	if (!address_unescape(host, text, sizeof(text)))
		return kith_fail(e, KITH_EFORMAT, 0, "host is too long");
	host = strip_brackets(kith_text(text));
	copy_host(host.n ? host : KITH_SLICE("localhost"), a->host);
	a->transport = ADDRESS_NET;
	return KITH_OK;
}

static enum kith_err parse_unix(struct kith_slice rest, struct address *a,
				struct kith_error *e)
{
	if (rest.n == 0 || !address_unescape(rest, a->host, sizeof(a->host)))
		return kith_fail(e, KITH_EFORMAT, 0,
				 "path is empty or too long");
	a->transport = ADDRESS_UNIX;
	return KITH_OK;
}

static enum kith_err unsupported(struct kith_slice name, struct kith_error *e)
{
	return kith_fail(e, KITH_EFORMAT, 0, "unsupported protocol \"%.*s\"",
			 (int)(name.n < 32 ? name.n : 32),
			 (const char *)name.p);
}

static enum kith_err parse_transport(struct kith_slice protocol,
				     struct address *a, struct kith_error *e)
{
	struct kith_slice name;

	if (!address_next_field(&protocol, &name))
		return kith_fail(e, KITH_EFORMAT, 0, "address is empty");
	if (kith_equal(name, KITH_SLICE("net")))
		return parse_net(protocol, a, e);
	if (kith_equal(name, KITH_SLICE("unix")))
		return parse_unix(protocol, a, e);
	return unsupported(name, e);
}

static enum kith_err parse_transform(struct kith_slice protocol,
				     struct address *a, struct kith_error *e)
{
	struct kith_slice name, field;

	if (!address_next_field(&protocol, &name))
		return kith_fail(e, KITH_EFORMAT, 0, "address is empty");
	a->noauth = kith_equal(name, KITH_SLICE("noauth"));
	if (!a->noauth && !kith_equal(name, KITH_SLICE("shs")))
		return unsupported(name, e);
	a->has_key = address_next_field(&protocol, &field);
	if (a->has_key ? !parse_key(field, a->key) : !a->noauth)
		return kith_fail(e, KITH_EFORMAT, 0,
				 "key is not 32 bytes of base64");
	a->has_seed = address_next_field(&protocol, &field);
	if (a->has_seed && (a->noauth || !parse_key(field, a->seed)))
		return kith_fail(e, KITH_EFORMAT, 0,
				 "seed is not 32 bytes of base64");
	if (address_next_field(&protocol, &field))
		return kith_fail(e, KITH_EFORMAT, 0,
				 "address has too many fields");
	return KITH_OK;
}

static enum kith_err parse_member(struct kith_slice member, struct address *a,
				  struct kith_error *e)
{
	struct kith_slice transport, transform, more;
	enum kith_err err = check_member(member, member.p, e);

	if (err)
		return err;
	if (!address_next_protocol(&member, &transport) ||
	    !address_next_protocol(&member, &transform))
		return kith_fail(e, KITH_EFORMAT, 0,
				 "address says nothing of encryption");
	if (address_next_protocol(&member, &more))
		return unsupported(more, e);
	err = parse_transport(transport, a, e);
	return err ? err : parse_transform(transform, a, e);
}

/* Text that ends as legacy addresses and invites do, ":@KEY.ed25519" and
 * perhaps "~SEED": fills in key and seed, and leaves what stands before. */
static bool take_legacy_key(struct kith_slice *text, struct address *a)
{
	struct kith_slice before, id;
	struct kith_feed_id feed;
	size_t n;

	if (!cut_last(*text, &before, &id))
		return false;
	for (n = 0; n < id.n && id.p[n] != '~'; n++)
		;
	a->has_seed = n < id.n;
	if (a->has_seed && !parse_key((struct kith_slice){ id.p + n + 1,
							   id.n - n - 1 },
				      a->seed))
		return false;
	if (kith_feed_parse((struct kith_slice){ id.p, n }, &feed) ||
	    feed.format != KITH_CLASSIC || id.p[0] != '@')
		return false;
	memcpy(a->key, feed.b, sizeof(a->key));
	a->has_key = true;
	*text = before;
	return true;
}

/* HOST:PORT or HOST: or HOST. */
static enum kith_err parse_legacy(struct kith_slice text, struct address *a,
				  struct kith_error *e)
{
	struct kith_slice host = text, port = { NULL, 0 };

	a->port = ADDRESS_DEFAULT_PORT;
	if (cut_last(text, &host, &port) && port.n &&
	    !parse_port(port, &a->port))
		return kith_fail(e, KITH_EFORMAT, 0,
				 "port is not a number from 1 to %d",
				 PORT_MAX);
	host = strip_brackets(host);
	if (ends_with(host, KITH_SLICE(".onion")))
		return unsupported(KITH_SLICE("onion"), e);
	if (host.n >= ADDRESS_HOST_BYTES || !(is_domain(host) || is_ipv6(host)))
		return kith_fail(e, KITH_EFORMAT, 0,
				 "host is neither a domain nor an IP address");
	copy_host(host, a->host);
	a->transport = ADDRESS_NET;
	return KITH_OK;
}

enum kith_err address_parse(struct kith_slice list, struct address *out,
			    struct kith_error *e)
{
	struct kith_slice member;
	struct kith_error last = { 0 };
	struct address a = { 0 };
	enum kith_err err = check_limits(list, e);

	if (err)
		return err;
	if (take_legacy_key(&list, &a)) {
		err = parse_legacy(list, &a, e);
		if (!err)
			*out = a;
		return err;
	}
	while (address_next_member(&list, &member)) {
		last = (struct kith_error){ 0 };
		a = (struct address){ 0 };
		if (parse_member(member, &a, &last))
			continue;
		*out = a;
		return KITH_OK;
	}
	return kith_fail(e, KITH_EFORMAT, last.offset, "%s", last.text);
}

/* Printing: each put goes on where the one before ended; there is room, for
 * ADDRESS_TEXT_BYTES holds a host of escaped characters only. */
static char *put_text(char *out, const char *text)
{
	size_t n = strlen(text);

	memcpy(out, text, n);
	return out + n;
}

/* Colons stay as they are: that is how the world writes IPv6. */
static char *put_host(char *out, const char *host, bool cut_zone)
{
	for (; *host && !(cut_zone && *host == '%'); host++) {
		if (*host == '!' || *host == '~' || *host == ';')
			*out++ = '!';
		*out++ = *host;
	}
	return out;
}

static char *put_port(char *out, uint16_t port)
{
	char digits[5];
	size_t n = 0;

	do {
		digits[n++] = (char)('0' + port % 10);
		port /= 10;
	} while (port);
	while (n)
		*out++ = digits[--n];
	return out;
}

static char *put_key(char *out, const uint8_t key[static 32])
{
	*out++ = ':';
	base64_encode((struct kith_slice){ key, 32 }, out);
	return out + KEY_CHARS;
}

void address_print(const struct address *a, bool with_seed,
		   char out[static ADDRESS_TEXT_BYTES])
{
	bool net = a->transport == ADDRESS_NET;

	out = put_text(out, net ? "net:" : "unix:");
	out = put_host(out, a->host, net && is_ipv6(kith_text(a->host)));
	if (net) {
		*out++ = ':';
		out = put_port(out, a->port);
	}
	out = put_text(out, a->noauth ? "~noauth" : "~shs");
	if (a->has_key)
		out = put_key(out, a->key);
	if (a->has_seed && with_seed)
		out = put_key(out, a->seed);
	*out = '\0';
}
