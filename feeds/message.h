/*
 * Messages: decode, build, chain rules.  Formats are rows of one table;
 * classic is the first.
 *
 * Decoding is one pass over the received bytes.  It checks every rule but the
 * chain's (kith_chain) and the signature (kith_verify), and prepares both.
 * Source: protocol/10.
 */
#ifndef FEEDS_MESSAGE_H
#define FEEDS_MESSAGE_H

#include "feeds/bytes.h"
#include "feeds/id.h"
#include "feeds/signer.h"

enum {
	KITH_MSG_UNITS_MAX = 8192,	 /* protocol/10 section 5.3 */
	KITH_MSG_WIRE_BYTES_MAX = 65536, /* as received, however spelled */
	KITH_MSG_CANON_BYTES_MAX = 3 * KITH_MSG_UNITS_MAX
};

/* 2^53 - 1: the last sequence that a double holds. */
#define KITH_SEQUENCE_MAX ((uint64_t)9007199254740991)

/* A message whose shape is right; signature and chain are not checked. */
struct kith_msg {
	struct kith_feed_id author;
	uint64_t sequence;
	bool first;		     /* previous is null */
	struct kith_msg_id previous; /* unless first */
	struct kith_msg_id id;
	double claimed; /* author's timestamp, milliseconds since 1970 */
	uint32_t units; /* UTF-16 units of the signed form */
	uint8_t signature[KITH_SIGNATURE_BYTES];
	struct kith_slice canon;   /* compact canonical: stored and sent */
	struct kith_slice content; /* the content's span of canon */
	struct kith_slice signing; /* what signature signs */
};

/* The end of a feed as far as it is known; all zero: nothing is. */
struct kith_tip {
	uint64_t sequence; /* 0: no message yet */
	struct kith_msg_id id;
	double claimed;
};

/* Scratch memory of decoding and building, reused; one a thread. */
struct kith_decoder;

/* hmac: the network's message key, or NULL for the main network; copied.
 * Gives; free with kith_decoder_free.  NULL when out of memory. */
KITH_API struct kith_decoder *kith_decoder_new(const uint8_t *hmac);
KITH_API void kith_decoder_free(struct kith_decoder *d);

/* Forgets what earlier decodes returned; keeps the memory. */
KITH_API void kith_decoder_reset(struct kith_decoder *d);

/* Decodes one bare message value.  *out borrows from wire (canon, when wire
 * is canonical already) and from d, until kith_decoder_reset.
 * ETOOBIG: over KITH_MSG_WIRE_BYTES_MAX or KITH_MSG_UNITS_MAX.  EFORMAT: any
 * other rule of protocol/10 section 5, 1 to 8, the first that fails; e->text
 * names it, e->offset tells where if wire is JSON in canonical form, or no
 * JSON at all.  ENOMEM only while d is not yet warm. */
KITH_API KITH_CHECK enum kith_err kith_msg_decode(struct kith_decoder *d,
						  enum kith_format format,
						  struct kith_slice wire,
						  struct kith_msg *out,
						  struct kith_error *e);

/* What kith_msg_build needs to make the message after tip. */
struct kith_draft {
	enum kith_format format;
	struct kith_slice content; /* JSON object, or a quoted .box string */
	double now_ms; /* claimed is the greater of this and tip.claimed + 1 */
};

/* Builds, signs and decodes again the next message of s.  Content must pass
 * the rules that every known peer agrees on (protocol/10 section 6, Publish);
 * EFORMAT names the rule and the offset in content, ETOOBIG the size.
 * *out borrows from d. */
KITH_API KITH_CHECK enum kith_err
kith_msg_build(struct kith_decoder *d, const struct kith_signer *s,
	       const struct kith_tip *tip, const struct kith_draft *draft,
	       struct kith_msg *out, struct kith_error *e);

/* Where m stands to tip: KITH_OK it is the next one; EEXIST at or before tip
 * (the caller may compare ids); EGAP beyond the next; EFORK it is the next by
 * number but names another previous. */
KITH_API KITH_CHECK enum kith_err kith_chain(const struct kith_tip *tip,
					     const struct kith_msg *m);

#endif
