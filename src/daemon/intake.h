/*
 * The daemon's door to ingest: who brought which message, and who is to hear
 * what became of it.
 *
 * Whoever brings messages (an ebt session, a history call, an import) opens an
 * inlet and hands in under its tag; results come back to it until it closes.
 */
#ifndef DAEMON_INTAKE_H
#define DAEMON_INTAKE_H

#include "src/ingest/ingest.h"

struct daemon;
struct peer;

typedef void (*intake_fn)(void *user, const struct ingest_result *result);

struct intake_slot {
	intake_fn fn; /* NULL: free */
	void *user;
	struct peer *peer;   /* who brings them; NULL: no connection does */
	uint32_t generation; /* so that a late result finds no newcomer */
};

/* All zero is empty. */
struct intake {
	struct intake_slot *slots;
	size_t count;
	struct ingest_done done; /* the next to be told of, */
	bool taken;		 /* if it is here */
	struct txn *shows; /* the store, while something is told of; or NULL */
};

/* An inlet for what p brings.  Gives a tag, or 0 when out of memory. */
uint32_t intake_open(struct peer *p, intake_fn fn, void *user);
/* One for what comes in without a connection; its owner tells of refusals, and
 * hands in by ingest_add. */
uint32_t intake_open_alone(struct daemon *d, intake_fn fn, void *user);
void intake_close(struct daemon *d, uint32_t tag);

/* Hands in one bare value that p brought; stops reading p when ingest has
 * enough.  Errors as ingest_add. */
KITH_CHECK enum kith_err intake_add(struct peer *p, uint32_t tag,
				    struct kith_slice value);

/* The message is in the log, since now or before. */
bool intake_holds(const struct ingest_result *result);

/* Why it is not; never empty. */
const char *intake_why(const struct ingest_result *result);

/* Work for the writer's thread that is no message; embed it first. */
struct intake_task {
	/* Called on the loop when the work is over; d's store shows it, and so
	 * does d->intake.shows. */
	void (*done)(struct daemon *d, struct intake_task *task,
		     const struct ingest_done *outcome);
};

/* Has fn(store, task) run between two commits (ingest_run).  task is the
 * caller's until done is called.  ENOMEM: it never will be. */
KITH_CHECK enum kith_err intake_run(struct daemon *d, ingest_fn fn,
				    struct intake_task *task);

/* Takes what is done and tells everybody; reads on where there was enough. */
void intake_drain(struct daemon *d);

void intake_stop(struct daemon *d);

#endif
