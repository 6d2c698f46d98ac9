/*
 * Makes the n-th allocation fail.
 *
 * The program is linked with $(WRAP_ALLOC) and tests/support/liballoc.la,
 * so that every malloc, calloc and realloc of our own code passes through
 * here; shared libraries keep theirs.  Works under the sanitizers too.  Any
 * thread.  In a local.mk:
 *
 *	%C%_name_LDADD = feeds/libfeeds.la tests/support/liballoc.la
 *	%C%_name_LDFLAGS = $(AM_LDFLAGS) $(WRAP_ALLOC)
 *
 * The usual loop runs a body with the first, second, ... allocation failing,
 * until a run needed fewer:
 *
 *	for (size_t n = 1; alloc_fail_at(n); n++)
 *		body();
 */
#ifndef SUPPORT_ALLOC_H
#define SUPPORT_ALLOC_H

#include <stdbool.h>
#include <stddef.h>

/* Lets the n-th allocation from now on fail, and only that one.  False, and
 * nothing will fail, when the one asked for before was never reached; so the
 * loop above ends after one run without failure. */
bool alloc_fail_at(size_t n);

/* Lets nothing fail and starts counting anew. */
void alloc_reset(void);

/* Allocations since the last alloc_fail_at or alloc_reset. */
size_t alloc_count(void);

#endif
