/*
 * Abouts: what is said of a feed, a message or a blob, and which word counts.
 *
 * A member of it (name, image, title...) is what the newest about message of
 * each author says; {"remove":true} and null take an author's word back.  The
 * words of those whom the viewer blocks do not count.
 * Source: protocol/13 section 5.
 */
#ifndef VIEWS_ABOUTS_H
#define VIEWS_ABOUTS_H

#include "src/views/opinions.h"
#include "src/views/viewer.h"

enum { ABOUT_MEMBER_BYTES = TERM_TEXT_BYTES_MAX + 1 };

struct about_word {
	struct kith_feed_id author;
	uint32_t feed_number; /* the author's */
	uint64_t sequence, rx;
	struct kith_slice value; /* JSON, of the message; lives with the txn */
};

/* Walks the words on one member, by feed number; embedded. */
struct abouts {
	struct txn *txn;
	const struct viewer *viewer;
	struct kith_ref of;
	char member[ABOUT_MEMBER_BYTES];
	struct subject subject;
	struct opinion at;
};

/* Keeps a view of v.  A member longer than TERM_TEXT_BYTES_MAX has no words. */
void abouts_start(struct abouts *a, struct txn *t, const struct viewer *v,
		  const struct kith_ref *of, struct kith_slice member);
bool abouts_next(struct abouts *a, struct about_word *out);

/* The word of one author. */
bool about_by(struct abouts *a, const struct kith_feed_id *author,
	      struct about_word *out);

/* Whether a value is of use; what is not is passed over. */
typedef bool about_use_fn(struct kith_slice value);

enum about_crowd {
	ABOUT_FOLLOWED, /* those the viewer follows */
	ABOUT_ALL	/* everybody, as npm peers have it */
};

/* Why a word counts: whose it is, or who agrees on it. */
enum about_rule {
	ABOUT_RULE_NONE,     /* there is no word */
	ABOUT_RULE_VIEWER,   /* the viewer's own */
	ABOUT_RULE_SUBJECT,  /* of the feed itself, or the message's author */
	ABOUT_RULE_FOLLOWED, /* most of those that the viewer follows say so */
	ABOUT_RULE_ALL,	     /* most of all say so */
	ABOUT_RULE_NEWEST    /* it is the newest of anybody's */
};

/* As about_resolve, and says by which rule. */
enum about_rule about_rule(struct abouts *a, enum about_crowd crowd,
			   about_use_fn *use, struct about_word *out);

/* The viewer's own word, else that of the feed itself or of the message's
 * author, else the value that most of crowd give, of as many the least as text;
 * false: none, or no memory to count.  use NULL: any value. */
bool about_resolve(struct abouts *a, enum about_crowd crowd, about_use_fn *use,
		   struct about_word *out);

/* Only what most of crowd give. */
bool about_of_crowd(struct abouts *a, enum about_crowd crowd,
		    about_use_fn *use, struct about_word *out);

/* The newest word of anybody, by time (postings.h): of a gathering, whose
 * title and place anybody may correct. */
bool about_latest(struct abouts *a, about_use_fn *use, struct about_word *out);

/* What two values are compared by: the link of an object that has one, else
 * the value itself. */
struct kith_slice about_essence(struct kith_slice value);

#endif
