/*
 * A blob on its way into its file: bytes come in on the loop, and a worker
 * writes and hashes them.
 *
 * What waits for the disk counts on the peer that it comes from (pace.h), which
 * is then not read.  Ends with one of finish, cut and drop, and then with the
 * one call of done.  The loop's thread.
 */
#ifndef DAEMON_BLOBS_TAKE_H
#define DAEMON_BLOBS_TAKE_H

#include "src/daemon/peer.h"
#include "src/store/blobs.h"

struct blob_taking;

/* What came of it. */
struct blob_taken {
	enum kith_err err; /* ENOENT: it was cut or dropped */
	struct kith_blob_id id;
	uint64_t bytes; /* the blob's, or of what is kept of it */
	char why[160];
};

struct blob_take {
	struct daemon *daemon;
	struct peer *peer;
	const struct kith_blob_id *id; /* NULL: not known */
	uint64_t limit;
	bool resume;   /* keep what a cut leaves, */
	uint64_t from; /* and go on behind so much that was left; 0: anew */
	/* Where from is not 0: the file is open behind it, or not. */
	void (*opened)(void *user, bool ok);
	void (*done)(void *user, const struct blob_taken *taken);
	void *user;
};

/* Copies how.  NULL when out of memory. */
struct blob_taking *blob_taking_new(const struct blob_take *how);

/* Bytes are copied.  False: no memory, or the disk failed; done says why. */
bool blob_taking_put(struct blob_taking *t, struct kith_slice bytes);

void blob_taking_finish(struct blob_taking *t);
void blob_taking_cut(struct blob_taking *t);
void blob_taking_drop(struct blob_taking *t);

/* The peer is gone: nothing more counts on it. */
void blob_taking_alone(struct blob_taking *t);

/* Gives workers what waits: after each event. */
void blob_takings_settle(struct daemon *d);

#endif
