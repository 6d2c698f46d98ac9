/*
 * What is done to a home while it is recorded.
 *
 * Each plays a scene of its own in folder, and says in marks what it was
 * promised (truth.h).  Stops the program where something fails.
 */
#ifndef CRASH_WORKLOAD_H
#define CRASH_WORKLOAD_H

struct workload {
	const char *name;
	void (*run)(const char *folder);
};

/* Ends with a name of NULL. */
extern const struct workload workloads[];

#endif
