/*
 * Worked examples of the protocol pages (tests/vectors/protocol), for the
 * tests of wire.  What cannot be read fails the test.
 */
#ifndef TESTS_WIRE_VECTORS_H
#define TESTS_WIRE_VECTORS_H

#include <stddef.h>
#include <stdint.h>

#include <jansson.h>

enum { VECTORS_BYTES_MAX = 8192 };

/* A file's member called cases, frames or sessions; gives: json_decref. */
json_t *vectors_load(const char *file, const char *member);

/* Decodes the hex text of one member of an object, or of a JSON string when
 * name is NULL.  Gives how many bytes: at most VECTORS_BYTES_MAX. */
size_t vectors_hex(const json_t *from, const char *name, uint8_t *out);

/* The text of one member; NULL if absent. */
const char *vectors_text(const json_t *from, const char *name);

#endif
