/*
 * Ids as a person wants to see them, and spellings of 32 bytes that are no
 * reference.  Pure.  Source: protocol/16 section 2.
 */
#ifndef TOOLS_PICK_IDS_H
#define TOOLS_PICK_IDS_H

#include "feeds/ref.h"

/* How ids are printed: cut, so that they can be typed; whole; as URIs. */
enum ids_form { IDS_SHORT, IDS_FULL, IDS_URI };

/* "short", "full" or "uri"; false: none of them. */
bool ids_form_read(const char *text, enum ids_form *out);

void ids_feed(enum ids_form form, const struct kith_feed_id *id,
	      char out[static KITH_REF_TEXT_BYTES]);
void ids_msg(enum ids_form form, const struct kith_msg_id *id,
	     char out[static KITH_REF_TEXT_BYTES]);
void ids_ref(enum ids_form form, const struct kith_ref *ref,
	     char out[static KITH_REF_TEXT_BYTES]);

/* Reads 64 hexadecimal digits, or 52 of base32 (RFC 4648 section 6) with its
 * padding or without, in upper or lower case; false: it is neither. */
bool ids_spelled(struct kith_slice text, uint8_t out[static KITH_ID_BYTES]);

/* Reads a whole id of a feed: a reference, or its bytes spelled so, with an @
 * or without.  False: it is none, and out may be anything. */
bool ids_feed_read(struct kith_slice text, struct kith_feed_id *out);

#endif
