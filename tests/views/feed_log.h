/*
 * Feeds that come into a store without ingest, and go: the log and its views as
 * the writer moves them.
 *
 * Failing is a failing test.
 */
#ifndef TESTS_VIEWS_FEED_LOG_H
#define TESTS_VIEWS_FEED_LOG_H

#include "src/store/store.h"
#include "tests/support/author.h"

/* At most so many of the next messages that the author has written come in, in
 * one transaction. */
void feed_receive(struct store *s, struct author *a, uint64_t most);

/* Messages up to last go, at most so many in a transaction. */
void feed_forget(struct store *s, const struct author *a, uint64_t last,
		 size_t most);

#endif
