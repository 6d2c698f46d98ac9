/*
 * What one message adds to the tables of a view: a view says it row by row,
 * and view.c puts the rows in, or takes them out.
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

#endif
