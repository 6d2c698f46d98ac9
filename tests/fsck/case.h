/*
 * A victim that each test of a program finds sound, and may damage.
 *
 * Failing is a failing test.
 */
#ifndef TESTS_FSCK_CASE_H
#define TESTS_FSCK_CASE_H

#include "tests/fsck/victim.h"

enum { POSTS = 12 }; /* of each author */

extern struct victim v;

int case_open(void **state);
int case_close(void **state);

#define CASE(test) cmocka_unit_test_setup_teardown(test, case_open, case_close)

/* A transaction on its store, and the store closed behind it. */
struct txn *case_begin(void);
void case_commit(struct txn *t);

#endif
