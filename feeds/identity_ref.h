/*
 * SSB URIs of the type "identity": groups and po-boxes.
 *
 * Never allocates.  Format: SSB URI specification 1.3.
 */
#ifndef FEEDS_IDENTITY_REF_H
#define FEEDS_IDENTITY_REF_H

#include "feeds/ref.h"

/* format: "group" or "po-box".  False, with out as it was: text is no URI of
 * it. */
KITH_CHECK bool identity_ref_parse(struct kith_slice text, const char *format,
				   uint8_t out[static KITH_ID_BYTES]);

/* Writes the URI and a NUL. */
void identity_ref_print(const char *format,
			const uint8_t id[static KITH_ID_BYTES],
			char out[static KITH_REF_TEXT_BYTES]);

#endif
