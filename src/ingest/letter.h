/*
 * Letters: content for some readers only, boxed in the transaction that appends
 * it.
 *
 * A box2 binds the message before it, so it can be made no earlier.  What goes
 * to a group is set into the group's tangle there, too.  Whoever is to read it
 * is named by the caller; who writes reads it later only if among them.
 * Source: protocol/12 sections 1.2, 2.3, 3.1 and 4.
 */
#ifndef INGEST_LETTER_H
#define INGEST_LETTER_H

#include "feeds/group.h"
#include "feeds/ref.h"
#include "src/ingest/ingest.h"
#include "src/views/keyring.h"

struct letter {
	const struct keys *keys;
	enum kith_box box;
	size_t count;
	/* In the order of recps, each once: a feed, or a message of format
	 * CLOAKED, which is a group. */
	struct kith_ref readers[KITH_BOX2_SLOTS_MAX];
};

/* Reads recps, an array of feed and group ids, each as such or {"link":ID}, or
 * one alone.  box NONE: box2 where there is a group, else box1, which every
 * client reads.  Keeps a view of keys.  EFORMAT: nobody, what is no id, a group
 * that is not the first, or a box1 for a group; ETOOBIG: more readers than the
 * box takes; e says which. */
KITH_CHECK enum kith_err letter_address(struct letter *l,
					const struct keys *keys,
					struct kith_slice recps,
					enum kith_box box,
					struct kith_error *e);

/* Of ingest_publish_by, with a letter: what is given is its content, a JSON
 * object.  EFORMAT: not one that may be published, or a reader whose id is no
 * key; ENOENT: a group that we are not in; ETOOBIG: there is no room for so
 * much. */
extern const struct ingest_hook letter_hook;

/* --- for other hooks --- */

/* The key of a group.  The caller wipes it; ENOENT: we are not in it. */
KITH_CHECK enum kith_err letter_group(const struct keys *keys,
				      const struct ingest_writing *w,
				      const struct kith_msg_id *group,
				      struct group_key *out,
				      struct kith_error *e);

/* Where the next message of a tangle of the group stands (tangle.h).  ENOMEM,
 * EIO. */
KITH_CHECK enum kith_err letter_tangle(const struct keys *keys,
				       const struct ingest_writing *w,
				       const char *name,
				       const struct kith_msg_id *root,
				       struct kith_tangle *out,
				       struct kith_error *e);

/* Boxes plain, which is compact and whole, for the readers of l.  EFORMAT,
 * ENOENT, ETOOBIG: as letter_hook. */
KITH_CHECK enum kith_err letter_box(const struct letter *l,
				    const struct ingest_writing *w,
				    struct kith_slice plain,
				    struct kith_buf *out,
				    struct kith_error *e);

/* A buffer for what is private: it never moves, so that nothing of it stays
 * behind when letter_wipe frees it.  False: out of memory. */
bool letter_buffer(struct kith_buf *b);
void letter_wipe(struct kith_buf *b);

#endif
