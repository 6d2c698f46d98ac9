/*
 * What is in a packet of our pcapng files (link type USER0): what was said on
 * connections, opened.
 *
 *	0	version, 1
 *	1	what follows: enum userlink_kind
 *	2	direction: 0 in, 1 out
 *	3	zero
 *	4..7	number of the connection, big endian
 *	8..	of PACKET a muxrpc packet with its header, or its goodbye;
 *		of HANDSHAKE one message of it; of NOTE a text in UTF-8
 *
 * Pure.  tools/wireshark/ssb.lua reads the same.
 */
#ifndef WIRE_USERLINK_H
#define WIRE_USERLINK_H

#include "src/wire/pcap.h"

enum { USERLINK_BYTES = 8, USERLINK_VERSION = 1 };

enum userlink_kind { USERLINK_NOTE, USERLINK_HANDSHAKE, USERLINK_PACKET };

struct userlink {
	enum userlink_kind kind;
	bool out;
	uint32_t conn;
};

static inline void userlink_encode(const struct userlink *u,
				   uint8_t to[static USERLINK_BYTES])
{
	to[0] = USERLINK_VERSION;
	to[1] = (uint8_t)u->kind;
	to[2] = u->out;
	to[3] = 0;
	kith_put_be32(to + 4, u->conn);
}

/* Takes it off the front; false: it is none of ours. */
KITH_CHECK static inline bool userlink_decode(struct kith_slice *in,
					      struct userlink *u)
{
	if (in->n < USERLINK_BYTES || in->p[0] != USERLINK_VERSION ||
	    in->p[1] > USERLINK_PACKET || in->p[2] > 1)
		return false;
	u->kind = (enum userlink_kind)in->p[1];
	u->out = in->p[2];
	u->conn = kith_be32(in->p + 4);
	in->p += USERLINK_BYTES;
	in->n -= USERLINK_BYTES;
	return true;
}

#endif
