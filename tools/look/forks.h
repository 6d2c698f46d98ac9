/*
 * The parts of `kith forks` that look for forks: in files, and in sources.
 */
#ifndef TOOLS_LOOK_FORKS_H
#define TOOLS_LOOK_FORKS_H

#include "tools/tool.h"

/* Looks for places of feeds that two files fill with different messages, and
 * prints the lowest of each feed.  Both are read several times where they are
 * long: memory is bounded.  hmac: the network's key, or NULL.  EXIT_FAILED:
 * there are some; EXIT_DONE: none; else after an error text. */
int forks_find(struct tool *t, const char *one, const char *other,
	       const uint8_t *hmac);

/* The same in any two sources: files as above, and of all others single
 * messages are read, by halves. */
int forks_search(struct tool *t, char **names, const uint8_t *hmac);

#endif
