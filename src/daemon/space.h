/*
 * Room in the store: its limit, and what retention takes away by itself.
 *
 * At the limit nobody is asked for anything, while we serve on; what we write
 * ourselves still goes through.  Retention looks over all feeds now and then,
 * in small steps on the writer's thread.
 */
#ifndef DAEMON_SPACE_H
#define DAEMON_SPACE_H

#include "src/daemon/intake.h"
#include "src/ingest/retain.h"

enum { SPACE_FIRST_MS = 60000, SPACE_EVERY_MS = 3600000 };

struct space {
	bool sated;		    /* the limit is reached */
	struct intake_task task;    /* of retention */
	struct retaining retaining; /* near is set while it runs */
	bool running, more;
	int64_t due_ms; /* retention; INT64_MAX: never, or running */
	/* Removed by retention since the start. */
	uint64_t feeds, messages, bytes;
};

void space_start(struct daemon *d);
void space_stop(struct daemon *d);

/* The log has changed: looks whether the limit is reached, or no more. */
void space_look(struct daemon *d);

int64_t space_deadline_ms(const struct daemon *d);
void space_due(struct daemon *d, int64_t now_ms);

/* Makes r ready for the rule of the configuration.  Gives r->near.  ENOMEM. */
KITH_CHECK enum kith_err space_rule(struct daemon *d, struct retaining *r);

/* Tells replication what a step changed. */
void space_stepped(struct daemon *d, const struct retaining *r);

#endif
