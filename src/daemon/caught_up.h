/*
 * Local programs read their own writes: a query begins when the views have
 * caught up with what was committed when it was asked.  The loop's thread.
 */
#ifndef DAEMON_CAUGHT_UP_H
#define DAEMON_CAUGHT_UP_H

#include "src/daemon/intake.h"

/* Embed it; all zero but then. */
struct caught_up {
	struct intake_task task;
	/* Called on the loop; at once where nothing is behind, and early where
	 * kithd stops.  e: why the views stay behind, or NULL. */
	void (*then)(struct daemon *d, struct caught_up *c,
		     const struct kith_error *e);
	bool private; /* wait until what is private is opened, too */
	struct follow *follow;
	uint64_t until; /* receive number */
	bool more;
};

/* c must live until then is called, also where its caller has gone. */
void caught_up_wait(struct daemon *d, struct caught_up *c);

#endif
