/*
 * Room for blobs: the counts of keep.h, made from the rows, and sweeps, which
 * remove files to make room.
 */
#ifndef DAEMON_BLOBS_KEEP_H
#define DAEMON_BLOBS_KEEP_H

#include "src/gossip/keep.h"

struct daemon;

/* By the configuration. */
void blobs_quotas(const struct daemon *d, struct keep_quotas *out);

/* Whether one more may be fetched on behalf of others: where nothing else limits
 * these, they may not fill the disk all the same. */
bool blobs_fit_for_others(const struct daemon *d, const struct keep_row *row);

/* Room for what is on its way, and no more. */
void blobs_hold(struct daemon *d, const struct keep_row *row);
void blobs_let_go(struct daemon *d, const struct keep_row *row);

/* Counts anew, and offers to wants what is wanted and pushed.  Notes wait
 * meanwhile, and no fetch begins. */
void blobs_recount(struct daemon *d);

/* True if rows change by notes and words alone, each of which is counted. */
bool blobs_are_counted(const struct daemon *d);

/* Removes what goes for coming, NULL: what is over the limits; then what waits
 * for it goes on (blobs_fetch.h).  One at a time; false: no memory. */
bool blob_sweep_start(struct daemon *d, const struct keep_row *coming);

/* Sweeps if there is more than may be. */
void blobs_below_limits(struct daemon *d);

/* What the sweep removed is noted. */
void blob_sweep_noted(struct daemon *d);

/* Nothing more is fetched for a minute. */
void sharing_disk_full(struct daemon *d);

#endif
