/*
 * One direction of a TCP connection, put together of its recorded segments:
 * segments in, bytes in order out.
 *
 * Repeats are dropped, what came too early waits, up to limits; where bytes are
 * missing for good a gap is told and the rest goes on.  Pure and stepped.
 * Format: RFC 9293.
 */
#ifndef WIRE_TCP_H
#define WIRE_TCP_H

#include "src/wire/segment.h"

enum {
	TCP_HELD_BYTES_MAX = 1 << 20, /* that wait for others before them */
	TCP_HELD_MAX = 1024	      /* segments */
};

enum tcp_step {
	TCP_MORE,  /* nothing more of what was put */
	TCP_BYTES, /* the next ones, borrowed until the next call */
	TCP_GAP,   /* so many are missing here */
	TCP_END    /* FIN or RST: the sender sends no more; once */
};

struct tcp_out {
	struct kith_slice bytes;
	uint64_t missing; /* GAP */
	bool reset;	  /* END */
};

/* Embedded, all zero at first; freed by tcp_clear. */
struct tcp {
	bool begun;	  /* next is known */
	bool whole;	  /* its SYN was seen */
	bool ended, told_end, reset;
	bool lost;	  /* out of memory for what waited */
	uint32_t first_byte; /* its sequence number */
	uint32_t next;	  /* that of the next byte */
	uint32_t end;	  /* after FIN: of the byte behind the last */
	uint64_t repeated; /* bytes that had come before */
	struct tcp_held *first; /* by sequence number */
	size_t held, held_bytes;
	struct tcp_held *given; /* its bytes are out */
	struct kith_slice now;	/* of the segment that was put */
	uint32_t cut;		/* bytes of it that were not recorded */
};

void tcp_clear(struct tcp *t);

/* The next segment of this direction, in the order of the recording; borrowed
 * until tcp_next gave MORE. */
void tcp_put(struct tcp *t, const struct segment *s);

/* flush: no more will be put, so what is missing is missing for good. */
enum tcp_step tcp_next(struct tcp *t, bool flush, struct tcp_out *out);

#endif
