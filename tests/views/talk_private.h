/* What the files of talk share. */
#ifndef TESTS_VIEWS_TALK_PRIVATE_H
#define TESTS_VIEWS_TALK_PRIVATE_H

#include "src/views/view.h"
#include "tests/views/talk.h"

enum { CONTENT_BYTES_MAX = 8192, SPREAD_MS = 5000 };
#define NOW_US INT64_C(1600000000000000)

/* A write transaction, the one of k or its own. */
struct txn *talk_begin(struct talk *k);
void talk_finish(struct talk *k, struct txn *t);

/* What the pieces of a message, and so its words, are; " a b c ". */
struct spoken {
	uint64_t rx, time_ms;
	uint32_t feed_number;
	struct kith_feed_id author;
	bool weeds, flowers, found;
	char words[CONTENT_BYTES_MAX];
};

/* Reads a message as talk_babble wrote it. */
void spoken_read(struct txn *t, const struct message_row *row,
		 struct spoken *out);

#endif
