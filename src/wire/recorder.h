/*
 * Recorders: what happens on one connection becomes lines of a capture.
 *
 * Whoever moves a connection's bytes tells its recorder; a session tells what
 * it opened and sealed (session_record).  Lines gather in the recording, which
 * all recorders of a capture share, until its owner writes them.  What finds
 * no room there is counted, and the count is a line: a capture has only whole
 * lines and says what it lacks.
 * Pure.  Format: ssbcap(5).
 */
#ifndef WIRE_RECORDER_H
#define WIRE_RECORDER_H

#include "src/wire/capture.h"

/* Shared.  Its owner sets the limit of lines, which is CAPTURE_LINE_BYTES_MAX
 * or more, and frees them. */
struct recording {
	struct kith_buf lines;
	int64_t now_us; /* the owner sets it before there is news */
	bool headers;	/* no bodies: only how long they were */
	uint64_t lost;	/* lines, not yet told of, */
	uint64_t all_lost; /* and all */
};

enum { RECORDER_MESSAGE_BYTES_MAX = 112 };

/* What one side said of the handshake. */
struct recorder_side {
	unsigned messages; /* whole ones */
	size_t n;	   /* of the next */
	uint8_t b[RECORDER_MESSAGE_BYTES_MAX];
	uint8_t ephemeral[SHS_EPHEMERAL_BYTES]; /* public; of the first */
};

struct recorder {
	struct recording *to; /* a view */
	uint32_t conn;
	bool dialled; /* the side that records is the client */
	struct recorder_side sides[2]; /* theirs, ours */
};

void recorder_init(struct recorder *r, struct recording *to, uint32_t conn,
		   bool dialled);

/* Puts any line: of the capture itself, or one that nothing below makes. */
void recording_put(struct recording *to, const struct capture_line *line);

/* Takes back what is over so many bytes, by whole lines. */
void recording_cut(struct recording *to, size_t bytes);

/* Moves lines that gathered elsewhere to the end of to, all or none. */
void recording_join(struct recording *to, struct recording *from);

/* CONNECT, ACCEPT or ONGOING.  id: whom it is to, NULL where that is not
 * known; pair: see struct capture_line. */
void recorder_open(struct recorder *r, enum capture_event event,
		   const char *at, const struct kith_feed_id *id,
		   uint32_t pair);
/* out: we closed it.  unsent: bytes that were to be sent. */
void recorder_close(struct recorder *r, bool out, const char *why,
		    uint64_t unsent);

/* Bytes of the handshake, in pieces of any size. */
void recorder_shake(struct recorder *r, bool out, struct kith_slice bytes);
void recorder_done(struct recorder *r, const struct kith_feed_id *id);
void recorder_fail(struct recorder *r, bool out, const char *why);

/* The keys of the session as a line of a key log has them; false: the
 * handshake was not recorded.  The caller wipes them. */
KITH_CHECK bool recorder_keys(const struct recorder *r,
			      const struct box_keys *keys,
			      struct capture_keys *out);

/* Sealed bytes that cannot be opened; with them, unless only headers are
 * recorded. */
void recorder_raw(struct recorder *r, bool out, struct kith_slice bytes);

/* A frame, or several: those that so many bytes are cut into. */
void recorder_frames(struct recorder *r, bool out, size_t body_bytes);
void recorder_packet(struct recorder *r, bool out,
		     const struct muxrpc_packet *p);
/* GOODBYE or BAD of box or rpc; why may be NULL. */
void recorder_end(struct recorder *r, bool out, enum capture_layer layer,
		  enum capture_event event, const char *why);

#endif
