/*
 * One session with a depot, on a thread of its own.
 */
#ifndef DAEMON_DEPOT_RUN_H
#define DAEMON_DEPOT_RUN_H

#include "src/daemon/depots.h"

struct depot_outcome {
	enum kith_err err; /* ENOENT: there is no depot any more, or none yet */
	struct kith_error e;
	struct depot_report report;
};

/* Begins one; the way is open for it.  Gives; NULL: no memory, or no thread. */
struct depot_run *depot_run_start(struct daemon *d, struct depot_site *site);
struct depot_site *depot_run_site(const struct depot_run *r);

/* Waits for its end, and frees. */
void depot_run_end(struct depot_run *r, struct depot_outcome *out);

#endif
