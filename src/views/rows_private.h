/* Between the files of src/views that call a view's rows. */
#ifndef VIEWS_ROWS_PRIVATE_H
#define VIEWS_ROWS_PRIVATE_H

#include "src/views/link_walk.h"
#include "src/views/private_parts.h"
#include "src/views/row_sum.h"
#include "src/views/sheaf.h"
#include "src/views/view.h"

/* The postings that a view has of one message, as hashes: one that is given
 * twice is one row. */
enum { POSTINGS_HELD_MAX = LINKS_MAX + 8 };
struct held_postings {
	const struct row_sum *sum; /* of whose key */
	uint64_t hashes[POSTINGS_HELD_MAX];
	size_t count;
};

/* Of their rows: a change means that those of private messages too are made
 * anew. */
enum { TYPES_VERSION = 2, LINKS_VERSION = 3, SAYS_VERSION = 3 };

/* What becomes of the rows of a message: one of these. */
struct rows {
	struct held_postings *held;  /* postings only, of what is put in */
	struct sheaf *into;	     /* they are to be put in */
	struct txn *out_of;	     /* they are taken out */
	const struct subject *seeks; /* the opinion on it is looked for */
	struct private_rows *private; /* it was private: private_parts.h */

	const struct view *view;
	const struct view_message *message;
	uint8_t place[POSTING_BYTES]; /* time and receive number */
	bool skipped;
	/* What was found: the value of its row. */
	uint8_t found[OPINION_HEADER_BYTES + OPINION_BYTES_MAX];
	size_t found_bytes;
};

/* Fills in the rest, and calls the view. */
void rows_run(struct rows *r, const struct view *view,
	      const struct view_message *m);

/* Puts in what is left of a sheaf, in order, until the clock (monotonic, ms)
 * is at end_ms or the transaction is large.  Errors stay in t. */
void rows_put(struct txn *t, struct sheaf *s, int64_t end_ms);

/* Monotonic. */
int64_t rows_now_ms(void);

#endif
