/*
 * The words of a capture's lines: private to capture*.c.
 */
#ifndef WIRE_CAPTURE_NAMES_H
#define WIRE_CAPTURE_NAMES_H

#include "src/wire/capture.h"

/* False for a word that is not one of them, or no string. */
bool capture_find_layer(struct kith_slice value, enum capture_layer *out);
bool capture_find_event(struct kith_slice value, enum capture_event *out);
bool capture_find_type(struct kith_slice value, enum muxrpc_type *out);

/* Can the layer have that event? */
bool capture_has(enum capture_layer layer, enum capture_event event);

#endif
