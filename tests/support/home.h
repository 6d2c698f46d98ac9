/*
 * A home in a temporary folder, with its store open for writing.
 *
 * Failing is a failing test: every call here asserts.
 */
#ifndef SUPPORT_HOME_H
#define SUPPORT_HOME_H

#include "src/store/store.h"

enum { TEST_PATH_BYTES = 256 };

struct test_home {
	char path[TEST_PATH_BYTES];
	struct home *home;
	struct store *store; /* NULL until test_home_store */
};

/* Makes a folder of its own and opens it as a home. */
void test_home_open(struct test_home *h);

/* Takes the writer's lock and opens the store; map_bytes as store_options. */
void test_home_store(struct test_home *h, uint64_t map_bytes);

/* Closes both, for another process to have; and opens them again. */
void test_home_leave(struct test_home *h);
void test_home_return(struct test_home *h);

/* Both, as another run of the program would. */
void test_home_reopen(struct test_home *h);

/* Closes and removes everything. */
void test_home_close(struct test_home *h);

/* Starts this test program again with arguments, its output on *out (a
 * descriptor; NULL: none).  Returns its pid. */
long test_spawn(const char *const arguments[], int *out);

/* Waits for a child; its exit status, or minus the signal that ended it. */
int test_wait(long pid);

/* Kills a child after so long; it must not have ended before. */
void test_kill(long pid, long after_us);

#endif
