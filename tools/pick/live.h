/*
 * What comes in from now on, message by message: for --follow.
 *
 * kithd's live stream is the sign that there is something new; the log is what
 * is read, so nothing is missed and nothing comes twice.  Without kithd, which
 * leaves only another kith to write, the log is looked at each second.
 */
#ifndef TOOLS_PICK_LIVE_H
#define TOOLS_PICK_LIVE_H

#include "src/views/view.h"
#include "tools/tool.h"

struct live {
	struct tool *tool;
	struct txn *txn;     /* of the message last given */
	uint64_t last_rx;    /* up to here it was shown */
	uint64_t opened;     /* of what is private: private.h */
	bool views;	     /* gives what the views have */
	bool private;	     /* gives each once it was tried with the keys, and
			      * again what a later key opens */
	bool fresh; /* the message last given is the first of txn */
	unsigned rows;
};

/* Call before the log is read, so that there is no gap: all up to last_rx is
 * the caller's to show.  An exit code after an error text. */
int live_start(struct live *l, struct tool *t);
/* The same, to give what is private: t has keys.  Then live_opened. */
int live_start_private(struct live *l, struct tool *t);
/* What t shows open up to last_rx is the caller's to show. */
void live_opened(struct live *l, struct txn *t);

/* Waits for the next message, as it is in the log; borrowed, with txn, until the
 * next call.  An exit code after an error text: kithd went away, or the store
 * cannot be read. */
int live_next(struct live *l, struct view_message *out,
	      struct message_row *row);
void live_end(struct live *l);

#endif
