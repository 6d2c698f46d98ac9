/*
 * Trying one key of a scheme on a box2 that was decoded.
 */
#ifndef FEEDS_BOX2_PRIVATE_H
#define FEEDS_BOX2_PRIVATE_H

#include "feeds/box2.h"
#include "feeds/envelope.h"

/* Sets via and which of the box; FOREIGN leaves the rest of it as it is. */
KITH_CHECK enum kith_opening box2_try(const struct envelope *e,
				      enum kith_scheme scheme,
				      const uint8_t *key, size_t which);

#endif
