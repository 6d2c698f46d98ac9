/*
 * The inside of a session: private to session.c, which reads, and
 * session_send.c, which writes.
 */
#ifndef WIRE_SESSION_STATE_H
#define WIRE_SESSION_STATE_H

#include "src/wire/box.h"
#include "src/wire/requests.h"
#include "src/wire/session.h"

enum {
	/* Bytes queued: far over what a caller that looks at session_queued
	 * lets come together; past it the session is lost. */
	SESSION_QUEUE_BYTES_MAX = 64 << 20,
	/* Bytes of an empty queue whose memory is kept. */
	SESSION_QUEUE_BYTES_KEPT = 256 * 1024
};

enum session_phase {
	SESSION_OPEN,
	SESSION_CLOSING,  /* we said goodbye */
	SESSION_FINISHED, /* both did */
	SESSION_LOST	  /* why says why */
};

struct session {
	enum session_phase phase;
	const char *why;
	bool sealed;
	bool box_goodbye; /* to be sent behind the queue */
	struct box_reader box_in;
	struct box_writer box_out;
	struct kith_slice opened; /* of the frame in box_in, not yet read */
	struct muxrpc_reader *reader;
	struct session_limits limits;
	uint32_t late_bytes; /* longest body of a request that we forgot */
	struct requests requests;
	int32_t last_call;
	struct kith_buf heard; /* backs the slices of an event */
	struct kith_buf text;  /* an error's, while it is put together */
	struct kith_buf queue; /* whole packets, not sealed yet */
	struct recorder *recorder; /* NULL: none */
	size_t recorded; /* bytes in front of the first packet of the queue
			  * that it has not been told of */
};

/* Queues an error packet for a number that is not in the table. */
void session_put_error(struct session *s, int32_t number, bool stream,
		       struct kith_slice message);

/* Queues the end of our side. */
void session_put_end(struct session *s, const struct request *r);

/* Queues the error that ends our side, or answers. */
void session_break(struct session *s, const struct request *r,
		   const char *message);

#endif
