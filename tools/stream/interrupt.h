/*
 * Ending long work in order: SIGINT and SIGTERM wait until the work looks.
 *
 * For commands that write: what was begun is finished and told of, instead of
 * being cut off.  The owner's thread, before it starts others.
 */
#ifndef TOOLS_STREAM_INTERRUPT_H
#define TOOLS_STREAM_INTERRUPT_H

#include <stdbool.h>

/* From now on the signals wait. */
void interrupt_hold(void);

/* True once one came.  Never without interrupt_hold. */
bool interrupt_pending(void);

/* The same, for who takes a function with an argument. */
bool interrupt_stops(void *unused);

/* The work is over: what came has been heeded, and they end the process as
 * ever.  For commands that go on; others just end. */
void interrupt_release(void);

#endif
