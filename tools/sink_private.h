/*
 * The two ways of a sink that are not ingest: calls to kithd, and a trial.
 */
#ifndef TOOLS_SINK_PRIVATE_H
#define TOOLS_SINK_PRIVATE_H

#include "tools/sink.h"

/* --- kithd: calls of its method add --- */

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

/* --- a trial --- */

struct sink_trial;

/* store is kept as a view; hmac: 32 bytes or NULL, copied.  NULL when out of
 * memory. */
struct sink_trial *sink_trial_new(struct store *store, const uint8_t *hmac);
void sink_trial_free(struct sink_trial *r);
int sink_trial_put(struct sink_trial *r, struct kith_slice value,
		   uint32_t tag);
bool sink_trial_full(const struct sink_trial *r);
void sink_trial_wait(struct sink_trial *r);
bool sink_trial_next(struct sink_trial *r, struct sink_verdict *out);

#endif
