#include "src/wire/segment.h"

enum {
	ETHER_BYTES = 14,
	ETHER_IPV4 = 0x0800,
	ETHER_IPV6 = 0x86dd,
	ETHER_VLAN = 0x8100,
	ETHER_SERVICE_VLAN = 0x88a8,
	VLAN_BYTES = 4,
	VLANS_MAX = 4,
	SLL_BYTES = 16,
	SLL2_BYTES = 20,
	IPV4_BYTES_MIN = 20,
	IPV6_BYTES = 40,
	TCP_BYTES_MIN = 20,
	UDP_BYTES = 8,
	EXTENSIONS_MAX = 8
};

/* PCAP_LINK_RAW, as some systems number it in their files. */
enum { LINK_RAW_BSD = 12, LINK_RAW_OPENBSD = 14 };

enum protocol {
	HOP_BY_HOP = 0,
	TCP = 6,
	UDP = 17,
	ROUTING = 43,
	FRAGMENT = 44,
	AUTHENTICATION = 51,
	DESTINATION = 60
};

/* What is left of a packet: bytes, and how many there were. */
struct rest {
	struct kith_slice s;
	size_t length;
};

static bool take(struct rest *r, size_t n)
{
	if (n > r->s.n)
		return false;
	r->s.p += n;
	r->s.n -= n;
	r->length -= n;
	return true;
}

/* What lies behind the end of an inner length is padding. */
static void cut(struct rest *r, size_t length)
{
	if (length < r->length)
		r->length = length;
	if (r->length < r->s.n)
		r->s.n = r->length;
}

/* --- the link: gives ETHER_IPV4 or ETHER_IPV6, or something else ---------- */

static unsigned strip_nothing(struct rest *r, bool swapped)
{
	unsigned version = r->s.n ? r->s.p[0] >> 4 : 0;

	(void)swapped;
	return version == 4 ? ETHER_IPV4 : version == 6 ? ETHER_IPV6 : 0;
}

static unsigned strip_ethernet(struct rest *r, bool swapped)
{
	unsigned type;

	(void)swapped;
	if (r->s.n < ETHER_BYTES)
		return 0;
	type = kith_be16(r->s.p + ETHER_BYTES - 2);
	if (!take(r, ETHER_BYTES))
		return 0;
	for (int i = 0; i < VLANS_MAX; i++) {
		if (type != ETHER_VLAN && type != ETHER_SERVICE_VLAN)
			break;
		if (r->s.n < VLAN_BYTES)
			return 0;
		type = kith_be16(r->s.p + 2);
		if (!take(r, VLAN_BYTES))
			return 0;
	}
	return type;
}

/* The family is the recording system's number; there are four for IPv6. */
static unsigned strip_null(struct rest *r, bool swapped)
{
	uint32_t family;
	const uint8_t *p = r->s.p;

	if (r->s.n < 4)
		return 0;
	family = swapped ? (uint32_t)p[3] << 24 | (uint32_t)p[2] << 16 |
				   (uint32_t)p[1] << 8 | p[0]
			 : kith_be32(p);
	if (!take(r, 4))
		return 0;
	switch (family) {
	case 2: return ETHER_IPV4;
	case 10:
	case 24:
	case 28:
	case 30: return ETHER_IPV6;
	default: return 0;
	}
}

static unsigned strip_cooked(struct rest *r, size_t bytes, size_t type_at)
{
	unsigned type;

	if (r->s.n < bytes)
		return 0;
	type = kith_be16(r->s.p + type_at);
	return take(r, bytes) ? type : 0;
}

static unsigned strip_loop(struct rest *r, bool swapped)
{
	(void)swapped;
	return strip_null(r, false);
}

static unsigned strip_sll(struct rest *r, bool swapped)
{
	(void)swapped;
	return strip_cooked(r, SLL_BYTES, 14);
}

static unsigned strip_sll2(struct rest *r, bool swapped)
{
	(void)swapped;
	return strip_cooked(r, SLL2_BYTES, 0);
}

static const struct link {
	uint16_t type;
	unsigned (*strip)(struct rest *r, bool swapped);
} links[] = {
	{ PCAP_LINK_NULL, strip_null },
	{ PCAP_LINK_ETHERNET, strip_ethernet },
	{ LINK_RAW_BSD, strip_nothing },
	{ LINK_RAW_OPENBSD, strip_nothing },
	{ PCAP_LINK_RAW, strip_nothing },
	{ PCAP_LINK_LOOP, strip_loop },
	{ PCAP_LINK_SLL, strip_sll },
	{ PCAP_LINK_IPV4, strip_nothing },
	{ PCAP_LINK_IPV6, strip_nothing },
	{ PCAP_LINK_SLL2, strip_sll2 },
};

static const struct link *find_link(uint16_t type)
{
	for (size_t i = 0; i < sizeof(links) / sizeof(*links); i++)
		if (links[i].type == type)
			return &links[i];
	return NULL;
}

bool segment_knows(uint16_t link)
{
	return find_link(link);
}

/* --- the internet layer: gives the protocol, or -1 ------------------------ */

static void set_addresses(struct segment *out, const uint8_t *p, uint8_t bytes)
{
	out->from.bytes = out->to.bytes = bytes;
	memcpy(out->from.address, p, bytes);
	memcpy(out->to.address, p + bytes, bytes);
}

