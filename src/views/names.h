/*
 * Names of feeds and messages as a viewer has them, and back.
 *
 * Names are neither unique nor to be trusted: they are cleaned for display,
 * and whoever shows one offers the id as well.
 * Source: protocol/13 section 5.
 */
#ifndef VIEWS_NAMES_H
#define VIEWS_NAMES_H

#include "src/views/abouts.h"

struct rows;
struct social;

enum {
	NAME_UNITS_MAX = 50,
	NAME_BYTES_MAX = 3 * NAME_UNITS_MAX,
	NAME_FEEDS_MAX = 16 /* that one name is said to stand for */
};

/* Appends the name that v has for of, cleaned and without '@'; false: none, and
 * nothing is appended. */
bool name_of(struct txn *t, const struct viewer *v, const struct kith_ref *of,
	     struct kith_buf *out);

/* The same of a feed. */
bool name_of_feed(struct txn *t, const struct viewer *v,
		  const struct kith_feed_id *feed, struct kith_buf *out);

/* Appends a name given as JSON for display: control and bidirectional
 * characters and the '@' at its front are dropped, white space is one space
 * each, none at the ends, NAME_UNITS_MAX units are kept.  False: it is no
 * string, or nothing is left. */
bool name_clean(struct kith_slice value, struct kith_buf *out);

/* Appends the description, unescaped and otherwise as written. */
bool description_of(struct txn *t, const struct viewer *v,
		    const struct kith_ref *of, struct kith_buf *out);

/* The picture.  False: none. */
bool image_of(struct txn *t, const struct viewer *v, const struct kith_ref *of,
	      struct kith_blob_id *out);

/* Appends the title of a message (a gathering), by the newest word; cleaned as
 * a name. */
bool title_of(struct txn *t, const struct viewer *v,
	      const struct kith_ref *of, struct kith_buf *out);

/* The word that counts on any member, and by which rule: as of the functions
 * above where one is for it; what else is said of a message, as of a gathering,
 * by the newest word. */
enum about_rule named_by(struct txn *t, const struct viewer *v,
			 const struct kith_ref *of, struct kith_slice member,
			 struct about_word *out);

/* What names are found by: as channel_normalize has it, so that case, spaces
 * and most signs do not matter.  Gives its bytes; 0: by nothing. */
size_t name_fold(struct kith_slice name, uint8_t out[static NAME_BYTES_MAX]);

/* Walks the feeds whose name begins so: the one that v has for them, or that
 * they gave themselves.  By folded name; a feed with both comes twice. */
struct names {
	struct txn *txn;
	const struct viewer *viewer;
	struct subject prefix;
	struct opinion at;
};

/* Keeps a view of v.  prefix: as typed; empty: all. */
void names_start(struct names *n, struct txn *t, const struct viewer *v,
		 struct kith_slice prefix);

/* Only those whose name is this one. */
void names_start_whole(struct names *n, struct txn *t, const struct viewer *v,
		       struct kith_slice name);

/* name: filled with the name as displayed (reset first). */
bool names_next(struct names *n, struct kith_feed_id *feed,
		struct kith_buf *name);

struct name_feeds {
	size_t count; /* of feed; NAME_FEEDS_MAX: perhaps more */
	struct kith_feed_id feed[NAME_FEEDS_MAX];
};

/* The feeds that v has under this name, "@" at its front or not; known: only
 * those within reach there (social.h), or NULL for all that are named. */
void names_find(struct txn *t, const struct viewer *v,
		struct social *known, struct kith_slice name,
		struct name_feeds *out);

/* Says what an about message adds to the index of names; for the view of
 * opinions. */
void names_rows(struct rows *r, const struct kith_ref *of,
		struct kith_slice value);

#endif
