#include "src/wire/pcap.h"

#include <stdlib.h>

enum {
	FILE_HEADER_BYTES = 24,
	RECORD_HEADER_BYTES = 16,
	BLOCK_HEADER_BYTES = 8,
	ORDER_BYTES = 4, /* what follows in the header of a section */
	BLOCK_BYTES_MIN = 12,
	SECTION_BYTES_MIN = 28,
	INTERFACE_BYTES_MAX = 64 * 1024,
	OPTION_RESOLUTION = 9,
	OPTION_OFFSET = 14,
	MICROS = 1000000
};

/* As they look big endian. */
#define MAGIC_MICROS  UINT32_C(0xa1b2c3d4)
#define MAGIC_NANOS   UINT32_C(0xa1b23c4d)
#define MAGIC_SECTION UINT32_C(0x0a0d0d0a)
#define MAGIC_ORDER   UINT32_C(0x1a2b3c4d)

enum block_type {
	BLOCK_INTERFACE = 1,
	BLOCK_PACKET = 2, /* obsolete */
	BLOCK_SIMPLE = 3,
	BLOCK_ENHANCED = 6
};

enum state {
	AT_MAGIC,
	AT_FILE,    /* pcap: its header */
	AT_RECORD,  /* pcap: a packet's header */
	AT_PACKET,  /* pcap */
	AT_BLOCK,   /* pcapng: a block's type and length */
	AT_SECTION, /* pcapng: the byte order */
	AT_BODY,    /* pcapng: the rest of a block that is read */
	PASSING,    /* pcapng: the rest of one that is not */
	ENDED
};

struct interface {
	uint16_t link;
	uint8_t resolution; /* as if_tsresol has it */
	int64_t offset_s;
};

struct pcap_reader {
	enum state state;
	const char *why;
	bool little, nanos;
	uint16_t link; /* pcap */
	uint64_t at, record_at;
	struct kith_buf have; /* of what comes in pieces */
	bool given;	      /* what have holds is read */
	size_t need;	      /* for the next step */
	uint8_t section[4];   /* the length of one, in its byte order */
	uint64_t pass;	      /* bytes to be passed over */
	uint32_t type;	      /* of the block */
	uint32_t length;
	struct pcap_packet packet; /* pcap: its header was read */
	size_t interfaces;
	struct interface interface[PCAP_INTERFACES_MAX];
};

static uint32_t le32(const uint8_t *p)
{
	return (uint32_t)p[3] << 24 | (uint32_t)p[2] << 16 |
	       (uint32_t)p[1] << 8 | p[0];
}

static uint32_t u32(const struct pcap_reader *r, const uint8_t *p)
{
	return r->little ? le32(p) : kith_be32(p);
}

static uint16_t u16(const struct pcap_reader *r, const uint8_t *p)
{
	return r->little ? (uint16_t)(p[1] << 8 | p[0]) : kith_be16(p);
}

bool pcap_is_magic(const uint8_t *p)
{
	const uint32_t magic[] = { kith_be32(p), le32(p) };

	for (int i = 0; i < 2; i++)
		if (magic[i] == MAGIC_MICROS || magic[i] == MAGIC_NANOS)
			return true;
	return magic[0] == MAGIC_SECTION;
}

static enum pcap_step bad(struct pcap_reader *r, const char *why)
{
	r->state = ENDED;
	r->why = why;
	return PCAP_BAD;
}

static void expect(struct pcap_reader *r, enum state state, size_t need)
{
	r->state = state;
	r->need = need;
}

/* r->need bytes that stand together, or NULL when there are not enough yet.
 * Copies only what comes in pieces. */
static const uint8_t *gather(struct pcap_reader *r, struct kith_slice *in)
{
	static const uint8_t none[1];
	const uint8_t *p = in->p;
	size_t before = in->n;

	if (r->given)
		kith_buf_reset(&r->have);
	r->given = false;
	if (!r->need)
		return none;
	if (!r->have.n && in->n >= r->need) {
		in->p += r->need;
		in->n -= r->need;
	} else {
		kith_buf_take(&r->have, in, r->need - r->have.n);
		r->given = r->have.n == r->need;
		p = r->given ? r->have.p : NULL;
	}
	r->at += before - in->n;
	return p;
}

