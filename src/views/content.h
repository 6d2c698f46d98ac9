/*
 * What contents say in several forms: links, and where a message hangs.
 *
 * Pure; never allocates.  Source: protocol/13 sections 1 and 3.
 */
#ifndef VIEWS_CONTENT_H
#define VIEWS_CONTENT_H

#include "feeds/bytes.h"
#include "feeds/ref.h"

/* The types of what is written to be read as it stands. */
enum { CONTENT_WRITTEN_TYPES = 3 };
extern const char *const content_written_types[CONTENT_WRITTEN_TYPES];
bool content_is_written(struct kith_slice content);

/* A link: an id, or an object whose link is one. */
bool content_link(struct kith_slice value, struct kith_ref *out);

/* A link to a message. */
bool content_msg(struct kith_slice value, struct kith_msg_id *out);

/* The thread that a message says it is in: its root, or the root of its first
 * tangle but those of private groups.  False: it begins one. */
bool content_root(struct kith_slice content, struct kith_msg_id *root);

/* Walks where it hangs: root, fork, each branch, the roots of tangles; *at = 0
 * first; false at the end.  One may come twice. */
struct content_walk {
	int member; /* zeroed first, as the others */
	size_t at;
};
bool content_next_place(struct kith_slice content, struct content_walk *w,
			struct kith_msg_id *out);

/* Walks the names of links in a mentions member, as content_next_place. */
bool content_next_mention(struct kith_slice content, struct content_walk *w,
			  struct kith_ref *out);

#endif
