/*
 * What one recorded packet carries: the bytes of TCP or UDP in it.
 *
 * Pure.  Ethernet with VLAN tags, loopback, raw IP, Linux "any" (SLL, SLL2);
 * IPv4, and IPv6 with extension headers.  Fragments are not put together: TCP
 * does without, and no beacon is that long.  Checksums are not looked at, as
 * recorders see what a card will fill in.
 * Formats: RFC 791, 793, 768, 8200; https://www.tcpdump.org/linktypes.html.
 */
#ifndef WIRE_SEGMENT_H
#define WIRE_SEGMENT_H

#include "src/wire/pcap.h"

struct endpoint {
	uint8_t bytes; /* of the address: 4 or 16 */
	uint8_t address[16];
	uint16_t port;
};

enum segment_flag { SEGMENT_FIN = 1, SEGMENT_SYN = 2, SEGMENT_RST = 4,
		    SEGMENT_ACK = 16 };

struct segment {
	bool tcp; /* else UDP */
	struct endpoint from, to;
	uint32_t sequence;  /* TCP */
	unsigned flags;	    /* TCP: of enum segment_flag, and others */
	struct kith_slice bytes; /* of the recorded packet */
	uint32_t length;    /* of bytes, as it was on the wire */
};

/* Packets of this link type can be read. */
bool segment_knows(uint16_t link);

/* False: it carries neither, or a fragment, or ends before its headers. */
KITH_CHECK bool segment_read(const struct pcap_packet *packet,
			     struct segment *out);

static inline bool endpoint_equal(const struct endpoint *a,
				  const struct endpoint *b)
{
	return a->port == b->port && a->bytes == b->bytes &&
	       !memcmp(a->address, b->address, a->bytes);
}

/* "192.168.1.5:8008", "[fe80::1]:8008", with a NUL. */
enum { ENDPOINT_TEXT_BYTES = 56 };
void endpoint_print(const struct endpoint *e,
		    char out[static ENDPOINT_TEXT_BYTES]);

#endif
