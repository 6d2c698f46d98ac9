/*
 * Reads all that is in a depot, and names what is damaged: by writer, file and
 * bytes, and by feed and sequence where an index, or what a node remembers,
 * says what stood there.
 *
 * Reads only; what heals is a session, which is told by scrub_remember what
 * cannot be read, and scrub_blobs.  Blocks; one thread.
 * Source: protocol/15 section 6, test 11; kith-depot(5).
 */
#ifndef DEPOT_SCRUB_H
#define DEPOT_SCRUB_H

#include "src/depot/survey.h"

struct scrub {
	struct survey *survey;
	/* What was read of it before, to name what has no index; or NULL. */
	const struct depot_memory *memory;
	/* Messages are decoded, and their signatures verified; else NULL. */
	struct kith_decoder *decoder;
	/* Blobs that may be there under names that are sealed: ours and those
	 * that anybody wants. */
	struct blobs *blobs;

	/* What came of it. */
	uint64_t segments, lines, messages, signatures, bytes;
	uint64_t blobs_read, blobs_unknown; /* sealed, and nobody says which */
	uint64_t findings, pieces; /* and damaged pieces among them */
	struct depot_ranges *lost; /* was there, and cannot be read any more
				    * anywhere in the depot */
	struct kith_blob_id *bad;  /* blobs that are not what they must be */
	size_t bad_count;
};

/* Fills in all of w->ranges by what can be read.  Gives lost and bad;
 * scrub_clear in any case.  ENOMEM; EIO: the medium is gone; EBUSY: stopped. */
KITH_CHECK enum kith_err scrub_run(struct scrub *s, struct kith_error *e);
void scrub_clear(struct scrub *s);

/* Takes out of memory what cannot be read any more, so that a session, which is
 * told of lost as well (depot_config), writes again what we have of it and says
 * LACK for the rest. */
KITH_CHECK enum kith_err scrub_remember(const struct scrub *s,
					struct depot_memory *m,
					struct kith_error *e);

/* Writes those of bad again that are here; *healed of them.  EFULL, EIO,
 * EDENIED: the depot cannot be written to. */
KITH_CHECK enum kith_err scrub_blobs(struct scrub *s, size_t *healed,
				     struct kith_error *e);

#endif
