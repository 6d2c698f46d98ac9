/*
 * What the files of private content share: the text form of a box, and what
 * becomes of one that was opened.
 */
#ifndef FEEDS_BOXED_PRIVATE_H
#define FEEDS_BOXED_PRIVATE_H

#include "feeds/boxed.h"

enum {
	/* Least bytes of a box: protocol/12 section 6. */
	BOX1_BYTES_MIN = 24 + 32 + 49 + 16,
	BOX2_BYTES_MIN = 32 + 32 + 16,
	BOX1_KEY_BYTES = 33,
	BOX2_KEY_BYTES = 32
};

/* Decodes the box into out->plain, out->n bytes; false: it is none of box's
 * scheme. */
KITH_CHECK bool boxed_decode(struct kith_slice content, enum kith_box box,
			     struct kith_opened *out);

/* Appends box as a content. */
KITH_CHECK enum kith_err boxed_encode(enum kith_box box,
				      struct kith_slice bytes,
				      struct kith_buf *out);

/* out->plain is in clear: OPENED or UNUSABLE. */
KITH_CHECK enum kith_opening boxed_judge(struct kith_opened *out);

/* Opens the body of the box in out->plain, in place, by out->key. */
KITH_CHECK enum kith_opening box1_open_body(struct kith_opened *out);

#endif
