/*
 * The classic format (sigil ids, JSON, Ed25519): a row of message.c's table.
 * Source: protocol/10.
 */
#ifndef FEEDS_CLASSIC_H
#define FEEDS_CLASSIC_H

#include "feeds/decoder.h"

/* Characters of the text forms, without quotes. */
enum {
	CLASSIC_SIGNATURE_CHARS = 88, /* base64 of 64 bytes */
	CLASSIC_TYPE_UNITS_MIN = 3,
	CLASSIC_TYPE_UNITS_MAX = 52
};

/* As kith_msg_decode. */
KITH_CHECK enum kith_err classic_decode(struct kith_decoder *d,
					struct kith_slice wire,
					struct kith_msg *out,
					struct kith_error *e);

/* As kith_msg_build. */
KITH_CHECK enum kith_err classic_build(struct kith_decoder *d,
				       const struct kith_signer *s,
				       const struct kith_tip *tip,
				       const struct kith_draft *draft,
				       struct kith_msg *out,
				       struct kith_error *e);

/* Content passes what every known peer agrees on (protocol/10 section 6,
 * Publish); content has passed json_check.  EFORMAT with the offset in it. */
KITH_CHECK enum kith_err classic_publish_check(struct kith_slice content,
					       struct kith_error *e);

/* The part of it about what content is: an object with a type, or a box; the
 * rest are quirks. */
KITH_CHECK enum kith_err classic_publish_shape(struct kith_slice content,
					       struct kith_error *e);

#endif
