/*
 * Progress of a long command: one line on stderr that is written over, only
 * where stderr is a terminal.
 */
#ifndef TOOLS_PROGRESS_H
#define TOOLS_PROGRESS_H

#include <stdbool.h>
#include <stdint.h>

struct progress {
	const char *done; /* "imported" */
	bool shown;
	uint64_t messages, bytes;
	int64_t started_ms, printed_ms;
};

/* quiet: print nothing, as when results go to the same terminal. */
void progress_start(struct progress *p, const char *done, bool quiet);

/* One message more, of so many bytes. */
void progress_step(struct progress *p, uint64_t bytes);

/* Takes the line away. */
void progress_end(struct progress *p);

#endif