/* --- pcap ----------------------------------------------------------------- */

static void next_record(struct pcap_reader *r)
{
	r->record_at = r->at;
	expect(r, AT_RECORD, RECORD_HEADER_BYTES);
}

static enum pcap_step read_file(struct pcap_reader *r, const uint8_t *p)
{
	/* The upper bits tell of frame check sequences. */
	r->link = (uint16_t)(u32(r, p + FILE_HEADER_BYTES - 8) & 0xffff);
	next_record(r);
	return PCAP_MORE;
}

static enum pcap_step read_record(struct pcap_reader *r, const uint8_t *p)
{
	uint32_t fraction = u32(r, p + 4), kept = u32(r, p + 8);
	uint32_t micros = r->nanos ? fraction / 1000 : fraction;

	if (kept > PCAP_PACKET_BYTES_MAX)
		return bad(r, "a packet that is too long");
	if (micros >= MICROS)
		return bad(r, "a time that is none");
	r->packet = (struct pcap_packet){
		.time_us = (int64_t)u32(r, p) * MICROS + micros,
		.link = r->link,
		.swapped = r->little,
		.at = r->record_at,
		.length = u32(r, p + 12),
	};
	expect(r, AT_PACKET, kept);
	return PCAP_MORE;
}

static enum pcap_step read_packet(struct pcap_reader *r, const uint8_t *p,
				  struct pcap_packet *out)
{
	*out = r->packet;
	out->bytes = (struct kith_slice){ p, r->need };
	if (out->length < out->bytes.n)
		out->length = (uint32_t)out->bytes.n;
	next_record(r);
	return PCAP_PACKET;
}

/* Its type was read as the magic number of the file. */
static void start_section(struct pcap_reader *r)
{
	uint8_t type[4];

	kith_put_be32(type, MAGIC_SECTION);
	kith_buf_reset(&r->have);
	kith_buf_put(&r->have, (struct kith_slice){ type, sizeof(type) });
	r->given = false;
	expect(r, AT_BLOCK, BLOCK_HEADER_BYTES);
}

static enum pcap_step read_magic(struct pcap_reader *r, const uint8_t *p)
{
	uint32_t magic = kith_be32(p);

	if (magic == MAGIC_SECTION) {
		start_section(r);
		return PCAP_MORE;
	}
	r->little = magic != MAGIC_MICROS && magic != MAGIC_NANOS;
	magic = u32(r, p);
	if (magic != MAGIC_MICROS && magic != MAGIC_NANOS)
		return bad(r, "neither pcap nor pcapng");
	r->nanos = magic == MAGIC_NANOS;
	expect(r, AT_FILE, FILE_HEADER_BYTES - PCAP_MAGIC_BYTES);
	return PCAP_MORE;
}

/* --- pcapng --------------------------------------------------------------- */

static void next_block(struct pcap_reader *r)
{
	r->record_at = r->at;
	expect(r, AT_BLOCK, BLOCK_HEADER_BYTES);
}

static bool is_length(const struct pcap_reader *r)
{
	return r->length >= BLOCK_BYTES_MIN && r->length % 4 == 0;
}

/* done: bytes of the block that are read. */
static enum pcap_step pass_over(struct pcap_reader *r, uint32_t done)
{
	r->pass = r->length - done;
	r->state = PASSING;
	return PCAP_MORE;
}

/* Only now can its length be read. */
static enum pcap_step read_section(struct pcap_reader *r, const uint8_t *p)
{
	r->little = le32(p) == MAGIC_ORDER;
	if (u32(r, p) != MAGIC_ORDER)
		return bad(r, "a section without a byte order");
	r->length = u32(r, r->section);
	if (!is_length(r) || r->length < SECTION_BYTES_MIN)
		return bad(r, "a block of a length that cannot be");
	r->interfaces = 0;
	return pass_over(r, BLOCK_HEADER_BYTES + ORDER_BYTES);
}

