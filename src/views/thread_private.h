/* Between thread.c, which finds the messages, and thread_order.c. */
#ifndef VIEWS_THREAD_PRIVATE_H
#define VIEWS_THREAD_PRIVATE_H

#include "src/views/thread.h"

/* Puts th->messages, whose rx, time_ms, id and feed_number are set, into
 * causal order, and fills in the rest of them and missing. */
KITH_CHECK enum kith_err thread_order(struct txn *t, struct thread *th);

/* Calls for each message id in a message but its own: previous, and any string
 * of the content that is one. */
typedef void thread_link_fn(void *with, const struct kith_msg_id *to);
void thread_links(const struct message_row *row, thread_link_fn *fn,
		  void *with);

#endif
