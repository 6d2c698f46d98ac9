/*
 * Selections: which messages a person means, and a walk over them.
 *
 *	@ID  @ID:42  @ID:40..60  @ID:-10  %ID  %ID^  %ID^2  rx:123  rx:5..9
 *
 * Ids in any form, sigil, URI, hexadecimal or base32, or cut to a unique prefix
 * of at least SELECT_PREFIX_MIN characters behind the sigil, as listings print
 * them; and name:ALICE or @ALICE for the one feed that has that name.
 * Source: protocol/16 section 2.
 */
#ifndef TOOLS_PICK_SELECT_H
#define TOOLS_PICK_SELECT_H

#include "feeds/ref.h"
#include "src/store/scan.h"
#include "src/store/store.h"
#include "src/views/view.h"

enum { SELECT_PREFIX_MIN = 6, SELECT_CANDIDATES_MAX = 5,
       SELECT_RENEW_ROWS = 10000 };

enum select_kind { SELECT_ALL, SELECT_FEED, SELECT_MESSAGE };

struct tool;

struct selection {
	enum select_kind kind;
	struct feed_row feed;	/* FEED: as it was when parsed */
	uint64_t first, last;	/* FEED: sequences; else receive numbers */
	bool range;		/* FEED, ALL: a part of it was named */
};

/* All there is. */
extern const struct selection select_all;

/* Reads one selection, looking ids up in t->store, and the names that the
 * identity of the home has for feeds.  An exit code after an error text:
 * EXIT_MISUSED, EXIT_NOT_FOUND (also for a prefix of several), or
 * EXIT_UNREADABLE. */
int select_for(const struct tool *t, const char *text, struct selection *out);

/* Reads a feed, named as in a selection; nothing of it need be here.  found,
 * unless NULL, tells whether there is one: then none is no error. */
int select_feed(const struct tool *t, struct kith_slice text,
		struct kith_feed_id *out, bool *found);

/* The same of a peer, say: a whole id is taken as it is, and for what is to be
 * looked up t's views are opened. */
int select_anybody(struct tool *t, struct kith_slice text,
		   struct kith_feed_id *out);

/* Reads what a single thing is called: any whole id, also of what is not here;
 * the start of a blob's; or a selection of one message or of a feed.  Its
 * outcome is as that of select_for. */
int select_ref(struct tool *t, struct txn *txn, const char *text,
	       struct kith_ref *out);

/* Reads a feed id, or a unique prefix of one that the store knows, without a
 * word if it is none of the two. */
bool select_feed_begins(struct txn *t, struct kith_slice text,
			struct kith_feed_id *out);

/* Reads a message id, or a unique prefix of one; the message is here. */
int select_message(struct txn *t, const char *text, struct message_row *out);

/* select_blob.c: reads a blob's id, or a unique prefix of one that is known
 * here.  Opens home and store. */
int select_blob(struct tool *t, const char *text, struct kith_blob_id *out);

/* A walk in order, oldest first unless reverse.  Holds a read transaction that
 * it renews every SELECT_RENEW_ROWS rows, so that a long walk does not hold
 * back a writer.  Embedded; walk_end after. */
struct walk {
	struct store *store;
	struct txn *txn;
	struct scan scan; /* forwards; belongs to txn */
	struct selection of;
	bool reverse, over;
	uint64_t at; /* next to look at */
	unsigned rows;
	enum kith_err err;
};

void walk_start(struct walk *w, struct store *s, const struct selection *of,
		bool reverse);
/* The next message, borrowed until the next call; false: the end, or w->err. */
bool walk_next(struct walk *w, struct view_message *out,
	       struct message_row *row);
void walk_end(struct walk *w);

#endif
