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

enum { BED_SEED = 1, BED_WAIT_MS = 60000 };

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

/* Where other peers reach the daemon. */
struct address bed_address(const struct bed *b);

/* Calls a method, which must answer: that, borrowed until the next call. */
struct kith_slice bed_call(struct bed *b, const char *method,
			   const char *args);

/* Calls one that must refuse, with these words. */
void bed_refuses(struct bed *b, const char *method, const char *args,
		 const char *why);

/* The next item of the source that is open, borrowed until the next call; and:
 * nothing comes for a moment. */
struct kith_slice bed_next(struct bed *b);
void bed_is_calm(struct bed *b);

/* Has put write each item of a stream, and "..." behind them where it stays
 * open, or the text of the error that it ends with: that is expected. */
void bed_streams(struct bed *b, const char *name, struct kith_slice args,
		 void (*put)(struct kith_buf *out, struct kith_slice item),
		 const char *expected);

/* Adds a message as a program of our own does. */
enum kith_err bed_add(struct client *c, struct kith_slice message,
		      struct kith_error *e);

/* Waits until kith.blobWhy says that a blob stands so. */
void bed_comes_to_stand(struct bed *b, const char *blob, const char *stand);

/* Has the daemon stop, where it runs, and removes everything. */
void bed_close(struct bed *b);

#endif
