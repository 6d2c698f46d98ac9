/*
 * Whom a person means, by name or id; and a look at the store as the identity
 * of this home sees it.
 */
#ifndef TOOLS_PICK_NAMED_H
#define TOOLS_PICK_NAMED_H

#include "src/views/names.h"
#include "tools/tool.h"

enum { NAMED_HOPS = 2 }; /* how far away are those whom the viewer knows */

/* The feeds that the viewer means by a name.  Of several those that he calls so
 * himself; else those that he knows; else all.  known: opened here where it is
 * needed, social_close by the caller; NULL at first. */
void named_find(struct txn *t, const struct viewer *v, struct social **known,
		struct kith_slice name, struct name_feeds *out);

/* A read transaction, and who looks. */
struct look {
	struct txn *txn;
	struct viewer viewer;
};

/* Opens home, identity, store and views first.  An exit code after an error
 * text; look_end in any case, before the store is closed. */
int look_begin(struct look *l, struct tool *t);
void look_end(struct look *l);

/* As look_begin, and sees what is private as well. */
int look_private(struct look *l, struct tool *t);

/* Reads a feed id, a unique prefix of one, or a name that one feed has, "@" at
 * its front or not (named_find).  EXIT_NOT_FOUND after an error text that lists
 * the candidates.  what: ends the text of a name that nobody has. */
int named_feed(struct look *l, struct kith_slice text, const char *what,
	       struct kith_feed_id *out);

/* For what, where ids may be typed. */
#define NAMED_NEITHER ", and no id begins so (with six characters or more); " \
	"`kith whois` finds names, `kith feeds` lists all"

/* The same, also for one that the viewer blocks. */
int named_or_blocked(struct look *l, struct kith_slice text,
		     struct kith_feed_id *out);

/* Appends "Alice @ID..." or the id alone; for a person, safe on a terminal. */
void named_put(struct look *l, const struct kith_feed_id *feed,
	       struct kith_buf *out);

#endif
