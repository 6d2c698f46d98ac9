/*
 * Taking in: from the files of the writers into the sink.
 *
 * Private to take*.c and session.c.  EIO: the medium or the store; EFULL: ours;
 * EBUSY: the user says stop; ENOMEM; s->e says why.
 */
#ifndef DEPOT_TAKE_H
#define DEPOT_TAKE_H

#include "src/depot/session_private.h"

enum {
	TAKE_FLIGHT_MAX = 1 << 15,	/* messages under way at once */
	/* Of one feed in one session; the rest is left for another. */
	TAKE_FEED_MESSAGES_MAX = 1 << 20,
	/* Refusals of one writer, before the rest of it is left for another
	 * session. */
	TAKE_REFUSED_MAX = 1000,
	TAKE_PROOFS_MAX = 1000,
	/* Looks at what was left lying, each after something came in. */
	TAKE_LOOKS_MAX = 100,
	TAKE_PROGRESS_LINES = 256
};

/* Where a message came from that is under way. */
struct take_origin {
	struct depot_known *known;
	uint32_t segment;
	uint32_t feed; /* index */
	uint64_t sequence, offset;
	size_t bytes;
};

struct take {
	struct session *s;

	/* What is read. */
	struct depot_known *known;
	uint32_t segment;
	bool again;  /* only what was left there is looked at */
	uint64_t hurt; /* bytes of it that are damaged */
	struct depot_ranges *claims; /* what it says that is in it */
	uint64_t refused; /* of this writer */
	bool damaged;	  /* some of this writer's messages are */
	uint64_t lines, seen; /* of them messages, for the first time */

	/* Under way. */
	struct take_origin *origins;
	uint32_t *unused;
	size_t unused_count;
	bool failed; /* ours: nothing moves on */

	uint64_t done_bytes, total_bytes;
	uint64_t moved; /* messages that came in */
	uint64_t proofs;
};

/* --- take_flight.c -------------------------------------------------------- */

/* Hands a message in.  Errors are ours, or of the way: nothing moves on. */
KITH_CHECK enum kith_err take_hand_in(struct take *t, struct kith_slice value,
				      const struct take_origin *from);
/* Waits for all that is under way. */
KITH_CHECK enum kith_err take_settle(struct take *t);

/* --- take_left.c ---------------------------------------------------------- */

/* Remembers that a message was left lying. */
KITH_CHECK enum kith_err take_leave_lying(struct take *t,
					  const struct take_origin *from);
KITH_CHECK enum kith_err take_leave_range(struct take *t,
					  struct depot_known *k,
					  const struct depot_left *left);
/* It was refused: not to be looked at again. */
void take_drop_refused(struct take *t, const struct take_origin *from);

/* Looks at what was left lying, as long as something fits. */
KITH_CHECK enum kith_err take_left(struct take *t);

/* Messages that lie there, of feeds in reach and not. */
KITH_CHECK enum kith_err take_left_count(struct take *t);

/* --- take_message.c ------------------------------------------------------- */

/* One line of a segment. */
KITH_CHECK enum kith_err take_line(struct take *t,
				   const struct depot_line *line);
/* The runs of messages that were seen are in known->ranges. */
KITH_CHECK enum kith_err take_runs(struct take *t);

/* --- take_segment.c ------------------------------------------------------- */

/* Reads a segment from where we stopped last. */
KITH_CHECK enum kith_err take_segment(struct take *t,
				      const struct depot_segment *segment);
/* The same file again, from offset on, for what was left there. */
KITH_CHECK enum kith_err take_segment_again(struct take *t, uint32_t number,
					    uint64_t offset);

/* --- take.c --------------------------------------------------------------- */

/* Everything of everybody that is new.  s->memory is moved on; not saved where
 * this fails. */
KITH_CHECK enum kith_err take_all(struct session *s);

#endif
