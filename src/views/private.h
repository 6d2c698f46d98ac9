/*
 * Private messages as their reader sees them: opened behind the log, found by
 * the views there are, shown to whoever asks for it with the keys.
 *
 * The log keeps what was boxed.  Of a message that opens, its own key is kept,
 * sealed; its text never.  What views have of it lies in tables of their own,
 * that only a viewer with keys reads: no answer to a peer is made with one.
 * Source: protocol/12 sections 1.3, 2.6 and 5; doc/design.txt.
 */
#ifndef VIEWS_PRIVATE_H
#define VIEWS_PRIVATE_H

#include "feeds/opener.h"
#include "src/store/messages.h"

struct viewer;
struct view_message;

/* --- who can open: an identity whose secret is at hand --- */

/* What opens, and what unseals the rows that say how: made of a secret.  Never
 * changes, so any thread may use it. */
struct keys;

/* Keeps a view of s.  Gives *out; keys_free.  ENOMEM. */
KITH_CHECK enum kith_err keys_new(const struct kith_signer *s,
				  struct keys **out);
void keys_free(struct keys *k); /* NULL is ignored */

const struct kith_signer *keys_signer(const struct keys *k);

/* An opener with all that t's keyring holds, for a box that the log does not
 * have.  Gives; kith_opener_free.  NULL: no memory, or txn_error. */
struct kith_opener *keys_opener(const struct keys *k, struct txn *t);

/* --- reading --- */

/* From now on v sees what these keys opened, in every view: postings, opinions,
 * threads, inbox, queries.  Keeps a view of k.  Between viewer_start and
 * viewer_end.  ENOMEM. */
KITH_CHECK enum kith_err viewer_sees_private(struct viewer *v,
					     const struct keys *k);

/* A message as v (NULL: anybody) sees it: views_read, and where it is boxed and
 * v has its key, its content in place of the box (m->boxed, view.h).  The text
 * lives until viewer_turn or viewer_end.  False: its feed is not known. */
bool viewer_message(const struct viewer *v, struct txn *t,
		    const struct message_row *row, struct view_message *m);

/* The same of the content alone. */
struct kith_slice viewer_content(const struct viewer *v, struct txn *t,
				 const struct message_row *row);

/* Wipes the texts that were opened for v so far: where a transaction ends that
 * others follow. */
void viewer_turn(const struct viewer *v);

/* Appends the message as local clients expect it: canonical, and of one that
 * was opened the content in place of the box, with what says so behind it
 * (private, cyphertext, unbox, meta).  key: of opened_get; NULL: for people,
 * without the keys that it hands on (content.h).  Source: protocol/08 section
 * 2, private. */
void view_message_put(const struct view_message *m,
		      const struct kith_box_key *key, struct kith_buf *out);

/* --- how a message was opened --- */

struct opened {
	enum kith_via via;
	struct kith_box_key key; /* may be told to others, who then read this
				  * message and no other */
	struct kith_msg_id group; /* of KITH_VIA_GROUP */
};

/* False: it was not opened, or by other keys. */
bool opened_get(struct txn *t, const struct keys *k, uint64_t rx,
		struct opened *out);

/* Walks what was opened in the order in which it was, from number on: a message
 * whose key came late comes late.  *number 0 at first; false at the end, and
 * *number is kept, so that one may go on later.  Numbers are used again
 * where the newest was forgotten. */
bool opened_next(struct txn *t, uint64_t *number, uint64_t *rx);
/* The number of the newest; 0: nothing was opened. */
uint64_t opened_last(struct txn *t);

/* For who reads the log as it grows, up to rx so far: the next message up to
 * there that was opened behind *number (opened_last at first), so that it was
 * shut when it was read.  NONE: they may read on in the same transaction, up to
 * private_position; AGAIN: much was looked at, ask once more. */
enum late { LATE_NONE, LATE_MESSAGE, LATE_AGAIN };
enum late opened_late(struct txn *t, uint64_t *number, uint64_t rx,
		      struct message_row *out);

/* --- how far the opening is: it follows the log (follow.h) --- */

struct private_status {
	uint64_t position, end; /* receive numbers */
	uint64_t opened;	/* messages */
	uint64_t shut;		/* box2 that a key to come may open */
	uint64_t broken;	/* for us, but nothing can be made of them */
	bool retries;		/* a new key is tried on older messages */
};

/* opened, shut and broken are counted one by one. */
void private_status(struct txn *t, struct private_status *out);

/* True if t shows all that the keys at hand open. */
bool private_is_current(struct txn *t);

/* Up to here all has been tried with the keys there were; receive number. */
uint64_t private_position(struct txn *t);

#endif
