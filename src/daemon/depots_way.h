/*
 * The way of a session with a depot into kithd: parcels of messages from its
 * thread to the loop, which hands them to ingest, and verdicts back after the
 * commit.
 *
 * A parcel is one side's alone at a time; few are under way, so that memory is
 * bounded and the session waits where ingest has enough.  Blobs are written by
 * the session's thread, and the loop notes that they came.
 */
#ifndef DAEMON_DEPOTS_WAY_H
#define DAEMON_DEPOTS_WAY_H

#include <pthread.h>
#include <sys/queue.h>

#include "src/depot/session.h"

struct daemon;

enum {
	PARCEL_MESSAGES = 64,
	PARCEL_BYTES = 192 * 1024, /* full at two thirds: one more fits */
	PARCELS_MAX = 16,
	ERRANDS_MAX = 64 /* proofs and blobs */
};

struct parcel_item {
	uint32_t tag;
	size_t offset, n;
	enum ingest_verdict verdict;
	enum kith_err code;
	char why[80];
};

/* What it carries: messages whose verdicts go back, or what nobody waits for
 * and the loop frees: both halves of a proof, or the word that a blob came. */
enum parcel_kind { PARCEL_OF_MESSAGES, PARCEL_OF_PROOF, PARCEL_OF_BLOB };

struct parcel {
	STAILQ_ENTRY(parcel) next;
	enum parcel_kind kind;
	struct kith_buf bytes;
	/* Items: put in, in ingest, told by it, read by the session. */
	size_t count, handed, told, read;
	struct parcel_item items[PARCEL_MESSAGES];
	struct depot_blob blob;
};

STAILQ_HEAD(parcel_queue, parcel);

struct depots_way {
	struct daemon *daemon;
	pthread_mutex_t lock;
	pthread_cond_t moved;
	/* Under the lock: */
	struct parcel_queue spare, posted, answered;
	size_t under_way; /* parcels of messages, posted and not answered */
	size_t errands;	  /* posted, and not freed */
	bool stopped, over; /* over: the session's thread is done */
	/* The loop's: */
	struct parcel_queue handed; /* in ingest */
	struct parcel *handing;	    /* of posted, some of it in ingest */
	uint32_t inlet;
	/* The session's: */
	struct parcel *filling, *reading;
	struct depot_sink sink;
	struct parcel parcels[PARCELS_MAX];
};

/* --- the loop ------------------------------------------------------------- */

/* Before the session's thread, and when it is over or will never be again. */
KITH_CHECK enum kith_err depots_way_open(struct depots_way *w,
					 struct daemon *d);
void depots_way_close(struct depots_way *w);

/* What the session waits for ends, with EBUSY. */
void depots_way_stop(struct depots_way *w);

/* Hands on what was posted, as far as ingest takes more.  True: the session's
 * thread is done, and nothing is left to be handed on. */
bool depots_way_go_on(struct depots_way *w);

/* --- the session's thread ------------------------------------------------- */

bool depots_way_is_stopped(struct depots_way *w);

/* It is done: the loop is woken. */
void depots_way_end(struct depots_way *w);

#endif
