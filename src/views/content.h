/*
 * What contents say in several forms: links, and where a message hangs.
 *
 * Pure; never allocates.  Source: protocol/13 sections 1 and 3.
 */
#ifndef VIEWS_CONTENT_H
#define VIEWS_CONTENT_H

#include "feeds/bytes.h"
#include "feeds/channel.h"
#include "feeds/ref.h"

/* The types of what is written to be read as it stands. */
enum { CONTENT_WRITTEN_TYPES = 3 };
extern const char *const content_written_types[CONTENT_WRITTEN_TYPES];
bool content_is_written(struct kith_slice content);

/* It hands a key on: of a group, of metafeeds, or of a fusion identity.  That
 * is for programs that take it, and shown to nobody, whoever may open it.
 * Source: protocol/11 section 8, for fusion. */
bool content_is_key(struct kith_slice content);
/* A member of such a content that is the key. */
bool content_names_key(struct kith_slice name);
/* Appends a content for people, compact: without such members. */
void content_put_shown(struct kith_slice content, struct kith_buf *out);

/* A link: an id, or an object whose link is one. */
bool content_link(struct kith_slice value, struct kith_ref *out);

/* The channel that a string names, normalised, as channel_normalize gives it;
 * 0: none.  Space and quotes, which do not count, stand there as escapes. */
size_t content_channel(struct kith_slice value,
		       char out[static CHANNEL_TEXT_BYTES]);

/* A link to a message. */
bool content_msg(struct kith_slice value, struct kith_msg_id *out);

/* The thread that a message says it is in: its root, or the root of its first
 * tangle but those of private groups.  False: it begins one. */
bool content_root(struct kith_slice content, struct kith_msg_id *root);

/* The members that say so, read at once; embedded. */
struct content_places {
	struct kith_slice type, root, fork, branch, tangles, reply;
	int walked; /* of them, and where the walk is in the next */
	size_t at;
};
void content_places(struct kith_slice content, struct content_places *out);

/* As content_root. */
bool content_places_root(const struct content_places *p,
			 struct kith_msg_id *root);

/* Walks where it hangs: root, fork, each branch, the roots of tangles; false at
 * the end.  One may come twice. */
bool content_next_place(struct content_places *p, struct kith_msg_id *out);

/* Walks the links in the value of mentions: *at = 0 first; false at the end. */
bool content_next_mention(struct kith_slice mentions, size_t *at,
			  struct kith_ref *out);

#endif
