/*
 * Lists of postings, and lists made of lists: each is read by seeks and steps,
 * one way or the other, in the one order that all have.
 */
#ifndef VIEWS_QUERY_LISTS_H
#define VIEWS_QUERY_LISTS_H

#include "src/views/postings.h"

struct filter;

enum list_kind { LIST_TERM, LIST_MEMORY, LIST_OR, LIST_AND };

/* A list of postings: of one term, from elsewhere, or of other lists. */
struct list {
	enum list_kind kind;
	struct list *first, *next;
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
struct list *list_new(enum list_kind kind, const struct filter *of);
struct list *list_term(const struct term *term, const struct filter *of);
void list_add(struct list *to, struct list *l);
void list_free(struct list *l);
void list_open(struct list *l, struct txn *t);
void list_close(struct list *l);
/* The next seek may go anywhere. */
void list_rewind(struct list *l);
/* To the first at or after to; back: the last at or before it. */
bool list_seek(struct list *l, const struct posting *to, bool back);
/* To the one behind, in the same direction as before. */
bool list_step(struct list *l, bool back);
/* How many it has, counted up to most. */
size_t list_count(struct list *l, size_t most);

#endif
