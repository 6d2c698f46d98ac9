/*
 * What one id, the start of one, or a name stands for: the inner part of
 * select.h.
 */
#ifndef TOOLS_PICK_SELECT_FIND_H
#define TOOLS_PICK_SELECT_FIND_H

#include "src/store/messages.h"

struct viewer;

/* A feed: @ID, ssb:feed/..., HEX, name:ALICE, @ALICE.  v: who looks, for
 * names; of those whom v blocks one is found where nobody else is called so.
 * found, unless NULL, tells whether there is one: then none is no error.  An
 * exit code after an error text, as select_for. */
int find_feed(struct txn *t, const struct viewer *v, struct kith_slice text,
	      struct kith_feed_id *out, bool *found);

/* A message that is here: %ID, ssb:message/..., %HEX. */
int find_message(struct txn *t, struct kith_slice text,
		 struct message_row *out);

/* What 64 hexadecimal digits or 52 of base32 stand for, which say no kind:
 * *is_feed tells.  EXIT_NOT_FOUND; both, where both are here. */
int find_spelled(struct txn *t, struct kith_slice text, bool *is_feed,
		 struct kith_feed_id *feed, struct message_row *row);

/* Writes a classic URI, whole or cut, with its sigil: %Tm7XUw5e; false: it is
 * none. */
enum { FIND_TEXT_BYTES = 256 };
bool find_sigil(struct kith_slice text, char out[static FIND_TEXT_BYTES]);

#endif
