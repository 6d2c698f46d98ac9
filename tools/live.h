/*
 * What comes in from now on, message by message: for --follow.
 *
 * kithd's live stream is the sign that there is something new; the log is what
 * is read, so nothing is missed and nothing comes twice.  Without kithd, which
 * leaves only another kith to write, the log is looked at each second.
 */
#ifndef TOOLS_LIVE_H
#define TOOLS_LIVE_H

#include "tools/select.h"
#include "tools/tool.h"

struct live {
	struct tool *tool;
	uint64_t last_rx;    /* up to here it was shown */
	struct walk walk;
	bool walking;
	bool fresh; /* the message last given is the first of walk.txn */
};

/* Call before the log is read, so that there is no gap: all up to last_rx is
 * the caller's to show.  An exit code after an error text. */
int live_start(struct live *l, struct tool *t);

/* Waits for the next message; borrowed, with walk.txn, until the next call.  An
 * exit code after an error text: kithd went away, or the store cannot be
 * read. */
int live_next(struct live *l, struct view_message *out,
	      struct message_row *row);
void live_end(struct live *l);

#endif
