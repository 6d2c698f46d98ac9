/*
 * What is done to a home while it is recorded.
 *
 * Each makes the home in folder/home itself, with one key, and says in marks
 * what it was promised (truth.h).  Stops the program where something fails.
 */
#ifndef CRASH_WORKLOAD_H
#define CRASH_WORKLOAD_H

#include "feeds/signer.h"

struct workload {
	const char *name;
	void (*run)(const char *folder);
};

/* Ends with a name of NULL. */
extern const struct workload workloads[];

/* The key of every workload.  Gives; NULL when out of memory. */
struct kith_signer *workload_signer(void);

#endif
