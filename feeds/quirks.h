/*
 * Quirks: what peers read, print or judge differently in a JSON value that is
 * right by itself.
 *
 * What publishing refuses, lint points at and the verdicts of other peers hang
 * on is found by this one walk.  It allocates nothing.
 * Source: protocol/10 section 6.
 */
#ifndef FEEDS_QUIRKS_H
#define FEEDS_QUIRKS_H

#include "feeds/bytes.h"

enum quirk {
	QUIRK_EMPTY_OBJECT,
	QUIRK_LONE_SURROGATE, /* half of a pair, escaped; in names too */
	QUIRK_INDEX_ORDER,    /* V8 puts this name elsewhere */
	QUIRK_DUPLICATE,      /* the same name twice in one object */
	QUIRK_PROTO,	      /* a member called __proto__ */
	QUIRK_MINUS_ZERO,
	QUIRK_OVERFLOW, /* no double holds the number */
	QUIRK_INTEGER,	/* an integer beyond 2^53 */
	QUIRK_SPELLING, /* another number than V8 prints; none of the above */
	QUIRK_NAMES,	/* more names than are compared in one object */
	QUIRKS
};

/* One that was found: the name or value, or the escape in it. */
struct quirk_place {
	enum quirk quirk;
	struct kith_slice where;
};

/* All zero but list and max (both may be zero) to begin with. */
struct quirks {
	struct kith_slice first[QUIRKS]; /* of each kind; empty: none */
	struct quirk_place *list;	 /* the first max of all, in order */
	size_t max, n;			 /* n counts all that were found */
};

/* Adds what stands in value, which has passed json_check; slices borrow from
 * it. */
void quirks_find(struct kith_slice value, struct quirks *q);

/* What it is, for a person: "an empty object"; and what of it. */
const char *quirk_text(enum quirk quirk);
const char *quirk_why(enum quirk quirk);

/* True for what we do not publish. */
bool quirk_is_refused(enum quirk quirk);

#endif
