/*
 * What a node says of itself in a depot: what it has, wants and knows.
 *
 * A file of lines that is only appended to; the last word on a thing counts.
 * When more than half of it is outdated, its writer begins the next file.  So
 * who has read it once reads only what is new.  Pure.
 * Source: kith-depot(5); protocol/15 section 5.3 (acknowledgements).
 */
#ifndef DEPOT_NOTES_H
#define DEPOT_NOTES_H

#include "src/depot/line.h"
#include "src/depot/name.h"
#include "src/depot/ranges.h"

enum {
	DEPOT_NOTES_HAVES_MAX = 1 << 18,
	DEPOT_NOTES_WANTS_MAX = 1 << 16,
	DEPOT_NOTES_LACKS_MAX = 1 << 14
};

struct depot_notes;

/* Gives; depot_notes_free.  NULL when out of memory. */
struct depot_notes *depot_notes_new(void);
void depot_notes_free(struct depot_notes *n);

/* Takes one line in.  Kinds it does not know are ignored.  EFORMAT, ETOOBIG:
 * the line changes nothing; ENOMEM. */
KITH_CHECK enum kith_err depot_notes_take(struct depot_notes *n,
					  const struct depot_line *line);

/* Appends the lines that make from say what to says; *count of them.  from
 * NULL: all of to. */
KITH_CHECK enum kith_err depot_notes_turn(const struct depot_notes *from,
					  const struct depot_notes *to,
					  struct kith_buf *out, size_t *count);

/* HAVE: {"feed":"@...","last":9}: the node has all of feed up to last; 0:
 * nothing. */
uint64_t depot_notes_has(const struct depot_notes *n,
			 const struct kith_feed_id *feed);
KITH_CHECK enum kith_err depot_notes_set(struct depot_notes *n,
					 const struct kith_feed_id *feed,
					 uint64_t last);
bool depot_notes_next(const struct depot_notes *n, size_t *at,
		      struct kith_feed_id *feed, uint64_t *last);

/* WANT: {"blob":"&...","distance":1}; 0 takes it back. */
KITH_CHECK enum kith_err depot_notes_want(struct depot_notes *n,
					  const struct kith_blob_id *blob,
					  unsigned distance);
bool depot_notes_next_want(const struct depot_notes *n, size_t *at,
			   struct kith_blob_id *blob, unsigned *distance);

/* LACK: {"feed":"@...","first":1,"last":9}: the depot lost these, and whoever
 * has them is asked to write them; with "found":true it takes that back. */
struct depot_ranges *depot_notes_lacks(struct depot_notes *n);

/* WRITER: {"writer":"...","round":n}: another that it knows of, and has read
 * all of as of that round; 0: nothing.  Once met is met for good. */
KITH_CHECK enum kith_err depot_notes_met(struct depot_notes *n,
					 const struct depot_writer_id *writer,
					 uint64_t round);
bool depot_notes_next_met(const struct depot_notes *n, size_t *at,
			  struct depot_writer_id *writer, uint64_t *round);

/* Lines that would say it all: for when to begin anew. */
size_t depot_notes_lines(const struct depot_notes *n);

#endif
