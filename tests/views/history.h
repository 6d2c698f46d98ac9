/*
 * Random histories: a few authors who say all that views look at, well and
 * badly, in a transaction that is never committed.
 *
 * Messages carry made-up ids and no signatures, so links may go anywhere: to
 * what comes later, to nothing, in circles.
 */
#ifndef TESTS_VIEWS_HISTORY_H
#define TESTS_VIEWS_HISTORY_H

#include "src/views/filler.h"

enum { HISTORY_AUTHORS = 6, HISTORY_MESSAGES = 48 };

struct history {
	struct txn *txn;
	uint64_t state; /* of the generator */
	struct kith_feed_id authors[HISTORY_AUTHORS];
	uint64_t seed;
	size_t messages;
	struct filler *filler;
	struct kith_buf content;
};

/* Writes one into t: messages appended, folded in another order than they came
 * in, some folded twice; now and then a feed is forgotten.  Failing is a
 * failing test.  history_clear. */
void history_make(struct history *h, struct txn *t, uint64_t seed);
void history_clear(struct history *h);

/* From 0 to n - 1. */
uint32_t history_pick(struct history *h, uint32_t n);

/* Appends one message with this content of authors[author]. */
void history_say(struct history *h, size_t author, const char *content);

/* The id of the n-th message, from 0, said or not. */
struct kith_msg_id history_id(const struct history *h, size_t n);

/* Begins an empty one. */
void history_start(struct history *h, struct txn *t, uint64_t seed);

/* Takes all of authors[author] out of the log and the views. */
void history_forget(struct history *h, size_t author);

#endif