static int strip_ipv4(struct rest *r, struct segment *out)
{
	const uint8_t *p = r->s.p;
	size_t header, total;
	int protocol;

	if (r->s.n < IPV4_BYTES_MIN)
		return -1;
	header = (p[0] & 0x0fu) * 4;
	total = kith_be16(p + 2);
	protocol = p[9];
	/* More fragments, or not the first. */
	if (kith_be16(p + 6) & 0x3fff)
		return -1;
	set_addresses(out, p + 12, 4);
	/* A card that cuts for the system is given packets without a total. */
	if (total)
		cut(r, total);
	return header >= IPV4_BYTES_MIN && take(r, header) ? protocol : -1;
}

/* Takes one extension header; *protocol becomes what follows. */
static bool strip_extension(struct rest *r, int *protocol)
{
	size_t bytes;

	if (r->s.n < 8)
		return false;
	if (*protocol == FRAGMENT && kith_be16(r->s.p + 2) & 0xfff9)
		return false;
	bytes = *protocol == FRAGMENT	      ? 8
		: *protocol == AUTHENTICATION ? ((size_t)r->s.p[1] + 2) * 4
					      : ((size_t)r->s.p[1] + 1) * 8;
	*protocol = r->s.p[0];
	return take(r, bytes);
}

static bool is_extension(int protocol)
{
	return protocol == HOP_BY_HOP || protocol == ROUTING ||
	       protocol == FRAGMENT || protocol == AUTHENTICATION ||
	       protocol == DESTINATION;
}

static int strip_ipv6(struct rest *r, struct segment *out)
{
	size_t length;
	int protocol;

	if (r->s.n < IPV6_BYTES)
		return -1;
	length = kith_be16(r->s.p + 4);
	protocol = r->s.p[6];
	set_addresses(out, r->s.p + 8, 16);
	if (length)
		cut(r, IPV6_BYTES + length);
	if (!take(r, IPV6_BYTES))
		return -1;
	for (int i = 0; i < EXTENSIONS_MAX && is_extension(protocol); i++)
		if (!strip_extension(r, &protocol))
			return -1;
	return protocol;
}

/* --- what is carried ------------------------------------------------------ */

static bool read_tcp(struct rest *r, struct segment *out)
{
	size_t header;

	if (r->s.n < TCP_BYTES_MIN)
		return false;
	out->tcp = true;
	out->sequence = kith_be32(r->s.p + 4);
	header = (size_t)(r->s.p[12] >> 4) * 4;
	out->flags = r->s.p[13];
	return header >= TCP_BYTES_MIN && take(r, header);
}

static bool read_udp(struct rest *r, struct segment *out)
{
	size_t length;

	if (r->s.n < UDP_BYTES)
		return false;
	out->tcp = false;
	length = kith_be16(r->s.p + 4);
	if (length)
		cut(r, length);
	return take(r, UDP_BYTES);
}

static bool read_carried(struct rest *r, int protocol, struct segment *out)
{
	if ((protocol != TCP && protocol != UDP) || r->s.n < 4)
		return false;
	out->from.port = kith_be16(r->s.p);
	out->to.port = kith_be16(r->s.p + 2);
	if (protocol == TCP ? !read_tcp(r, out) : !read_udp(r, out))
		return false;
	out->bytes = r->s;
	out->length = (uint32_t)r->length;
	return true;
}

bool segment_read(const struct pcap_packet *packet, struct segment *out)
{
	const struct link *link = find_link(packet->link);
	struct rest r = { packet->bytes, packet->length };
	unsigned type;
	int protocol;

	*out = (struct segment){ 0 };
	type = link ? link->strip(&r, packet->swapped) : 0;
	if (type == ETHER_IPV4)
		protocol = strip_ipv4(&r, out);
	else if (type == ETHER_IPV6)
		protocol = strip_ipv6(&r, out);
	else
		return false;
	return protocol >= 0 && read_carried(&r, protocol, out);
}

/* --- endpoints as text ---------------------------------------------------- */

static char *put_number(char *to, unsigned n, unsigned base)
{
	static const char digits[] = "0123456789abcdef";
	char reversed[8];
	size_t i = 0;

	do
		reversed[i++] = digits[n % base];
	while (n /= base);
	while (i)
		*to++ = reversed[--i];
	return to;
}

static unsigned group(const struct endpoint *e, int i)
{
	return kith_be16(e->address + (size_t)i * 2);
}

/* The longest run of zero groups, which is written as "::". */
static void find_zeros(const struct endpoint *e, int *from, int *n)
{
	*from = *n = 0;
	for (int i = 0; i < 8; i++) {
		int k = i;

		while (k < 8 && !group(e, k))
			k++;
		if (k - i > *n && k - i > 1) {
			*from = i;
			*n = k - i;
		}
	}
}

static char *put_ipv6(char *to, const struct endpoint *e)
{
	int from, n;

	find_zeros(e, &from, &n);
	*to++ = '[';
	for (int i = 0; i < 8; i++) {
		if (n && i == from) {
			*to++ = ':';
			if (i == 0)
				*to++ = ':';
			i += n - 1;
			continue;
		}
		to = put_number(to, group(e, i), 16);
		if (i < 7)
			*to++ = ':';
	}
	*to++ = ']';
	return to;
}

static char *put_ipv4(char *to, const struct endpoint *e)
{
	for (int i = 0; i < 4; i++) {
		if (i)
			*to++ = '.';
		to = put_number(to, e->address[i], 10);
	}
	return to;
}

void endpoint_print(const struct endpoint *e,
		    char out[static ENDPOINT_TEXT_BYTES])
{
	char *to = e->bytes == 4 ? put_ipv4(out, e) : put_ipv6(out, e);

	*to++ = ':';
	to = put_number(to, e->port, 10);
	*to = 0;
}
