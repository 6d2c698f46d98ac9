/*
 * Messages as programs of ours get them that ask for what is private: of those
 * that we can open, what is in the box stands in its place, and members say so:
 *
 *	"content":{...},"signature":"...","meta":{"original":{"content":BOX},
 *	"private":true,"unbox":KEY},"cyphertext":BOX,"private":true,"unbox":KEY
 *
 * Never for a remote: callers see to that.  The loop's thread.
 * Source: protocol/08 section 2; protocol/12 section 5.
 */
#ifndef DAEMON_OPENED_H
#define DAEMON_OPENED_H

#include "feeds/boxed.h"
#include "src/store/messages.h"

struct daemon;

/* All keys there are, made ready when first needed, and anew when one comes.
 * All zero at first. */
struct opener {
	struct kith_opener *opener;
	size_t loaded; /* keys */
};
void opener_clear(struct opener *o);

/* Appends the bare value of a message, opened if we can; false: as it is. */
bool opened_value(struct daemon *d, struct txn *t,
		  const struct message_row *row, struct kith_buf *out);

/* The same, of a value that need not be here; by its own key alone where that
 * is given, else by ours.  False: it does not open, and nothing is appended. */
bool opened_foreign(struct daemon *d, struct txn *t,
		    struct kith_slice value, const struct kith_box_key *key,
		    struct kith_buf *out);

/* Appends what is in a box1, given as a JSON string. */
bool opened_box(struct daemon *d, struct txn *t, struct kith_slice box,
		struct kith_buf *out);

#endif
