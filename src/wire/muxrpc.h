/*
 * muxrpc packets: bytes of an open box stream in, packets out; and back.
 *
 * Pure and stepped.  The reader stops at each header so that its caller can
 * say how long a body this request may have before memory is taken.
 * Format: protocol/04 sections 1 to 3.
 */
#ifndef WIRE_MUXRPC_H
#define WIRE_MUXRPC_H

#include "feeds/bytes.h"

enum { MUXRPC_HEADER_BYTES = 9 };

enum muxrpc_type {
	MUXRPC_BINARY,
	MUXRPC_STRING,
	MUXRPC_JSON,
	MUXRPC_RESERVED /* no such type: for the caller to answer */
};

/* As records and captures name it: "binary", "string", "json", "reserved". */
const char *muxrpc_type_name(enum muxrpc_type type);

struct muxrpc_packet {
	enum muxrpc_type type;
	bool stream;	  /* belongs to a stream, not to one request */
	bool end;	  /* last of its stream, or an error reply */
	int32_t request;  /* > 0 asked by the sender, < 0 its answer */
	uint32_t length;  /* of the body, bytes */
	struct kith_slice body; /* after PACKET: of in or the reader; borrowed
				 * until the next call */
};

enum muxrpc_step {
	MUXRPC_MORE,	/* all of in was used */
	MUXRPC_HEADER,	/* *out but its body; call muxrpc_allow or stop */
	MUXRPC_PACKET,	/* *out whole */
	MUXRPC_GOODBYE, /* nine zero bytes */
	MUXRPC_BAD	/* after goodbye, over the allowed length, no memory */
};

struct muxrpc_reader;

/* Gives; free with muxrpc_reader_free.  NULL when out of memory. */
struct muxrpc_reader *muxrpc_reader_new(void);
void muxrpc_reader_free(struct muxrpc_reader *r);

enum muxrpc_step muxrpc_next(struct muxrpc_reader *r, struct kith_slice *in,
			     struct muxrpc_packet *out);

/* After MUXRPC_HEADER: bodies up to max_bytes are read, longer ones are BAD. */
void muxrpc_allow(struct muxrpc_reader *r, uint32_t max_bytes);

/* Why the last step was BAD: ETOOBIG, ENOMEM or EFORMAT. */
enum kith_err muxrpc_error(const struct muxrpc_reader *r);

/* The packet that such a header begins, without its body.  False: goodbye. */
bool muxrpc_get_header(const uint8_t header[static MUXRPC_HEADER_BYTES],
		       struct muxrpc_packet *out);

/* Appends a header for p->length body bytes; the caller appends the body. */
void muxrpc_put_header(const struct muxrpc_packet *p, struct kith_buf *out);
void muxrpc_put_goodbye(struct kith_buf *out);

#endif
