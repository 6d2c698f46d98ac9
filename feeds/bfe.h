/*
 * Binary field encodings of ids, as envelopes and their keys take them in: a
 * byte for the type, one for the format, 32 of the id.
 *
 * Pure; never allocates.  Format: ssb-bfe-spec; protocol/11 section 2.
 */
#ifndef FEEDS_BFE_H
#define FEEDS_BFE_H

#include "feeds/id.h"

enum { BFE_ID_BYTES = 2 + KITH_ID_BYTES };

/* False, with out undefined: the format has no encoding. */
KITH_CHECK bool bfe_feed(const struct kith_feed_id *id,
			 uint8_t out[static BFE_ID_BYTES]);
KITH_CHECK bool bfe_msg(const struct kith_msg_id *id,
			uint8_t out[static BFE_ID_BYTES]);

/* What stands for the message before the first of a feed of format: zeros. */
KITH_CHECK bool bfe_no_msg(enum kith_format format,
			   uint8_t out[static BFE_ID_BYTES]);

/* A po-box's public key. */
void bfe_pobox(const uint8_t key[static KITH_ID_BYTES],
	       uint8_t out[static BFE_ID_BYTES]);

/* The reverse; false, with *out undefined: another type, or a format that we
 * do not have. */
KITH_CHECK bool bfe_to_feed(const uint8_t in[static BFE_ID_BYTES],
			    struct kith_feed_id *out);
KITH_CHECK bool bfe_to_msg(const uint8_t in[static BFE_ID_BYTES],
			   struct kith_msg_id *out);

#endif
