/*
 * Preloaded into a program under test: its clock on the wall is wrong by
 * $CLOCK_SHIFT seconds.  The monotonic clock is right.
 */
#include <stdlib.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <time.h>
#include <unistd.h>

static time_t shift(void)
{
	const char *text = getenv("CLOCK_SHIFT");

	return text ? (time_t)strtoll(text, NULL, 10) : 0;
}

__attribute__((visibility("default")))
int clock_gettime(clockid_t id, struct timespec *t)
{
	int rc = (int)syscall(SYS_clock_gettime, id, t);

	if (!rc && (id == CLOCK_REALTIME || id == CLOCK_REALTIME_COARSE))
		t->tv_sec += shift();
	return rc;
}

__attribute__((visibility("default")))
time_t time(time_t *out)
{
	struct timespec t = { 0 };

	clock_gettime(CLOCK_REALTIME, &t);
	if (out)
		*out = t.tv_sec;
	return t.tv_sec;
}

__attribute__((visibility("default")))
int gettimeofday(struct timeval *restrict out, void *restrict zone)
{
	struct timespec t = { 0 };

	(void)zone;
	clock_gettime(CLOCK_REALTIME, &t);
	out->tv_sec = t.tv_sec;
	out->tv_usec = t.tv_nsec / 1000;
	return 0;
}
