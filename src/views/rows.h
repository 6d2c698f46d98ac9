/*
 * What one message adds to the tables of a view: a view says it row by row,
 * and rows.c gathers the rows to be put in, or takes them out.
 */
#ifndef VIEWS_ROWS_H
#define VIEWS_ROWS_H

#include "src/views/opinions.h"
#include "src/views/postings.h"

struct rows;
struct view_message;

/* The message stands under term. */
void rows_posting(struct rows *r, const struct term *term);

/* The message is its author's word on of; says is cut to OPINION_BYTES_MAX. */
void rows_opinion(struct rows *r, const struct subject *of,
		  struct kith_slice says);

/* The message is of a type that says something to the view, and cannot be
 * understood: it is counted. */
void rows_skip(struct rows *r);

#endif
