/*
 * A classic message taken apart, and the rules of its format one by one:
 * what decoding, which stops at the first that fails, and the rules' own
 * report, which goes on, have in common.
 * Source: protocol/10 section 5.
 */
#ifndef FEEDS_CLASSIC_PARTS_H
#define FEEDS_CLASSIC_PARTS_H

#include "feeds/message.h"

enum classic_member {
	CLASSIC_PREVIOUS,
	CLASSIC_AUTHOR,
	CLASSIC_SEQUENCE,
	CLASSIC_TIMESTAMP,
	CLASSIC_HASH,
	CLASSIC_CONTENT,
	CLASSIC_SIGNATURE,
	CLASSIC_MEMBERS
};

struct classic_parts {
	struct kith_slice canon;
	struct kith_slice value[CLASSIC_MEMBERS];
	bool as_received; /* canon is the wire, so that offsets tell */
	uint8_t *printed; /* what V8 prints, printed_bytes of it */
	size_t printed_bytes, units;
};

/* The name of a member, as text. */
const char *classic_name(enum classic_member i);

/* Rule 2: fills in p->value by walking p->canon, the canonical form of the
 * object wire.  EFORMAT. */
KITH_CHECK enum kith_err classic_list(struct classic_parts *p,
				      struct kith_slice wire,
				      struct kith_error *e);

/* Rules 3 to 8, in that order.  Each reads p->value and fills in its part of
 * out; EFORMAT with the reason, and its offset in p->canon if that is what
 * was received. */
typedef enum kith_err (*classic_rule)(const struct classic_parts *p,
				      struct kith_msg *out,
				      struct kith_error *e);

enum { CLASSIC_RULES = 6 };
extern const classic_rule classic_rules[CLASSIC_RULES];

/* What stands before a signature in the printed form from its comma on, and
 * what follows it: what signing leaves out, and what it puts there. */
enum {
	CLASSIC_PRINTED_SIGNATURE_BYTES = 18 + 100 + 1,
	CLASSIC_PRINTED_END_BYTES = 2
};

#endif
