/*
 * Chores: long work on the writer's thread that a local program asked for,
 * told as a stream: {"done":n,"total":n} now and then, in whatever unit, then
 * what came of it, then the end.
 *
 * In steps, between which others write.  Given up at the end of a step when
 * that program goes away or kithd stops, and sooner if the kind can.
 * The loop's thread but for step.
 */
#ifndef DAEMON_CHORE_H
#define DAEMON_CHORE_H

#include "src/daemon/intake.h"
#include "src/daemon/peer.h"

struct chore;

/* What a kind of chore does; its struct embeds struct chore first. */
struct chore_kind {
	/* On the writer's thread; *more: another step is to come. */
	enum kith_err (*step)(struct chore *c, struct store *s, bool *more,
			      struct kith_error *e);
	/* How far it is, while a step may be running. */
	void (*progress)(const struct chore *c, uint64_t *done,
			 uint64_t *total);
	/* After each step that worked: the log has changed.  May be NULL. */
	void (*stepped)(struct daemon *d, struct chore *c);
	/* After the last step: true as long as what it led to goes on, and
	 * there is no result yet; chores_look asks again.  May be NULL. */
	bool (*waits)(struct chore *c);
	/* Appends the members of what came of it, `"after":1`. */
	void (*result)(const struct chore *c, struct kith_buf *out);
	/* Ends a running step before its time; may be NULL. */
	void (*stop)(struct chore *c);
	/* Frees what hangs on c, which is freed behind it; may be NULL. */
	void (*clear)(struct chore *c);
};

struct chore {
	struct request request;
	struct intake_task task;
	LIST_ENTRY(chore) all;
	struct daemon *daemon;
	const struct chore_kind *kind;
	bool running;  /* a step, which owns `more` */
	bool more;     /* another is to come */
	bool orphaned; /* nobody is to be told */
	bool waiting;  /* kind->waits */
};

LIST_HEAD(chore_list, chore);

/* Takes c, of malloc, all zero but what its kind added.  NULL: answers that
 * there was no memory for it. */
void chore_start(struct chore *c, const struct chore_kind *kind,
		 struct peer *p, const struct session_event *call);

/* What some wait for may be over. */
void chores_look(struct daemon *d);

/* Has all of them give up, and tells who asked; ingest_wait waits for the
 * steps that run. */
void chores_stop(struct daemon *d);

#endif
