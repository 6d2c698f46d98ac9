#include "src/wire/pcap.h"

enum {
	BLOCK_SECTION = 0x0a0d0d0a,
	BLOCK_INTERFACE = 1,
	BLOCK_ENHANCED = 6,
	ORDER = 0x1a2b3c4d,
	OPTION_COMMENT = 1,
	OPTION_NAME = 2,    /* of an interface */
	OPTION_PACKET_FLAGS = 2,
	OPTION_PROGRAM = 4, /* of a section */
	FLAG_INBOUND = 1,
	FLAG_OUTBOUND = 2,
	TEXT_BYTES_MAX = 1024
};

/* Big endian throughout, which every reader must take. */
static void put16(struct kith_buf *out, unsigned n)
{
	uint8_t b[2];

	kith_put_be16(b, (uint16_t)n);
	kith_buf_put(out, (struct kith_slice){ b, sizeof(b) });
}

static void put32(struct kith_buf *out, uint32_t n)
{
	uint8_t b[4];

	kith_put_be32(b, n);
	kith_buf_put(out, (struct kith_slice){ b, sizeof(b) });
}

static void pad(struct kith_buf *out, size_t n)
{
	for (; n % 4; n++)
		kith_buf_byte(out, 0);
}

/* Gives where the block begins. */
static size_t begin(struct kith_buf *out, uint32_t type)
{
	size_t at = out->n;

	put32(out, type);
	put32(out, 0); /* its length, once it is known */
	return at;
}

static void end(struct kith_buf *out, size_t at)
{
	uint32_t n = (uint32_t)(out->n - at) + 4;

	put32(out, n);
	if (!out->err)
		kith_put_be32(out->p + at + 4, n);
}

static void put_option(struct kith_buf *out, unsigned code,
		       struct kith_slice value)
{
	if (value.n > TEXT_BYTES_MAX) {
		value.n = TEXT_BYTES_MAX;
		/* Not within a character. */
		while (value.n && (value.p[value.n] & 0xc0) == 0x80)
			value.n--;
	}
	put16(out, code);
	put16(out, (unsigned)value.n);
	kith_buf_put(out, value);
	pad(out, value.n);
}

static void put_options_end(struct kith_buf *out)
{
	put32(out, 0);
}

void pcap_put_start(struct kith_buf *out, uint16_t link, const char *name,
		    const char *program)
{
	size_t at = begin(out, BLOCK_SECTION);

	put32(out, ORDER);
	put16(out, 1); /* version 1.0 */
	put16(out, 0);
	put32(out, UINT32_MAX); /* how long the section is, nobody says */
	put32(out, UINT32_MAX);
	put_option(out, OPTION_PROGRAM, kith_text(program));
	put_options_end(out);
	end(out, at);

	at = begin(out, BLOCK_INTERFACE);
	put16(out, link);
	put16(out, 0);
	put32(out, PCAP_PACKET_BYTES_MAX);
	put_option(out, OPTION_NAME, kith_text(name));
	put_options_end(out);
	end(out, at);
}

/* As much of s as *room has; takes it off. */
static struct kith_slice cut(struct kith_slice s, size_t *room)
{
	if (s.n > *room)
		s.n = *room;
	*room -= s.n;
	return s;
}

void pcap_put_packet(struct kith_buf *out, const struct pcap_said *said)
{
	size_t room = PCAP_PACKET_BYTES_MAX, at = begin(out, BLOCK_ENHANCED);
	struct kith_slice head = cut(said->head, &room);
	struct kith_slice bytes = cut(said->bytes, &room);
	uint64_t us = said->time_us > 0 ? (uint64_t)said->time_us : 0;
	uint8_t flags[4];

	put32(out, 0); /* the only interface */
	put32(out, (uint32_t)(us >> 32));
	put32(out, (uint32_t)us);
	put32(out, (uint32_t)(head.n + bytes.n));
	put32(out, said->length);
	kith_buf_put(out, head);
	kith_buf_put(out, bytes);
	pad(out, head.n + bytes.n);
	kith_put_be32(flags, said->inbound ? FLAG_INBOUND : FLAG_OUTBOUND);
	put_option(out, OPTION_PACKET_FLAGS,
		   (struct kith_slice){ flags, sizeof(flags) });
	if (said->comment.n)
		put_option(out, OPTION_COMMENT, said->comment);
	put_options_end(out);
	end(out, at);
}
