/*
 * Contents of every kind that the views look at, well-formed and not, drawn
 * from a state: the same state gives the same.
 */
#ifndef VIEWS_CONTENTS_H
#define VIEWS_CONTENTS_H

#include "tests/support/author.h"

/* A number below n. */
uint32_t draw(uint64_t *state, uint32_t n);

/* Writes a content as JSON to out; links go to the authors and what they have
 * written, and now and then to nothing. */
void draw_content(uint64_t *state, const struct author *authors, size_t count,
		  struct kith_buf *out);

#endif
