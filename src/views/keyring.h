/*
 * The keyring: keys of groups and our own key for ourselves, which no feed
 * says in clear.
 *
 * Rows of TABLE_KEYRING, sealed with a key that is derived from the secret of
 * the identity: who sealed the secret with a passphrase sealed these.  A key
 * that comes opens older messages too; see private.h.
 * Source: protocol/12 sections 2.3, 2.7, 3.1 and 3.3.
 */
#ifndef VIEWS_KEYRING_H
#define VIEWS_KEYRING_H

#include "src/views/private.h"
#include "src/views/viewer.h"

enum {
	GROUP_KEY_BYTES = 32,
	KEYRING_GROUPS_MAX = 1024,  /* keys tried on each box2 message */
	KEYRING_BY_AUTHOR_MAX = 64, /* of them, that one author sent us */
	KEYRING_WAITING_MAX = 1024, /* whose first message is not here yet */
	GROUP_MEMBERS_MAX = 10000
};

/* One key of a group; a group with several writes with the first. */
struct group_key {
	uint8_t group[GROUP_ID_BYTES];
	uint8_t key[GROUP_KEY_BYTES];
	struct kith_msg_id root; /* group/init */
	struct kith_feed_id by;	 /* who sent it; ourselves: we made it */
};

/* Our key for what we alone read; made in a write transaction if there is none
 * yet.  False: there is none; or t fails. */
bool keyring_self(struct txn *t, const struct keys *k,
		  uint8_t out[static GROUP_KEY_BYTES]);

/* Puts another in its place, as from a backup.  The one before opens what it
 * opened. */
void keyring_self_put(struct txn *t, const struct keys *k,
		      const uint8_t key[static GROUP_KEY_BYTES]);

/* Adds a key of a group, and has it tried on what the log has; once more is no
 * harm.  False: there are too many. */
bool keyring_put(struct txn *t, const struct keys *k,
		 const struct group_key *g);

/* The key that a group is written with; false: we are in no such group. */
bool keyring_get(struct txn *t, const struct keys *k,
		 const uint8_t group[static GROUP_ID_BYTES],
		 struct group_key *out);

/* Walks all in the order in which they came: *at 0 at first. */
bool keyring_next(struct txn *t, const struct keys *k, uint32_t *at,
		  struct group_key *out);

/* Who was added to a group, in the order in which we learned it, its creator
 * first; each once.  v sees private messages.  Gives *out (free). */
KITH_CHECK enum kith_err group_members(struct txn *t, const struct viewer *v,
				       const uint8_t group[static GROUP_ID_BYTES],
				       struct kith_feed_id **out, size_t *n);

/* A group as text: ssb:identity/group/... or %....cloaked.  False: it is
 * none. */
bool group_id_read(struct kith_slice text, uint8_t out[static GROUP_ID_BYTES]);

#endif
