#include "tests/tools/recording_ways.h"

enum {
	FILE_HEAD = 24,
	RECORD_HEAD = 16,
	ETHER = 14,
	IPV4 = 20,
	IPV6 = 40,
	SYN_AT = IPV4 + 13, /* in a packet of IPv4 */
	SYN = 2,
	PACKETS_MAX = 64,
	SECTION_PACKETS = 5 /* in each section but the last */
};

struct way {
	const char *name;
	unsigned link;
	size_t head_bytes;
	uint8_t head[22];  /* of the link, in front of IP */
	bool ipv6, hop;	   /* with an extension header */
	bool little, nanos;
	bool ng;	   /* pcapng; in sections of either byte order */
	bool twice, swapped;
};

static const struct way ways[] = {
	{ .name = "ethernet", 1, 14, { [12] = 8 } },
	{ .name = "vlan", 1, 18, { [12] = 0x81, 0, 0, 5, 8 } },
	{ .name = "two-vlans", 1, 22,
	  { [12] = 0x88, 0xa8, 0, 5, 0x81, 0, 0, 6, 8 } },
	{ .name = "loopback", 0, 4, { 2 }, .little = true },
	{ .name = "raw", 101, 0, { 0 } },
	{ .name = "sll", 113, 16, { [14] = 8 } },
	{ .name = "sll2", 276, 20, { 8 } },
	{ .name = "ipv6", 1, 14, { [12] = 0x86, 0xdd }, .ipv6 = true },
	{ .name = "ipv6-hop", 1, 14, { [12] = 0x86, 0xdd }, .ipv6 = true,
	  .hop = true },
	{ .name = "sll2-ipv6", 276, 20, { 0x86, 0xdd }, .ipv6 = true },
	{ .name = "loopback-ipv6", 0, 4, { 30 }, .ipv6 = true, .little = true },
	{ .name = "nanos", 1, 14, { [12] = 8 }, .nanos = true },
	{ .name = "little", 1, 14, { [12] = 8 }, .little = true },
	{ .name = "little-nanos", 1, 14, { [12] = 8 }, .little = true,
	  .nanos = true },
	{ .name = "sections", 1, 14, { [12] = 8 }, .ng = true },
	{ .name = "sections-nanos", 113, 16, { [14] = 8 }, .ng = true,
	  .nanos = true },
	{ .name = "twice", 1, 14, { [12] = 8 }, .twice = true },
	{ .name = "swapped", 1, 14, { [12] = 8 }, .swapped = true },
};

enum { WAYS = sizeof(ways) / sizeof(ways[0]) };

/* A packet as overheard_pcap has it, from its IP header on. */
struct packet {
	uint32_t s, us;
	struct kith_slice ip;
};

struct writing {
	const struct way *way;
	struct kith_buf *out;
	bool little; /* here */
	size_t written;
};

static void put(struct writing *w, unsigned bytes, uint64_t n)
{
	for (unsigned i = 0; i < bytes; i++)
		kith_buf_byte(w->out, (uint8_t)(n >> 8 * (w->little
				? i : bytes - 1 - i)));
}

/* --- what is in a packet --- */

static void put_ipv6(const struct way *way, struct kith_slice tcp,
		     const uint8_t *ports, struct kith_buf *out)
{
	uint8_t h[IPV6 + 8] = { 0x60, [6] = way->hop ? 0 : 6, 64 };
	size_t hop = way->hop ? 8 : 0;
	bool client = kith_be16(ports + 2) == 8008;

	kith_put_be16(h + 4, (uint16_t)(tcp.n + hop));
	h[8] = h[24] = 0xfd;
	h[23] = client ? 7 : 1;
	h[39] = client ? 1 : 7;
	h[IPV6] = 6;
	kith_buf_put(out, (struct kith_slice){ h, IPV6 + hop });
	kith_buf_put(out, tcp);
}

static void make(const struct way *way, struct kith_slice ip,
		 struct kith_buf *out)
{
	struct kith_slice tcp = { ip.p + IPV4, ip.n - IPV4 };

	kith_buf_reset(out);
	kith_buf_put(out, (struct kith_slice){ way->head, way->head_bytes });
	if (way->ipv6)
		put_ipv6(way, tcp, tcp.p, out);
	else
		kith_buf_put(out, ip);
}

/* --- pcapng --- */

