/*
 * ebt.replicate on one connection: frames between a session and the ebt core.
 *
 * Source: protocol/05 sections 4, 5 and 8.
 */
#ifndef DAEMON_EBT_STREAM_H
#define DAEMON_EBT_STREAM_H

#include "src/daemon/peer.h"
#include "src/gossip/ebt.h"

/* We dialled: open the stream.  If the peer answers with an error before
 * anything else, the fallback starts. */
void ebt_stream_call(struct peer *p);

/* The peer called; ends an older stream of this connection. */
void ebt_stream_serve(struct peer *p, const struct session_event *call);

/* The core has something for it. */
void ebt_stream_wake(struct ebt_stream *s);

/* As ebt_told. */
bool ebt_stream_told(const struct ebt_stream *s,
		     const struct kith_feed_id *feed, uint64_t *sequence);
/* As ebt_refuses. */
bool ebt_stream_refused(const struct ebt_stream *s,
			const struct kith_feed_id *feed);

/* The author of feed blocks this peer, or no longer. */
void ebt_stream_hide(struct ebt_stream *s, const struct kith_feed_id *feed,
		     bool hide);

#endif
