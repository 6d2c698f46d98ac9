/*
 * A home with its store and its folder of blobs, for one test.
 *
 * Failing is a failing test.
 */
#ifndef STORE_BLOB_CASE_H
#define STORE_BLOB_CASE_H

#include "src/store/blobs.h"
#include "tests/support/home.h"

enum { BLOB_CASE_PATH_BYTES = TEST_PATH_BYTES + 160, CASE_LIMIT = 100000 };

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

/* Where the part of it is that has come; until the next call. */
const char *case_part(const struct blob_case *f, const struct kith_blob_id *id);

/* n bytes, at most twice CASE_LIMIT, others for each seed; until the next
 * call. */
struct kith_slice case_bytes(unsigned seed, size_t n);

struct kith_blob_id case_id(struct kith_slice s);
bool case_same(const struct kith_blob_id *a, const struct kith_blob_id *b);

/* A blob comes in, of less than CASE_LIMIT bytes; id: as in struct
 * blob_write. */
struct blob_writer *case_begin(struct blob_case *f,
			       const struct kith_blob_id *id, bool resume);
void case_put(struct blob_writer *w, struct kith_slice s);

/* All of it. */
struct kith_blob_id case_add(struct blob_case *f, struct kith_slice s);

/* Makes a file of these bytes; and: there is such a file. */
void case_write(const char *path, struct kith_slice s);
bool case_exists(const char *path);

/* Files in the folder of what is not whole yet. */
size_t case_in_tmp(const struct blob_case *f);

/* It can neither be found nor opened. */
void assert_absent(struct blob_case *f, const struct kith_blob_id *id);

#endif
