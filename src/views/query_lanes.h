/*
 * Lanes: lists of postings, and lists of lists, each read by seeks and steps,
 * one way or the other, in the one order that all have.
 */
#ifndef VIEWS_QUERY_LANES_H
#define VIEWS_QUERY_LANES_H

#include "src/views/postings.h"

struct filter;

enum lane_kind { LANE_TERM, LANE_MEMORY, LANE_OR, LANE_AND };

/* A list of postings: of one term, from elsewhere, or of other lists. */
struct lane {
	enum lane_kind kind;
	struct lane *first, *next;
	const struct filter *of; /* for explain; may be NULL */
	struct postings postings;
	bool open;
	struct posting *memory; /* owned */
	size_t count, index;
	struct posting at;
	bool placed, found;
};

/* The next and the previous that there could be. */
struct posting posting_after(const struct posting *at);
struct posting posting_before(const struct posting *at);
struct lane *lane_new(enum lane_kind kind, const struct filter *of);
struct lane *lane_term(const struct term *term, const struct filter *of);
void lane_add(struct lane *to, struct lane *l);
void lane_free(struct lane *l);
void lane_open(struct lane *l, struct txn *t, const struct viewer *v);
void lane_close(struct lane *l);
/* The next seek may go anywhere. */
void lane_rewind(struct lane *l);
/* To the first at or after to; back: the last at or before it. */
bool lane_seek(struct lane *l, const struct posting *to, bool back);
/* To the one behind, in the same direction as before. */
bool lane_step(struct lane *l, bool back);
/* How many it has, counted up to most. */
size_t lane_count(struct lane *l, size_t most);

#endif
