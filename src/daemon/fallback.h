/*
 * Replication with a peer that has no EBT: createHistoryStream, feed by feed.
 *
 * Which and when is the history core's.  Calling at all is what makes such a
 * peer ask us in turn.  Source: protocol/05 section 9.
 */
#ifndef DAEMON_FALLBACK_H
#define DAEMON_FALLBACK_H

#include "src/daemon/peer.h"

/* From now on p->fallback; nothing where there is one. */
void fallback_start(struct peer *p);

/* Ends its calls; p->fallback is NULL afterwards.  Nothing where there is
 * none. */
void fallback_stop(struct peer *p);

/* p->ebt_due_ms has come: the calls that are due. */
void fallback_due(struct fallback *f);

/* A feed is wanted now, or no longer: for every peer in fallback.  The calls
 * for new ones are made by fallback_due, at once. */
void fallback_want(struct daemon *d, const struct kith_feed_id *feed,
		   bool want);

#endif
