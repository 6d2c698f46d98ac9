/*
 * Founding a private group and adding members to it, in the transaction that
 * appends the message: its key is in the keyring when that is in the log.
 *
 * Groups of the first generation.  Source: protocol/12 section 3.1.
 */
#ifndef INGEST_GROUP_H
#define INGEST_GROUP_H

#include "src/ingest/letter.h"

/* Of ingest_publish_by, with group_init_hook; what is given is not read.
 * keys is the caller's, the others are filled in; group_init_clear. */
struct group_init {
	const struct keys *keys;
	struct kith_box_key read_key; /* of the message */
	uint8_t key[KITH_BOX2_KEY_BYTES];
	struct kith_msg_id group, root;
	bool kept; /* all of it is in the keyring */
};
extern const struct ingest_hook group_init_hook;
void group_init_clear(struct group_init *g);

/* With group_add_hook; what is given is not read.  All are the caller's but
 * what the hook needs.  ENOENT: we are not in that group. */
struct group_add {
	const struct keys *keys;
	struct kith_group_add add; /* group, members, text */
};
extern const struct ingest_hook group_add_hook;

/* Reads the members to be added, an array of feed ids or one.  EFORMAT: nobody,
 * or what is no feed; ETOOBIG: more than one message adds. */
KITH_CHECK enum kith_err group_add_members(struct group_add *g,
					   struct kith_slice feeds,
					   struct kith_error *e);

#endif
