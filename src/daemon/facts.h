/*
 * Local facts on their way to the store: what peers told they have, and the
 * addresses we know.
 *
 * Rows wait here and are written by one task of the writer's thread at a time,
 * so that the loop never waits for a disk.  Lost rows cost a little traffic,
 * nothing else.
 */
#ifndef DAEMON_FACTS_H
#define DAEMON_FACTS_H

#include <sys/queue.h>

#include "src/daemon/intake.h"
#include "src/daemon/rate.h"
#include "src/store/local.h"

struct daemon;
struct ebt_peer;
struct peer;
struct fact;

STAILQ_HEAD(fact_queue, fact);

struct facts {
	struct fact_queue waiting, writing;
	struct intake_task task;
	bool busy; /* the task has writing */
	struct rate strangers; /* that were numbered */
};

void facts_start(struct daemon *d);
/* Writes what waits, on this thread.  The loop is gone. */
void facts_stop(struct daemon *d);

/* What p told in its ebt session. */
void facts_save_clock(struct daemon *d, const struct kith_feed_id *peer,
		      const struct ebt_peer *p);

/* As soon as a session has begun: should we crash in it, an older clock would
 * hide feeds that both sides want by now. */
void facts_forget_clock(struct daemon *d, const struct kith_feed_id *peer);

/* text: a multiserver address; copied. */
void facts_save_address(struct daemon *d, const uint8_t key[static 32],
			const char *text, bool paused);

/* The small number under which the log names p as a source; PEER_UNKNOWN: it
 * cannot be written now, or too many strangers came.  Made when p first brings
 * a message that we want: the one row that the loop writes itself. */
uint32_t facts_peer_number(struct daemon *d, struct peer *p);

#endif
