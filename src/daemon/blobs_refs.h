/*
 * Which blobs messages refer to: read behind the log by a worker, so that what
 * authors within the configured hops refer to is wanted.
 *
 * At first, and when others come into reach, from the postings of links; then
 * what is new, from the log, and what was opened since, and marks remember how
 * far.  What only private messages refer to is decided on here; that it is
 * wanted shows its id to peers, and nothing else.  The loop's thread.
 */
#ifndef DAEMON_BLOBS_REFS_H
#define DAEMON_BLOBS_REFS_H

#include "src/daemon/blobs_notes.h"
#include "src/views/postings.h"
#include "src/views/viewer.h"

struct daemon;

enum { BLOB_REFS_SLICE = 512 /* found in one turn of the worker */ };

struct blob_ref {
	struct kith_blob_id id;
	struct kith_feed_id author;
};

struct blob_refs {
	struct daemon *daemon;
	bool running, news; /* the worker's turn; since it began */
	int64_t due_ms;	      /* INT64_MAX: nothing to do */
	int64_t again_ms;     /* the postings are not read again before */
	uint64_t graph;	      /* the version that was looked at */
	struct blob_seen seen, noted; /* and what is stored of it */
	/* The worker's while it runs: where it is in the postings, or in the
	 * log behind seen. */
	bool by_links, more;
	bool shut; /* not all is opened yet */
	struct viewer viewer; /* who sees what is private, for a turn */
	struct term term;
	struct posting at;
	size_t n;
	struct blob_ref found[BLOB_REFS_SLICE];
};

void blob_refs_start(struct daemon *d);

/* The log or the follow graph may have changed. */
void blob_refs_look(struct daemon *d);

/* Some of what was found could not be noted: in a while all is read again. */
void blob_refs_again(struct daemon *d);

int64_t blob_refs_deadline_ms(const struct daemon *d);
void blob_refs_due(struct daemon *d, int64_t now_ms);

#endif
