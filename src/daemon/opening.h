/*
 * Has what is private opened at once, where a live stream waits for it: slices
 * on the writer's thread until all keys were tried on all messages, and after
 * each the streams that show what is private look again.
 *
 * Where nobody waits ingest does the same, when it comes to it.  The loop's
 * thread.
 */
#ifndef DAEMON_OPENING_H
#define DAEMON_OPENING_H

#include "src/daemon/intake.h"

/* All zero at first. */
struct opening {
	struct intake_task task;
	struct follow *follow;
	bool running, more;
};

/* Where t shows that there is something to be opened.  What keeps it from
 * going on may be over with the next message: then it is to be asked again. */
void opening_look(struct daemon *d, struct txn *t);

#endif
