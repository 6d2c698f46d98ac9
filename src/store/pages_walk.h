/*
 * A walk as its two files see it: pages_enter.c goes from page to page,
 * pages_walk.c from row to row.
 */
#ifndef STORE_PAGES_WALK_H
#define STORE_PAGES_WALK_H

#include "src/store/pages_private.h"

/* A page on the way down to the row that comes next. */
struct frame {
	uint64_t number;
	uint8_t *bytes;
	size_t i, count;
	bool branch, doubtful, elsewhere;
};

struct pages_walk {
	struct pages *pages;
	int tree;
	struct page_tree head;
	bool claims;	  /* the first walk over this tree */
	bool over, ended; /* no more rows; and its counts were looked at */
	bool damaged;
	bool is_inner;	     /* seen is the outer walk's */
	uint8_t *seen;	     /* bits, one a page */
	struct page_window window;
	struct frame frames[PAGES_DEPTH_MAX];
	unsigned depth, leaf_depth;
	uint16_t *candidates; /* offsets in a damaged leaf */
	uint8_t *long_page;   /* the first page of a long value */
	struct kith_buf value;
	const char *bad_long; /* of the value that comes next */
	uint64_t rows, bytes;
	uint64_t astray; /* LOST: the page to look at next */

	/* The values of one key, in a part of the leaf or in a tree. */
	struct kith_slice key;
	struct page sub;
	size_t sub_i, sub_count, sub_fixed;
	struct pages_walk *inner;
	size_t fixed; /* an inner walk: the size of all keys, or 0 */
};

struct page walk_page(const struct pages_walk *w, const struct frame *f);

/* The page that the walk stands on; there is one. */
struct frame *walk_top(struct pages_walk *w);

/* The frame below the top, with memory for a page; false: there is none. */
bool walk_frame(struct pages_walk *w, struct frame **out);

/* Fills *out in for a page below the top one; PAGES_DAMAGE. */
enum pages_step walk_damaged(struct pages_walk *w, uint64_t page,
			     const char *what, struct pages_damage *out);

/* A page may be reached once: NULL, or what is wrong. */
const char *walk_claim(struct pages_walk *w, uint64_t number);

/* Goes down to a page.  PAGES_ROW: it is entered. */
enum pages_step walk_enter(struct pages_walk *w, uint64_t number,
			   struct pages_damage *damage);

/* Enters a page that is no sound one: what is in it may still be rows. */
enum pages_step walk_enter_damaged(struct pages_walk *w, struct frame *f,
				   const char *wrong,
				   struct pages_damage *damage);

#endif
