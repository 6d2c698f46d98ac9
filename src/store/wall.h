/*
 * What the system's clock says.
 */
#ifndef STORE_WALL_H
#define STORE_WALL_H

#include <stdint.h>
#include <time.h>

/* Microseconds since 1970; it may jump, and be wrong by decades. */
static inline int64_t wall_us(void)
{
	struct timespec now;

	clock_gettime(CLOCK_REALTIME, &now);
	return (int64_t)now.tv_sec * 1000000 + now.tv_nsec / 1000;
}

#endif
