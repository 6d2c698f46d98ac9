/*
 * Which blobs messages refer to: read behind the log by a worker, so that what
 * authors within the configured hops refer to is wanted.
 *
 * At first, and when others come into reach, from the postings of links; then
 * what is new, from the log, and MARK_BLOBS remembers how far.  The loop's
 * thread.
 */
#ifndef DAEMON_BLOBS_REFS_H
#define DAEMON_BLOBS_REFS_H

#include "src/views/postings.h"

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
	uint64_t seen, noted; /* receive numbers; and what is stored of it */
	/* The worker's while it runs: where it is in the postings, or in the
	 * log behind seen. */
	bool by_links, more;
	struct term term;
	struct posting at;
	size_t n;
	struct blob_ref found[BLOB_REFS_SLICE];
};

void blob_refs_start(struct daemon *d);

/* The log or the follow graph may have changed. */
void blob_refs_look(struct daemon *d);

int64_t blob_refs_deadline_ms(const struct daemon *d);
void blob_refs_due(struct daemon *d, int64_t now_ms);

#endif
