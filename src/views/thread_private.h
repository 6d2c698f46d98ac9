/* Between thread.c, which finds the messages, and thread_order.c. */
#ifndef VIEWS_THREAD_PRIVATE_H
#define VIEWS_THREAD_PRIVATE_H

#include "src/views/thread.h"

/* Puts th->messages, whose rx, time_ms, id, canon and feed_number are set,
 * into causal order, and fills in the rest of them and missing. */
KITH_CHECK enum kith_err thread_order(struct txn *t, struct thread *th);

#endif
