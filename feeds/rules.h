/*
 * The rules of a message one by one: what each says of the bytes received.
 *
 * All pass exactly when kith_msg_decode takes the bytes and kith_verify their
 * signature: it is the same code.  But decoding stops at the first rule that
 * fails, and this goes on to the others as far as that makes sense.
 * Source: protocol/10 section 5, in its order.
 */
#ifndef FEEDS_RULES_H
#define FEEDS_RULES_H

#include "feeds/message.h"

enum kith_rule {
	KITH_RULE_JSON,
	KITH_RULE_KEYS,	     /* the seven, in order, each once */
	KITH_RULE_AUTHOR,
	KITH_RULE_FORM,	     /* of the signature's text */
	KITH_RULE_PLACE,     /* sequence and previous */
	KITH_RULE_HASH,
	KITH_RULE_TIMESTAMP,
	KITH_RULE_CONTENT,
	KITH_RULE_SIZE,
	KITH_RULE_SIGNATURE,
	KITH_RULES
};

enum kith_rule_state { KITH_RULE_NOT_REACHED, KITH_RULE_PASS, KITH_RULE_FAIL };

enum { KITH_RULE_PATH_BYTES = 128 };

struct kith_rule_result {
	enum kith_rule_state state;
	size_t offset; /* FAIL: of what is wrong, in wire */
	char path[KITH_RULE_PATH_BYTES];    /* "content.type", or empty */
	char detail[KITH_ERROR_TEXT_BYTES]; /* "1204/8192 units" */
};

struct kith_ruling {
	struct kith_rule_result rules[KITH_RULES];
	enum kith_rule first; /* that fails; KITH_RULES: none does */
	enum kith_err err;    /* of first, as the chain and decoding say it */
	bool decoded;	      /* only place or signature fail, or nothing */
	struct kith_msg message; /* if decoded; borrows from wire and d */
};

/* Puts as much of text as fits, whole characters and a NUL, into to. */
void rule_text(char *to, size_t size, struct kith_slice text);

/* "keys", for a person and for scripts. */
const char *kith_rule_name(enum kith_rule rule);

/* Judges one bare message value of the classic format.  tip: where its feed
 * stands, or NULL: not known, the message is judged alone.
 * ENOMEM, and *out untouched, only while d is not yet warm. */
KITH_CHECK enum kith_err kith_rules_judge(struct kith_decoder *d,
					  struct kith_slice wire,
					  const struct kith_tip *tip,
					  struct kith_ruling *out);

#endif
