/*
 * Marks: up to where the person at this node has read.  Local rows, in no
 * feed.
 *
 * A mark is a receive number: what came later is unread, however old it says
 * it is.
 */
#ifndef VIEWS_MARKS_H
#define VIEWS_MARKS_H

#include "src/views/viewer.h"

/* Values are stored and never change meaning. */
enum mark_kind {
	MARK_TIMELINE = 1, MARK_INBOX = 2, MARK_THREAD = 3,
	MARK_BLOBS = 4, /* not read, but looked through for blobs, by kithd */
	MARK_BLOBS_OPENED = 5 /* the same of what was opened: its number */
};

struct mark {
	enum mark_kind kind;
	struct kith_msg_id root; /* of MARK_THREAD */
};

/* 0: nothing was ever read. */
uint64_t mark_get(struct txn *t, const struct mark *m);

/* Read up to rx; a mark never goes back.  For a writer. */
void mark_put(struct txn *t, const struct mark *m, uint64_t rx);

/* The receive number of the newest message: all there is has been read. */
uint64_t mark_newest(struct txn *t);

/* Marks timeline and inbox as read up to rx, but not beyond the newest message;
 * commits.  As store_write and txn_commit. */
KITH_CHECK enum kith_err marks_read(struct store *s, uint64_t rx,
				    struct kith_error *e);

/* Walks what is unread of what is written (content.h) by receipt: *rx the mark
 * first.  Left out: what the viewer wrote or hides. */
bool mark_next_unread(struct txn *t, const struct viewer *v, uint64_t *rx,
		      struct message_row *out);

#endif
