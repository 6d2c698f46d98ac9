/*
 * The way of a sink that is not ingest: calls to kithd.
 */
#ifndef TOOLS_PASS_SINK_PRIVATE_H
#define TOOLS_PASS_SINK_PRIVATE_H

#include "tools/pass/sink.h"

/* Calls of its method add. */
struct sink_calls;

/* daemon is kept as a view; what was received before opened_ms was known.
 * NULL when out of memory. */
struct sink_calls *sink_calls_new(struct client *daemon, double opened_ms);
void sink_calls_free(struct sink_calls *c);
int sink_calls_put(struct sink_calls *c, struct kith_slice value,
		   uint32_t tag);
bool sink_calls_full(const struct sink_calls *c);
int sink_calls_wait(struct sink_calls *c);
bool sink_calls_next(struct sink_calls *c, struct sink_verdict *out);

#endif
