#include "tests/support/alloc.h"

#include <errno.h>
#include <stdatomic.h>

/* The linker sends our code's calls to __wrap_X, and __real_X to libc. */
void *__real_malloc(size_t n);
void *__real_calloc(size_t count, size_t n);
void *__real_realloc(void *p, size_t n);
void *__wrap_malloc(size_t n);
void *__wrap_calloc(size_t count, size_t n);
void *__wrap_realloc(void *p, size_t n);

static atomic_size_t count;
static atomic_size_t fail_at;

void alloc_reset(void)
{
	atomic_store(&fail_at, 0);
	atomic_store(&count, 0);
}

size_t alloc_count(void)
{
	return atomic_load(&count);
}

bool alloc_fail_at(size_t n)
{
	size_t before = atomic_load(&fail_at);
	bool reached = before == 0 || atomic_load(&count) >= before;

	alloc_reset();
	if (reached)
		atomic_store(&fail_at, n);
	return reached;
}

static bool fails(void)
{
	if (atomic_fetch_add(&count, 1) + 1 != atomic_load(&fail_at))
		return false;
	errno = ENOMEM;
	return true;
}

void *__wrap_malloc(size_t n)
{
	return fails() ? NULL : __real_malloc(n);
}

void *__wrap_calloc(size_t members, size_t n)
{
	return fails() ? NULL : __real_calloc(members, n);
}

void *__wrap_realloc(void *p, size_t n)
{
	return fails() ? NULL : __real_realloc(p, n);
}
