/*
 * Terms: what a posting list is kept for.
 *
 * A term is the first part of a key of TABLE_POSTINGS; no term is the
 * beginning of another, so the messages of one lie together, by time.
 *
 *	all           1
 *	type          2, length, text
 *	author, type  3, feed number 4, length, text
 *	link          4, kind of the target 1, its first 8 bytes, relation 1
 *	channel       5, length, normalised name
 *
 * A term of 8 bytes of an id stands for whatever has them: who must be exact
 * looks at the message.  Pure.  Source: protocol/14 section 2.
 */
#ifndef VIEWS_TERMS_H
#define VIEWS_TERMS_H

#include "feeds/bytes.h"
#include "feeds/ref.h"

/* Of a text no more is kept, and a longer one shares its term. */
enum { TERM_TEXT_BYTES_MAX = 200, TERM_BYTES_MAX = TERM_TEXT_BYTES_MAX + 6 };

/* Values are stored and never change meaning. */
enum term_kind {
	TERM_ALL = 1, TERM_TYPE, TERM_AUTHOR_TYPE, TERM_LINK, TERM_CHANNEL
};

/* How a message names another, a feed or a blob.  As above. */
enum relation {
	RELATION_OTHER = 0, /* at any other path */
	RELATION_ROOT, RELATION_FORK, RELATION_BRANCH, RELATION_REPLY,
	RELATION_MENTION, RELATION_VOTE, RELATION_ABOUT, RELATION_CONTACT,
	RELATION_COUNT
};

struct term {
	size_t n;
	uint8_t b[TERM_BYTES_MAX];
};

/* Every message. */
struct term term_all(void);
/* type: as unescaped; empty: of boxed messages, and of the few whose type is
 * written with escapes. */
struct term term_type(struct kith_slice type);
struct term term_author_type(uint32_t feed_number, struct kith_slice type);
struct term term_link(const struct kith_ref *to, enum relation relation);
/* name: as channel_normalize gives it. */
struct term term_channel(struct kith_slice name);

static inline struct kith_slice term_slice(const struct term *t)
{
	return (struct kith_slice){ t->b, t->n };
}

/* The text in the term of a type or channel at the front of a key. */
struct kith_slice term_text(struct kith_slice key);

#endif
