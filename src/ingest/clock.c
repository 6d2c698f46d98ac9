/*
 * What the system's clock says, as far as it can be true.
 *
 * A clock that is years ahead does harm for good: a message that claims the
 * future makes every later one of its feed claim it too, and times of receiving
 * only grow.  So such a clock is not believed, and nothing is published by it.
 * One that is behind does none: what we hold was received before now.
 */
#include "src/ingest/ingest_private.h"

/* 2023: no clock of a running kith is right before that. */
#define EARLIEST_US INT64_C(1672531200000000)

/* Forty years: nobody's store rests longer between two messages. */
#define AHEAD_US (INT64_C(40) * 365 * 86400 * 1000000)

int64_t clock_believe(int64_t now_us, int64_t newest_us, bool *ahead)
{
	int64_t least_us = newest_us > EARLIEST_US ? newest_us : EARLIEST_US;

	*ahead = now_us > least_us && now_us - least_us > AHEAD_US;
	return *ahead || now_us < EARLIEST_US ? least_us : now_us;
}
