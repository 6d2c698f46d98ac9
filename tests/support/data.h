/*
 * Test data: files below tests/vectors in the source tree.
 */
#ifndef SUPPORT_DATA_H
#define SUPPORT_DATA_H

#include "feeds/bytes.h"

enum { DATA_BYTES_MAX = 16 << 20 };

/* Reads the file whole; stops the program with a message if it cannot.
 * Gives: free with kith_buf_free. */
struct kith_buf data_read(const char *name);

/* The same for a JSON file: *value is its one value, a view of the buffer. */
struct kith_buf data_read_json(const char *name, struct kith_slice *value);

#endif
