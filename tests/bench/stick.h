/*
 * A stick as they are sold: a folder of the disk, as slow as one.
 *
 * Writes go into memory of a few megabytes, from which the stick takes them at
 * its own speed; a sync waits for it.  What is read comes at another speed, and
 * not while the stick writes.  The time that others work passes for it too.
 */
#ifndef BENCH_STICK_H
#define BENCH_STICK_H

#include "src/depot/folder.h"

struct stick_speed {
	double write, read; /* bytes a second */
};

/* Ends the program where it cannot.  Takes inner; folder_free. */
struct folder *stick_new(struct folder *inner,
			 const struct stick_speed *speed);

/* Copies every file below a folder of this machine, and syncs it: as cp. */
void stick_copy(const char *from, struct folder *to);

#endif
