/*
 * A scratch store, for trials: it knows where each feed of another store ends,
 * takes messages as that one would, and is gone afterwards.
 *
 * Its files lose their names at once, so that nothing is left behind whatever
 * happens.  The other store is only read.  One thread.
 */
#ifndef TOOLS_PASS_SCRATCH_H
#define TOOLS_PASS_SCRATCH_H

#include "src/ingest/ingest.h"

struct scratch;

/* Made in folder; like is kept as a view; hmac: 32 bytes or NULL.  Gives;
 * scratch_close. */
KITH_CHECK enum kith_err scratch_open(const char *folder, struct store *like,
				      const uint8_t *hmac,
				      struct scratch **out,
				      struct kith_error *e);
void scratch_close(struct scratch *s);

/* The way in. */
struct ingest *scratch_ingest(struct scratch *s);

/* Corrects what its ingest says of value: below the ends of feeds only the
 * other store knows what is held. */
void scratch_judge(struct scratch *s, struct kith_slice value,
		   struct ingest_result *r);

#endif