static enum pcap_step read_block(struct pcap_reader *r, const uint8_t *p)
{
	bool interface, packet;

	if (kith_be32(p) == MAGIC_SECTION) {
		memcpy(r->section, p + 4, sizeof(r->section));
		expect(r, AT_SECTION, ORDER_BYTES);
		return PCAP_MORE;
	}
	r->type = u32(r, p);
	r->length = u32(r, p + 4);
	if (!is_length(r))
		return bad(r, "a block of a length that cannot be");
	interface = r->type == BLOCK_INTERFACE;
	packet = r->type == BLOCK_ENHANCED || r->type == BLOCK_SIMPLE ||
		 r->type == BLOCK_PACKET;
	if (!interface && !packet)
		return pass_over(r, BLOCK_HEADER_BYTES);
	if (r->length > (interface ? INTERFACE_BYTES_MAX
				   : PCAP_BLOCK_BYTES_MAX))
		return bad(r, "a block that is too long");
	expect(r, AT_BODY, r->length - BLOCK_HEADER_BYTES);
	return PCAP_MORE;
}

/* Reads the options of an interface that tell of its times. */
static void read_options(const struct pcap_reader *r, struct kith_slice s,
			 struct interface *out)
{
	while (s.n >= 4) {
		uint16_t code = u16(r, s.p), n = u16(r, s.p + 2);
		size_t all = 4 + (((size_t)n + 3) & ~(size_t)3);

		if (code == 0 || all > s.n)
			return;
		if (code == OPTION_RESOLUTION && n == 1)
			out->resolution = s.p[4];
		if (code == OPTION_OFFSET && n == 8)
			out->offset_s = (int32_t)(r->little
				? le32(s.p + 4) : kith_be32(s.p + 8));
		s.p += all;
		s.n -= all;
	}
}

static enum pcap_step read_interface(struct pcap_reader *r,
				     struct kith_slice body)
{
	struct interface i = { .resolution = 6 };

	if (body.n < 8)
		return bad(r, "an interface that is too short");
	if (r->interfaces == PCAP_INTERFACES_MAX)
		return bad(r, "too many interfaces");
	i.link = u16(r, body.p);
	read_options(r, (struct kith_slice){ body.p + 8, body.n - 8 }, &i);
	r->interface[r->interfaces++] = i;
	next_block(r);
	return PCAP_MORE;
}

/* Ticks of a clock as an interface has it; 0 where that is no time. */
static int64_t micros_of(const struct interface *i, uint64_t ticks)
{
	unsigned digits = i->resolution & 0x7f, bits = digits;
	uint64_t seconds, scale = 1, rest, us = 0;

	if (i->resolution & 0x80) {
		if (bits > 63)
			return 0;
		seconds = ticks >> bits;
		rest = ticks & ((UINT64_C(1) << bits) - 1);
		if (bits > 40) {
			rest >>= bits - 40;
			bits = 40;
		}
		us = rest * MICROS >> bits;
	} else {
		if (digits > 19)
			return 0;
		for (unsigned n = 0; n < digits; n++)
			scale *= 10;
		seconds = ticks / scale;
		rest = ticks % scale;
		us = scale > MICROS ? rest / (scale / MICROS)
				    : rest * (MICROS / scale);
	}
	if (seconds > INT32_MAX * UINT64_C(4))
		return 0;
	return ((int64_t)seconds + i->offset_s) * MICROS + (int64_t)us;
}

static enum pcap_step give(struct pcap_reader *r, size_t interface,
			   uint64_t ticks, struct pcap_packet *out)
{
	const struct interface *i = &r->interface[interface];

	out->time_us = ticks ? micros_of(i, ticks) : 0;
	out->link = i->link;
	out->swapped = r->little;
	out->at = r->record_at;
	next_block(r);
	return PCAP_PACKET;
}

/* Its length is all that a simple packet has. */
static enum pcap_step read_simple(struct pcap_reader *r, struct kith_slice body,
				  struct pcap_packet *out)
{
	size_t n = body.n - 4;

