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

#include "feeds/signer.h"
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

/* --- reading --- */

/* From now on v sees what these keys opened, in every view: postings, opinions,
 * threads, inbox, queries.  Keeps a view of k.  Between viewer_start and
 * viewer_end.  ENOMEM. */
KITH_CHECK enum kith_err viewer_sees_private(struct viewer *v,
					     const struct keys *k);

/* A message as v sees it: views_message, and where it is boxed and v has its
 * key, its content in place of the box (m->opened, view.h).  The text lives
 * until viewer_turn or viewer_end. */
void viewer_message(const struct viewer *v, struct txn *t,
		    const struct message_row *row, const struct feed_row *feed,
		    struct view_message *m);

/* The same of the content alone. */
struct kith_slice viewer_content(const struct viewer *v, struct txn *t,
				 const struct message_row *row);

/* Wipes the texts that were opened for v so far: where a transaction ends that
 * others follow. */
void viewer_turn(const struct viewer *v);

/* --- how a message was opened --- */

/* Values are stored and never change meaning. */
enum private_scheme {
	PRIVATE_NONE,  /* not for us, or not boxed at all */
	PRIVATE_BOX1,
	PRIVATE_GROUP, /* box2, the key of a group */
	PRIVATE_SELF,  /* box2, by ourselves */
	PRIVATE_DM,    /* box2, a key of two */
	PRIVATE_BROKEN /* for us, but what is in it cannot be read */
};

enum { PRIVATE_KEY_BYTES = 33, GROUP_ID_BYTES = 32 };

/* box1: count and body key, 33 bytes; box2: the read key, 32.  Either may be
 * told to others, so that they read this message (unbox=). */
struct opened {
	enum private_scheme scheme;
	uint8_t key[PRIVATE_KEY_BYTES];
	uint8_t key_bytes;
	uint8_t group[GROUP_ID_BYTES]; /* of PRIVATE_GROUP */
};

/* False: it was not opened, or by other keys. */
bool opened_get(struct txn *t, const struct keys *k, uint64_t rx,
		struct opened *out);

/* Whose box it is: what a box is bound to. */
struct boxed {
	struct kith_feed_id author;
	struct kith_msg_id previous; /* format NONE: it is the first message */
	struct kith_slice text;	     /* base64, and .box or .box2; no quotes */
};

/* Tries to open any box, as a message that comes in is tried: of no use for
 * what the log has, see above.  Appends the content to out.  ENOENT: not for
 * us; EFORMAT: broken, or no box. */
KITH_CHECK enum kith_err private_open(struct txn *t, const struct keys *k,
				      const struct boxed *b,
				      struct opened *how,
				      struct kith_buf *out);

/* --- how far the opening is: it follows the log (follow.h) --- */

struct private_status {
	uint64_t position, end; /* receive numbers */
	uint64_t opened;	/* messages */
	uint64_t shut;		/* box2 that a key to come may open */
	uint64_t broken;	/* for us, but damaged by who wrote them */
	bool retries;		/* a new key is tried on older messages */
};
void private_place(struct txn *t, struct private_status *out);

/* Walks what was opened in the order in which it was, from number on: a message
 * whose key came late comes late.  *number 0 at first; false at the end, and
 * *number is kept, so that one may go on later. */
bool private_next(struct txn *t, uint64_t *number, uint64_t *rx);

#endif
