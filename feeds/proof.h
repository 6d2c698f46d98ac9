/*
 * Fork proofs: two signed messages of one author for one place of its feed.
 *
 * Nobody but the author can have made such a pair, and anybody can check it,
 * without either branch of the feed.  Pure.
 * Source: protocol/10 section 8.
 */
#ifndef FEEDS_PROOF_H
#define FEEDS_PROOF_H

#include "feeds/message.h"

enum {
	/* Two lines with their ends, be these one byte or two. */
	KITH_PROOF_BYTES_MAX = 2 * (KITH_MSG_WIRE_BYTES_MAX + 2)
};

struct kith_proof {
	struct kith_feed_id author;
	uint64_t sequence;
	struct kith_msg messages[2]; /* borrow as kith_msg_decode says */
};

/* Decodes and verifies two bare message values: is that a proof?
 * EFORMAT or ETOOBIG: one is no message, or they do not contradict each other
 * (two authors, two places, or twice the same one); ESIGN: one is not signed
 * by its author; e says which and why.  ENOMEM. */
KITH_API KITH_CHECK enum kith_err
kith_proof_check(struct kith_decoder *d, enum kith_format format,
		 struct kith_slice one, struct kith_slice other,
		 struct kith_proof *out, struct kith_error *e);

/* The same for a text of exactly two lines, a classic value on each; the last
 * line may lack its end.  EFORMAT also for another number of lines. */
KITH_API KITH_CHECK enum kith_err kith_proof_read(struct kith_decoder *d,
						  struct kith_slice text,
						  struct kith_proof *out,
						  struct kith_error *e);

#endif
