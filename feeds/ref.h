/*
 * References: ids as text, in sigil form (@... %... &...) and as SSB URIs.
 *
 * Never allocates.  Only canonical base64 of exactly 32 bytes is a reference.
 * Format: protocol/01 sections 3 and 4; SSB URI specification 1.3.
 */
#ifndef FEEDS_REF_H
#define FEEDS_REF_H

#include "feeds/bytes.h"
#include "feeds/id.h"

enum kith_ref_kind { KITH_REF_FEED, KITH_REF_MSG, KITH_REF_BLOB };

/* A parsed reference of any kind; the member that kind names is set. */
struct kith_ref {
	enum kith_ref_kind kind;
	union {
		struct kith_feed_id feed;
		struct kith_msg_id msg;
		struct kith_blob_id blob;
	};
};

/* Longest text, with its NUL: every sigil and URI form that we print. */
enum { KITH_REF_TEXT_BYTES = 96 };

/* Either form; the whole of text must be the reference.  EFORMAT, with the
 * unknown type or format named in e where that is the reason. */
KITH_API KITH_CHECK enum kith_err kith_ref_parse(struct kith_slice text,
						 struct kith_ref *out,
						 struct kith_error *e);

/* As kith_ref_parse, and EFORMAT for another kind. */
KITH_API KITH_CHECK enum kith_err kith_feed_parse(struct kith_slice text,
						  struct kith_feed_id *out);
KITH_API KITH_CHECK enum kith_err kith_msg_parse(struct kith_slice text,
						 struct kith_msg_id *out);
KITH_API KITH_CHECK enum kith_err kith_blob_parse(struct kith_slice text,
						  struct kith_blob_id *out);

/* Write the form used on the wire and a NUL into out: the sigil form where
 * the format has one (classic, cloaked), else the URI. */
KITH_API void kith_feed_print(const struct kith_feed_id *id,
			      char out[static KITH_REF_TEXT_BYTES]);
KITH_API void kith_msg_print(const struct kith_msg_id *id,
			     char out[static KITH_REF_TEXT_BYTES]);
KITH_API void kith_blob_print(const struct kith_blob_id *id,
			      char out[static KITH_REF_TEXT_BYTES]);

/* Writes the canonical URI and a NUL into out. */
KITH_API void kith_ref_print_uri(const struct kith_ref *ref,
				 char out[static KITH_REF_TEXT_BYTES]);

#endif
