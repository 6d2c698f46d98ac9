/*
 * A daemon on a thread of its own, in a home as kith init leaves one, and a
 * client on its socket.
 *
 * Failing is a failing test.
 */
#ifndef SUPPORT_BED_H
#define SUPPORT_BED_H

#include <pthread.h>

#include "src/client/client.h"
#include "src/daemon/daemon.h"
#include "tests/support/author.h"
#include "tests/support/home.h"

enum { BED_SEED = 1 };

struct bed {
	struct test_home h;
	struct author self; /* of seed BED_SEED; its key is the home's */
	struct daemon *daemon;
	pthread_t thread;
	bool running;
	struct client *client;
};

/* Makes the home; its store is open for what a test puts in before. */
void bed_init(struct bed *b);

/* Leaves the store to a daemon, which can be called and does not run yet.
 * config: NULL for the usual one; it listens on loopback in any case. */
void bed_open(struct bed *b, const struct config *config);

/* The daemon runs; and b->client is on its socket. */
void bed_run(struct bed *b);
void bed_start(struct bed *b);

/* Waits for a daemon that was told to stop, which must have gone well. */
void bed_join(struct bed *b);

/* As another run of kithd. */
void bed_restart(struct bed *b, const struct config *config);

/* Another client on the socket. */
struct client *bed_dial(struct bed *b);

/* Has the daemon stop, where it runs, and removes everything. */
void bed_close(struct bed *b);

#endif
