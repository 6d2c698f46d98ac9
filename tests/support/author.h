/*
 * An author for tests: an identity and the messages of its feed, as received.
 *
 * Failing is a failing test.
 */
#ifndef SUPPORT_AUTHOR_H
#define SUPPORT_AUTHOR_H

#include "feeds/message.h"
#include "src/store/store.h"

struct author {
	struct kith_signer *signer;
	struct kith_decoder *decoder;
	struct kith_tip tip;
	struct kith_buf bytes; /* all messages */
	size_t *offsets; /* of each in bytes */
	size_t count;
};

/* From the seed of 32 bytes n, so that runs do not differ. */
void author_init(struct author *a, uint8_t n);
void author_clear(struct author *a);

const struct kith_feed_id *author_id(const struct author *a);

/* Writes the next message. */
void author_write(struct author *a, struct kith_slice content);

/* Writes n posts. */
void author_post(struct author *a, size_t n);

/* The message of sequence, from 1, canonical; until the next is written. */
struct kith_slice author_message(const struct author *a, uint64_t sequence);

/* Goes back behind sequence, so that what is written next forks the feed;
 * the messages written so far stay. */
void author_go_back(struct author *a, uint64_t sequence);

/* The store holds messages 1 to last of the feed, each valid and naming the
 * one before, and no more. */
void assert_chain(struct store *s, const struct kith_feed_id *feed,
		  uint64_t last);

#endif
