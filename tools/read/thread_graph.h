/*
 * A thread as lanes: the newest message first, each above what it answers,
 * joined by lines; heads are marked, and what is not here ends them.
 */
#ifndef TOOLS_READ_THREAD_GRAPH_H
#define TOOLS_READ_THREAD_GRAPH_H

#include "src/views/thread.h"
#include "tools/print/reading.h"

enum { THREAD_LANES_MAX = 24, THREAD_PARENTS_MAX = 16 };

/* Prints it, as records where the page is JSON.  ENOMEM. */
KITH_CHECK enum kith_err thread_graph_print(struct reading *r,
					    const struct thread *th);

#endif
