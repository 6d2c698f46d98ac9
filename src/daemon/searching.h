/*
 * The index of search is kept up to the log, by a worker, behind the commits.
 *
 * While messages stream in it waits for a pause, so that they have the
 * processor to themselves: who searches lets the index catch up first, here as
 * elsewhere.  Words of messages that are gone are swept out a little later.
 */
#ifndef DAEMON_SEARCHING_H
#define DAEMON_SEARCHING_H

#include "src/views/search.h"

struct daemon;

struct searching {
	struct daemon *daemon;
	bool running, over; /* the worker's turn; the daemon closes */
	bool news;	    /* since that turn began */
	int64_t due_ms;	    /* INT64_MAX: never, or running */
	int64_t latest_ms;  /* however many messages come in */
	int64_t sweep_ms;   /* INT64_MAX: nothing is to be swept out */
	/* The worker's while it runs. */
	struct search *search; /* NULL: not open yet */
	struct search_slice slice;
	enum kith_err err;
	struct kith_error error;
	bool told; /* that it does not work */
};

void searching_start(struct daemon *d);

/* The log may have changed. */
void searching_look(struct daemon *d);

int64_t searching_deadline_ms(const struct daemon *d);
void searching_due(struct daemon *d, int64_t now_ms);

/* Before the loop is freed, which waits for the worker; and behind that. */
void searching_stop(struct daemon *d);
void searching_free(struct daemon *d);

#endif