static void put_section(struct writing *w)
{
	put(w, 4, 0x0a0d0d0a);
	put(w, 4, 28);
	put(w, 4, 0x1a2b3c4d);
	put(w, 4, w->little ? 1 : 0x10000); /* version 1.0, 2 bytes each */
	put(w, 8, UINT64_MAX);
	put(w, 4, 28);
	put(w, 4, 1); /* its interface, with if_tsresol */
	put(w, 4, 32);
	put(w, 2, w->way->link);
	put(w, 2, 0);
	put(w, 4, 0);
	put(w, 2, 9);
	put(w, 2, 1);
	kith_buf_byte(w->out, w->way->nanos ? 9 : 6);
	put(w, 3, 0);
	put(w, 4, 0);
	put(w, 4, 32);
}

static void put_block(struct writing *w, uint64_t us, struct kith_slice s)
{
	uint64_t ticks = us * (w->way->nanos ? 1000 : 1);
	size_t n = 32 + ((s.n + 3) & ~(size_t)3);

	if (w->written % SECTION_PACKETS == 0) {
		w->little = w->written % 2;
		put_section(w);
	}
	put(w, 4, 6);
	put(w, 4, n);
	put(w, 4, 0);
	put(w, 4, ticks >> 32);
	put(w, 4, ticks & UINT32_MAX);
	put(w, 4, s.n);
	put(w, 4, s.n);
	kith_buf_put(w->out, s);
	put(w, (unsigned)(n - 32 - s.n), 0);
	put(w, 4, n);
}

/* --- pcap --- */

static void put_head(struct writing *w)
{
	put(w, 4, w->way->nanos ? 0xa1b23c4d : 0xa1b2c3d4);
	put(w, 2, 2);
	put(w, 2, 4);
	put(w, 8, 0);
	put(w, 4, 262144);
	put(w, 4, w->way->link);
}

static void put_record(struct writing *w, const struct packet *p,
		       struct kith_slice s)
{
	put(w, 4, p->s);
	put(w, 4, p->us * (w->way->nanos ? 1000 : 1));
	put(w, 4, s.n);
	put(w, 4, s.n);
	kith_buf_put(w->out, s);
}

/* --- all of them --- */

static size_t read_packets(struct kith_slice s, struct packet *out)
{
	size_t n = 0;

	s.p += FILE_HEAD;
	s.n -= FILE_HEAD;
	while (s.n && n < PACKETS_MAX) {
		size_t bytes = kith_be32(s.p + 8);

		out[n++] = (struct packet){
			kith_be32(s.p), kith_be32(s.p + 4),
			{ s.p + RECORD_HEAD + ETHER, bytes - ETHER },
		};
		s.p += RECORD_HEAD + bytes;
		s.n -= RECORD_HEAD + bytes;
	}
	return n;
}

/* Two that one side said one after the other, as another way brings them. */
static void swap(struct packet *p, size_t n)
{
	for (size_t i = 1; i < n; i++) {
		struct kith_slice first = p[i - 1].ip;

		if (first.p[SYN_AT] & SYN ||
		    memcmp(first.p + IPV4, p[i].ip.p + IPV4, 4) != 0)
			continue;
		p[i - 1].ip = p[i].ip;
		p[i++].ip = first;
	}
}

static void put_packet(struct writing *w, const struct packet *p)
{
	struct kith_buf bytes = { .limit = 1 << 16 };

	make(w->way, p->ip, &bytes);
	if (w->way->ng)
		put_block(w, p->s * UINT64_C(1000000) + p->us,
			  kith_bytes(&bytes));
	else
		put_record(w, p, kith_bytes(&bytes));
	w->written++;
	kith_buf_free(&bytes);
}

const char *recording_way(size_t *at)
{
	return *at < WAYS ? ways[(*at)++].name : NULL;
}

bool recording_put(const char *way, struct kith_slice pcap,
		   struct kith_buf *out)
{
	struct packet packets[PACKETS_MAX];
	size_t n = read_packets(pcap, packets), i = 0;
	struct writing w = { .out = out };

	while (i < WAYS && strcmp(ways[i].name, way) != 0)
		i++;
	if (i == WAYS)
		return false;
	w.way = &ways[i];
	w.little = w.way->little;
	if (w.way->swapped)
		swap(packets, n);
	if (!w.way->ng)
		put_head(&w);
	for (i = 0; i < n; i++)
		for (int k = 0; k <= w.way->twice; k++)
			put_packet(&w, &packets[i]);
	return !out->err;
}
