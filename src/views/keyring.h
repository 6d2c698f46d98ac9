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

#include "feeds/group.h"
#include "src/views/private.h"
#include "src/views/viewer.h"

enum {
	KEYRING_GROUPS_MAX = KITH_OPENER_GROUPS_MAX,
	KEYRING_BY_AUTHOR_MAX = 64, /* of either, that one author sent us */
	KEYRING_WAITING_MAX = 1024, /* whose first message is not here yet */
	GROUP_MEMBERS_MAX = 10000
};

/* One key of a group; a group with several is written with the first. */
struct group_key {
	struct kith_msg_id group; /* format KITH_CLOAKED */
	struct kith_msg_id root;  /* group/init */
	struct kith_feed_id by;	  /* who sent it; ourselves: we made it */
	uint8_t key[KITH_BOX2_KEY_BYTES];
};

/* Our key for what we alone read; false: there is none yet. */
bool keyring_self_get(struct txn *t, const struct keys *k,
		      uint8_t out[static KITH_BOX2_KEY_BYTES]);

/* The same in a write transaction, made if there is none.  False: there is one
 * of other keys; or t fails. */
bool keyring_self(struct txn *t, const struct keys *k,
		  uint8_t out[static KITH_BOX2_KEY_BYTES]);

/* Takes one that was made elsewhere; false: there is one already, or t
 * fails. */
bool keyring_self_put(struct txn *t, const struct keys *k,
		      const uint8_t key[static KITH_BOX2_KEY_BYTES]);

/* Adds a key of a group, and has it tried on what the log has; once more is no
 * harm.  False: there are too many. */
bool keyring_put(struct txn *t, const struct keys *k,
		 const struct group_key *g);

/* The same for a key that nobody has checked: it is added if it gives the group
 * that it stands for, and waits where the first message of that is not here
 * yet.  False: it gives another, or there are too many. */
bool keyring_offer(struct txn *t, const struct keys *k,
		   const struct group_key *g);

/* The key that a group is written with; false: we are in no such group. */
bool keyring_get(struct txn *t, const struct keys *k,
		 const struct kith_msg_id *group, struct group_key *out);

/* Of a group with several keys: the one that it is written with. */
bool keyring_is_first(struct txn *t, const struct keys *k,
		      const struct group_key *g);

/* Walks all in the order in which they came: *at 0 at first.  The caller wipes
 * out, as of keyring_get. */
bool keyring_next(struct txn *t, const struct keys *k, uint32_t *at,
		  struct group_key *out);

/* How many keys there are: whoever loaded as many has all. */
size_t keyring_count(struct txn *t);

/* How many there was no room for, of either kind. */
uint64_t keyring_dropped(struct txn *t);

/* Who was added to a group, its founder first, then by the time of the message;
 * each once.  v sees private messages.  Gives *out (free).  ENOENT: we are in
 * no such group. */
KITH_CHECK enum kith_err group_members(struct txn *t, const struct viewer *v,
				       const struct kith_msg_id *group,
				       struct kith_feed_id **out, size_t *n);

#endif
