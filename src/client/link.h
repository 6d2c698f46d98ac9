/*
 * A link: one socket with a deadline, bytes out of it and into it.
 *
 * Dials, then moves bytes both ways at once, so that two ends that both have
 * much to say never wait for each other.  Knows nothing of what they mean.
 * One thread a link.
 */
#ifndef CLIENT_LINK_H
#define CLIENT_LINK_H

#include "feeds/bytes.h"
#include "src/wire/address.h"

enum { LINK_READ_BYTES = 64 * 1024, LINK_UNSENT_BYTES_MAX = 32 << 20 };

/* Embedded. */
struct link {
	int fd;
	bool ended;		   /* the remote sends no more */
	struct kith_slice pending; /* read and not yet taken */
	struct kith_buf out;	   /* to be written */
	uint8_t in[LINK_READ_BYTES];
};

/* Monotonic, milliseconds. */
int64_t link_now_ms(void);

/* Connects to the host or the socket file of a, trying every address of a
 * name.  EBUSY: no one listens there; EIO: unreachable, or not by deadline_ms
 * on the scale of link_now_ms.  Ended by link_clear. */
KITH_CHECK enum kith_err link_dial(struct link *l, const struct address *a,
				   int64_t deadline_ms, struct kith_error *e);
void link_clear(struct link *l);

/* Writes what out holds and reads into pending, which must be empty, until
 * bytes came or the remote ended; deadline_ms < 0: for ever.  EBUSY: nothing
 * came by then; EIO: the connection broke. */
KITH_CHECK enum kith_err link_move(struct link *l, int64_t deadline_ms,
				   struct kith_error *e);

/* Writes until less than below waits in out, reading nothing meanwhile.  EIO:
 * the connection broke, or it did not by deadline_ms. */
KITH_CHECK enum kith_err link_drain(struct link *l, size_t below,
				    int64_t deadline_ms, struct kith_error *e);

/* Writes as much of out as the socket takes without waiting. */
KITH_CHECK enum kith_err link_push(struct link *l, struct kith_error *e);

#endif
