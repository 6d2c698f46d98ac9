/*
 * Verdicts: what other peers would say of a message, and why.
 *
 * Each implementation is a row of a table of switches (verdict.c): protocol/10
 * section 6 as data, and agreed with every verdict that was recorded of the
 * real ones (tests/vectors/set_verdict.c).
 * Not for two threads at once.
 */
#ifndef FEEDS_VERDICT_H
#define FEEDS_VERDICT_H

#include "feeds/rules.h"

enum kith_peer {
	KITH_PEER_KITH,	       /* what we take */
	KITH_PEER_STRICT,      /* what we publish: all of them take it */
	KITH_PEER_VALIDATE,    /* ssb-validate: Patchwork, ssb-server */
	KITH_PEER_VALIDATE_JS, /* the same with signatures checked in JS */
	KITH_PEER_CLASSIC,     /* ssb-classic: ssb-db2, Manyverse */
	KITH_PEER_RUST,	       /* the Rust ssb-validate on the bytes */
	KITH_PEER_RUST_NPM,    /* the same behind its npm wrapper */
	KITH_PEER_GO,	       /* go-ssb */
	KITH_PEERS
};

struct kith_verdict {
	bool accepted;
	enum kith_rule rule;	     /* that it breaks; KITH_RULES: none */
	struct kith_rule_result why; /* of rule */
};

/* How an implementation is called on a command line. */
const char *kith_peer_name(enum kith_peer peer);

/* One message on trial. */
struct kith_trial;

/* hmac: as kith_decoder_new.  Gives; free with kith_trial_free.  NULL when
 * out of memory. */
struct kith_trial *kith_trial_new(const uint8_t *hmac);
void kith_trial_free(struct kith_trial *t);

/* The message that the following verdicts are about; keeps a view of wire.
 * tip: where its feed stands (all zero: it is empty), or NULL: not known, and
 * the message is judged alone.  ENOMEM. */
KITH_CHECK enum kith_err kith_trial_open(struct kith_trial *t,
					 struct kith_slice wire,
					 const struct kith_tip *tip);

/* What our own rules say of it; borrowed until the next open. */
const struct kith_ruling *kith_trial_ruling(const struct kith_trial *t);

/* ENOMEM. */
KITH_CHECK enum kith_err kith_trial_ask(struct kith_trial *t,
					enum kith_peer peer,
					struct kith_verdict *out);

#endif
