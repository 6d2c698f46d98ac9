/*
 * A rate: how often somebody may ask for what costs us much.
 */
#ifndef DAEMON_RATE_H
#define DAEMON_RATE_H

#include <stdbool.h>
#include <stdint.h>

/* All zero: nothing was asked for yet. */
struct rate {
	int64_t whole_ms; /* all that may be saved up is there again then */
};

/* True: once more is within one in every_ms, of which `burst` are saved up at
 * most; and it is counted. */
bool rate_allows(struct rate *r, int64_t now_ms, int64_t every_ms, int burst);

#endif
