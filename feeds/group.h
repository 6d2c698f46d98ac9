/*
 * Private groups of the first generation: their ids, and what the messages
 * that found a group and add members say.
 *
 * A group's id is the cloaked id of its first message: it tells nothing of
 * that to whoever is not in it.  Pure; never allocates but into a buffer it
 * is given.  Source: protocol/12 sections 2.7 and 3.1.
 */
#ifndef FEEDS_GROUP_H
#define FEEDS_GROUP_H

#include "feeds/box2.h"
#include "feeds/ref.h"

enum {
	KITH_GROUP_MEMBERS_MAX = 15, /* that one message adds */
	KITH_GROUP_TIPS_MAX = 64     /* of a tangle that we read or write */
};

/* Where a message stands in a tangle. */
struct kith_tangle {
	bool first; /* root and previous are null: it is the root */
	struct kith_msg_id root;
	size_t n; /* of previous */
	struct kith_msg_id previous[KITH_GROUP_TIPS_MAX];
};

/* A group/add-member. */
struct kith_group_add {
	struct kith_msg_id group; /* format KITH_CLOAKED */
	struct kith_msg_id root;  /* its group/init */
	uint8_t key[KITH_BOX2_KEY_BYTES];
	size_t n;
	struct kith_feed_id members[KITH_GROUP_MEMBERS_MAX];
	struct kith_slice text; /* of a read one: its JSON string, or empty;
				 * of one to write: UTF-8, or empty */
};

/* The id of a group whose group/init is init and has the read key that key
 * holds.  EFORMAT: key is not of a box2, or init of no format of BFE. */
KITH_API KITH_CHECK enum kith_err
kith_group_id(const struct kith_msg_id *init, const struct kith_box_key *key,
	      struct kith_msg_id *out);

/* Either form, %....cloaked or ssb:identity/group/...; EFORMAT.  It is printed
 * in the first by kith_msg_print. */
KITH_API KITH_CHECK enum kith_err kith_group_parse(struct kith_slice text,
						   struct kith_msg_id *out);

/* The form that the second generation uses, and a NUL. */
KITH_API void kith_group_print_uri(const struct kith_msg_id *group,
				   char out[static KITH_REF_TEXT_BYTES]);

/* Appends the content of a group/init. */
KITH_API void kith_group_init_write(struct kith_buf *b);

/* True if content (as of KITH_OPENED) founds a group of this generation. */
KITH_API bool kith_group_is_init(struct kith_slice content);

/* Appends the content of a group/add-member; the tangles are those of the
 * group and of its members.  EFORMAT: nobody to add, or a tangle without
 * root; ETOOBIG: over KITH_GROUP_MEMBERS_MAX or KITH_GROUP_TIPS_MAX. */
KITH_API KITH_CHECK enum kith_err
kith_group_add_write(const struct kith_group_add *add,
		     const struct kith_tangle *group,
		     const struct kith_tangle *members, struct kith_buf *b);

/* Reads one; EFORMAT: it is none of this generation, or breaks a rule of it.
 * What it claims is not proven: open root by key, and compare the id. The
 * caller wipes out. */
KITH_API KITH_CHECK enum kith_err
kith_group_add_read(struct kith_slice content, struct kith_group_add *out);

/* Appends "NAME":{"root":...,"previous":[...]}, a member of tangles. */
KITH_API void kith_tangle_write(const char *name, const struct kith_tangle *t,
				struct kith_buf *b);

/* The tangle called name that content stands in.  ENOENT: in none; EFORMAT:
 * malformed; ETOOBIG: over KITH_GROUP_TIPS_MAX. */
KITH_API KITH_CHECK enum kith_err kith_tangle_read(struct kith_slice content,
						   const char *name,
						   struct kith_tangle *out);

#endif
