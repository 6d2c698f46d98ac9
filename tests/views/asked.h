/*
 * Random queries: each as JSON, and as what a plain loop over the facts gives.
 */
#ifndef TESTS_VIEWS_ASKED_H
#define TESTS_VIEWS_ASKED_H

#include "tests/views/facts.h"

enum { ASKED_NODES = 64 };

enum ask_order { ASK_RX, ASK_TS, ASK_RTS, ASK_SEQ };

struct ask_node {
	int kind;
	unsigned which, target; /* author, type, channel, member; hops */
	bool yes, low, high, low_open, high_open;
	double from, to;
	size_t first, count; /* of nodes inside */
};

struct asked {
	struct facts *facts;
	struct ask_node nodes[ASKED_NODES];
	size_t count;
	int viewer; /* an author, or -1 */
	enum ask_order order;
	bool descending;
	unsigned author; /* SEQ: whose */
	struct kith_buf filter; /* JSON of it */
};

/* asked_clear. */
void asked_make(struct asked *a, struct facts *f);
void asked_clear(struct asked *a);

/* Whether a message is in the answer, as things stand. */
bool asked_has(const struct asked *a, const struct fact *m);

/* The receive numbers of the whole answer, of messages to as_of, in order:
 * how many. */
size_t asked_answer(const struct asked *a, uint64_t as_of, uint64_t *rx);

/* Appends the query; more: further members, each with a comma before. */
void asked_text(const struct asked *a, const char *more, struct kith_buf *out);

#endif
