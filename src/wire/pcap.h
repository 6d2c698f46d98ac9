/*
 * pcap and pcapng files: bytes in, recorded packets out; and back to pcapng.
 *
 * Pure and stepped.  Either byte order, times of any resolution.  A length that
 * a file names is checked before memory is taken; blocks of no use here are
 * passed over unread.  Formats: draft-ietf-opsawg-pcap, -pcapng.
 */
#ifndef WIRE_PCAP_H
#define WIRE_PCAP_H

#include "feeds/bytes.h"

enum {
	/* Of one packet.  Wireshark takes no more of most link types. */
	PCAP_PACKET_BYTES_MAX = 256 * 1024,
	/* Of a block that is kept whole: a packet and its options. */
	PCAP_BLOCK_BYTES_MAX = 512 * 1024,
	PCAP_INTERFACES_MAX = 256, /* of one section */
	PCAP_MAGIC_BYTES = 4
};

/* Link types: https://www.tcpdump.org/linktypes.html */
enum {
	PCAP_LINK_NULL = 0, /* BSD loopback, the recorder's byte order */
	PCAP_LINK_ETHERNET = 1,
	PCAP_LINK_RAW = 101, /* IPv4 or IPv6 */
	PCAP_LINK_LOOP = 108, /* as NULL, big endian */
	PCAP_LINK_SLL = 113,  /* Linux "any" */
	PCAP_LINK_USER0 = 147, /* ours: userlink.h */
	PCAP_LINK_IPV4 = 228,
	PCAP_LINK_IPV6 = 229,
	PCAP_LINK_SLL2 = 276
};

struct pcap_packet {
	int64_t time_us; /* since 1970; 0: not recorded */
	uint16_t link;
	bool swapped;	 /* the recorder was of the other byte order than
			  * big endian: for LINK_NULL */
	uint64_t at;	 /* in the file: where its record begins */
	uint32_t length; /* as it was on the wire */
	struct kith_slice bytes; /* what was kept of it */
};

enum pcap_step {
	PCAP_MORE,   /* all of in was used */
	PCAP_PACKET, /* *out, borrowed until the next call */
	PCAP_BAD     /* pcap_why, pcap_at; nothing more comes */
};

struct pcap_reader;

/* Do files begin so?  Needs PCAP_MAGIC_BYTES. */
bool pcap_is_magic(const uint8_t *p);

/* Gives; free with pcap_reader_free.  NULL when out of memory. */
struct pcap_reader *pcap_reader_new(void);
void pcap_reader_free(struct pcap_reader *r);

enum pcap_step pcap_next(struct pcap_reader *r, struct kith_slice *in,
			 struct pcap_packet *out);

/* The file may end here: all that began is whole. */
bool pcap_is_whole(const struct pcap_reader *r);

/* Where the record begins that is being read, or that is bad. */
uint64_t pcap_at(const struct pcap_reader *r);
const char *pcap_why(const struct pcap_reader *r); /* static */

/* --- writing: a section of one interface ---------------------------------- */

/* Appends what a file begins with.  All texts are UTF-8, and cut where long. */
void pcap_put_start(struct kith_buf *out, uint16_t link, const char *name,
		    const char *program);

/* Appends a packet: length bytes on the wire, of which bytes are kept, cut to
 * PCAP_PACKET_BYTES_MAX; inbound or not; comment may be empty. */
struct pcap_said {
	int64_t time_us;
	bool inbound;
	uint32_t length;
	struct kith_slice head, bytes; /* one after the other */
	struct kith_slice comment;
};
void pcap_put_packet(struct kith_buf *out, const struct pcap_said *said);

#endif
