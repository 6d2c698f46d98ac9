/*
 * A home with its store and its folder of blobs, for one test.
 *
 * Failing is a failing test.
 */
#ifndef STORE_BLOB_CASE_H
#define STORE_BLOB_CASE_H

#include "src/store/blobs.h"
#include "tests/support/home.h"

enum { BLOB_CASE_PATH_BYTES = TEST_PATH_BYTES + 160 };

struct blob_case {
	struct test_home home;
	struct blobs *blobs;
};

/* Around a test of cmocka, whose state it is. */
int blob_case_open(void **state);
int blob_case_close(void **state);

/* Where its file is; until the next call. */
const char *blob_case_path(const struct blob_case *f,
			   const struct kith_blob_id *id);

#endif
