/* What scrub.c and scrub_blobs.c share. */
#ifndef DEPOT_SCRUB_PRIVATE_H
#define DEPOT_SCRUB_PRIVATE_H

#include "src/depot/scrub.h"

/* Counts one, and tells. */
void scrub_found(struct scrub *s, struct survey_finding *f);

/* Reads every blob that is there; those that are something else are findings,
 * and in s->bad. */
KITH_CHECK enum kith_err scrub_check_blobs(struct scrub *s,
					   struct kith_error *e);

#endif