	if (!r->interfaces)
		return bad(r, "a packet of no interface");
	out->length = u32(r, body.p);
	if (n > out->length)
		n = out->length;
	out->bytes = (struct kith_slice){ body.p + 4, n };
	return give(r, 0, 0, out);
}

static enum pcap_step read_enhanced(struct pcap_reader *r,
				    struct kith_slice body,
				    struct pcap_packet *out)
{
	uint32_t interface, kept;
	uint64_t ticks;

	if (body.n < 20)
		return bad(r, "a packet that is too short");
	interface = r->type == BLOCK_PACKET ? u16(r, body.p) : u32(r, body.p);
	ticks = (uint64_t)u32(r, body.p + 4) << 32 | u32(r, body.p + 8);
	kept = u32(r, body.p + 12);
	if (interface >= r->interfaces)
		return bad(r, "a packet of no interface");
	if (kept > body.n - 20)
		return bad(r, "a packet longer than its block");
	out->length = u32(r, body.p + 16);
	if (out->length < kept)
		out->length = kept;
	out->bytes = (struct kith_slice){ body.p + 20, kept };
	return give(r, interface, ticks, out);
}

/* body ends with the block's length, again. */
static enum pcap_step read_body(struct pcap_reader *r, const uint8_t *p,
				struct pcap_packet *out)
{
	struct kith_slice body = { p, r->need - 4 };

	if (u32(r, p + body.n) != r->length)
		return bad(r, "a block that does not end as it began");
	if (r->type == BLOCK_INTERFACE)
		return read_interface(r, body);
	if (r->type != BLOCK_SIMPLE)
		return read_enhanced(r, body, out);
	return body.n < 4 ? bad(r, "a packet that is too short")
			  : read_simple(r, body, out);
}

static bool pass(struct pcap_reader *r, struct kith_slice *in)
{
	size_t n = in->n < r->pass ? in->n : (size_t)r->pass;

	in->p += n;
	in->n -= n;
	r->at += n;
	r->pass -= n;
	if (r->pass)
		return false;
	next_block(r);
	return true;
}

/* --- either --------------------------------------------------------------- */

struct pcap_reader *pcap_reader_new(void)
{
	struct pcap_reader *r = calloc(1, sizeof(*r));

	if (!r)
		return NULL;
	r->have.limit = PCAP_BLOCK_BYTES_MAX;
	r->need = PCAP_MAGIC_BYTES;
	return r;
}

void pcap_reader_free(struct pcap_reader *r)
{
	if (!r)
		return;
	kith_buf_free(&r->have);
	free(r);
}

static enum pcap_step read_part(struct pcap_reader *r, const uint8_t *p,
				struct pcap_packet *out)
{
	switch (r->state) {
	case AT_MAGIC: return read_magic(r, p);
	case AT_FILE: return read_file(r, p);
	case AT_RECORD: return read_record(r, p);
	case AT_PACKET: return read_packet(r, p, out);
	case AT_SECTION: return read_section(r, p);
	case AT_BLOCK: return read_block(r, p);
	case AT_BODY: return read_body(r, p, out);
	case PASSING:
	case ENDED: break;
	}
	return PCAP_BAD;
}

enum pcap_step pcap_next(struct pcap_reader *r, struct kith_slice *in,
			 struct pcap_packet *out)
{
	enum pcap_step step = PCAP_MORE;
	const uint8_t *p;

	while (step == PCAP_MORE) {
		if (r->state == ENDED)
			return PCAP_BAD;
		if (r->state == PASSING) {
			if (!pass(r, in))
				return PCAP_MORE;
			continue;
		}
		p = gather(r, in);
		if (r->have.err)
			return bad(r, "out of memory");
		if (!p)
			return PCAP_MORE;
		step = read_part(r, p, out);
	}
	return step;
}

bool pcap_is_whole(const struct pcap_reader *r)
{
	return (r->state == AT_RECORD || r->state == AT_BLOCK) &&
	       (r->given || !r->have.n);
}

uint64_t pcap_at(const struct pcap_reader *r)
{
	return r->record_at;
}

const char *pcap_why(const struct pcap_reader *r)
{
	return r->why ? r->why : "not bad";
}
