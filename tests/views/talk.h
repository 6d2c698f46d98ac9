/*
 * Talk to search in: a few authors who post words that fold in known ways, in
 * a store of its own, and the plain loop that says who said what.
 *
 * Messages have made-up ids and no signatures.  Failing is a failing test.
 */
#ifndef TESTS_VIEWS_TALK_H
#define TESTS_VIEWS_TALK_H

#include "src/views/search.h"
#include "tests/support/home.h"

enum { TALK_AUTHORS = 4, TALK_ASKED_BYTES = 1024 };

struct talk {
	struct test_home h;
	uint64_t state; /* of the generator */
	uint64_t said;
	struct kith_feed_id authors[TALK_AUTHORS];
	struct txn *txn; /* what is said goes into it; else one each */
	struct search *search;
};

void talk_open(struct talk *k, uint64_t seed);
void talk_close(struct talk *k);

/* From 0 to n - 1. */
uint32_t talk_pick(struct talk *k, uint32_t n);

/* Appends one message.  Gives its receive number. */
uint64_t talk_say(struct talk *k, size_t author, const char *content,
		  int64_t claimed_ms);

/* Appends n, in one transaction: posts, names, blogs, and what is not to be
 * found, such as private ones. */
void talk_babble(struct talk *k, size_t n);

/* Takes all of an author out of the log. */
void talk_forget(struct talk *k, size_t author);

/* Opens the index, if it is not open, and lets it catch up in slices of so many
 * messages, sweeping too. */
void talk_index(struct talk *k, size_t slice);
void talk_close_index(struct talk *k);

/* Asks n random questions, each in both orders, whole, in pages and message by
 * message: the answers are those of a plain loop over the log. */
void talk_agree(struct talk *k, size_t n);

/* How many the index finds; UINT64_MAX: the file was found damaged. */
uint64_t talk_count(struct talk *k, const char *text);

#endif
