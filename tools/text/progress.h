/*
 * Progress of a long command: one line on stderr that is written over, only
 * where stderr is a terminal: what is done, how fast, and what is left.
 *
 *	12034 messages read, 10.2 MB, 23012 a second (19.5 MB/s), 34 %,
 *	1:12 left
 */
#ifndef TOOLS_TEXT_PROGRESS_H
#define TOOLS_TEXT_PROGRESS_H

#include <stdbool.h>
#include <stdint.h>

struct progress {
	const char *done; /* "imported" */
	const char *things; /* "messages", unless set to something else */
	bool shown;
	uint64_t messages, bytes;
	uint64_t at, total; /* of what is gone through, in any unit */
	uint64_t steps;
	int64_t started_ms, printed_ms;
};

/* quiet: print nothing, as when results go to the same terminal. */
void progress_start(struct progress *p, const char *done, bool quiet);

/* How much there is to go through, in bytes, messages or what else can be
 * counted, and how much of it is behind us.  Total 0: nobody knows.  Without
 * it there is no percentage and no time left. */
void progress_total(struct progress *p, uint64_t total);
void progress_at(struct progress *p, uint64_t at);

/* One message more, of so many bytes. */
void progress_step(struct progress *p, uint64_t bytes);

/* So many bytes more, for work that knows no messages. */
void progress_bytes(struct progress *p, uint64_t bytes);

/* Takes the line away. */
void progress_end(struct progress *p);

#endif
