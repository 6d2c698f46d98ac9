/*
 * What is done to a home while it is recorded.
 *
 * Each plays a scene of its own in disk, and says in marks what it was
 * promised (truth.h).  Stops the program where something fails.
 */
#ifndef CRASH_WORKLOAD_H
#define CRASH_WORKLOAD_H

#include "tests/crash/truth.h"

struct workload {
	const char *name;
	/* disk is recorded; what is made in the folder beside is not. */
	void (*run)(const char *disk, const char *beside);
	/* What a person does after the crash, before the home is looked at;
	 * NULL: nothing.  done: of disk's records.  False: it does not work.
	 * *complete: all that was asked for is there then. */
	bool (*after)(const char *disk, const char *beside,
		      const struct truth *t, size_t done, bool *complete);
};

/* Ends with a name of NULL. */
extern const struct workload workloads[];

#endif
