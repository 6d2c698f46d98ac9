/*
 * The check in a process of its own, so that nothing that it meets can take
 * down who asked for it.
 *
 * When the child dies, that is a finding, and another goes on behind the place
 * where it was.  The caller must not have the store open, nor threads.
 */
#ifndef FSCK_CHILD_H
#define FSCK_CHILD_H

#include "src/fsck/fsck.h"

typedef enum kith_err fsck_run_fn(const struct fsck_config *config,
				  struct fsck_summary *out,
				  struct kith_error *e);

/* Runs `run` (fsck_run) in a child; callbacks of config come in this process.
 * As fsck_run; EBUSY: tick gave up; EIO: the child dies wherever it starts. */
KITH_CHECK enum kith_err child_run(fsck_run_fn *run,
				   const struct fsck_config *config,
				   struct fsck_summary *out,
				   struct kith_error *e);

#endif
