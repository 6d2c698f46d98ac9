/*
 * What the store knows of others, taken up behind the start: how far every
 * feed goes, who follows and blocks whom, who forked.
 *
 * In a large store that is thousands of scattered pages.  So they are read in
 * short turns of the loop, and local programs that only read the log are
 * answered between them.  Nobody else is served and nothing is written before
 * it is over: blocks must be known first.
 */
#ifndef DAEMON_LOAD_H
#define DAEMON_LOAD_H

#include "src/views/contacts.h"

struct daemon;

enum { LOAD_TURN_MS = 2 };

enum load_stage { LOAD_FEEDS, LOAD_CONTACTS, LOAD_FORKS, LOAD_OVER };

/* All zero is the beginning. */
struct load {
	enum load_stage stage;
	uint32_t feed;		/* number of the last that was read */
	struct contact contact; /* the last that was read */
	struct kith_error error;
};

bool load_over(const struct daemon *d);

/* Reads on for LOAD_TURN_MS.  At the end, what waited for it begins; on an
 * error, which load.error keeps, the daemon stops. */
void load_turn(struct daemon *d);

/* Reads all that is left; false: an error, as above. */
KITH_CHECK bool load_rest(struct daemon *d);

#endif
