/*
 * The inbox: messages of others that concern the viewer, newest first.
 *
 * Nothing is kept for it: the viewer's messages are joined with the links to
 * them.  So it costs a few seeks for each of them, whatever else is stored.
 */
#ifndef VIEWS_INBOX_H
#define VIEWS_INBOX_H

#include "src/views/postings.h"
#include "src/views/viewer.h"

/* Why: any of them. */
enum inbox_reason {
	INBOX_MENTION = 1,   /* names the viewer in mentions or reply */
	INBOX_REPLY = 2,     /* answers a message of the viewer */
	INBOX_THREAD = 4,    /* in a thread in which the viewer wrote */
	INBOX_VOTE = 8,	     /* on a message of the viewer; what counts now */
	INBOX_FOLLOW = 16,   /* the author's newest word on the viewer */
	INBOX_UNFOLLOW = 32,
	INBOX_BLOCK = 64,
	INBOX_ALL = 127
};

struct inbox_item {
	struct posting at; /* time and receive number: also the cursor */
	unsigned reasons;
};

enum { INBOX_PAGE_MAX = 1000 };

struct inbox_query {
	unsigned reasons;      /* items with any of them */
	struct posting before; /* POSTING_LAST: from the newest */
	uint64_t above_rx;     /* only what came after; 0: all */
};

/* Fills out with at most room items (1 to INBOX_PAGE_MAX), newest first, and
 * *n; none where the viewer is nobody.  The page after: before = the last
 * one's at.  ENOMEM. */
KITH_CHECK enum kith_err inbox_page(struct txn *t, const struct viewer *v,
				    const struct inbox_query *q,
				    struct inbox_item *out, size_t room,
				    size_t *n);

/* Why one message concerns the viewer; 0: it does not.  Costs a walk over what
 * the viewer wrote; the views have the message.  ENOMEM. */
KITH_CHECK enum kith_err inbox_why(struct txn *t, const struct viewer *v,
				   const struct message_row *row,
				   unsigned *reasons);

#endif
