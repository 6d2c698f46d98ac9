/*
 * Replication with a peer that has no EBT: createHistoryStream, feed by feed.
 *
 * A window of parallel calls over what we want, repeated now and then, and one
 * live call for the peer's own feed.  Calling at all is what makes such a peer
 * ask us in turn.  Source: protocol/05 section 9.
 */
#ifndef DAEMON_FALLBACK_H
#define DAEMON_FALLBACK_H

#include "src/daemon/peer.h"

/* From now on p->fallback; nothing where there is one. */
void fallback_start(struct peer *p);

/* After the peer's requests were closed; NULL is ignored. */
void fallback_free(struct fallback *f);

/* Another round over all wanted feeds. */
void fallback_again(struct fallback *f);

/* There are new wanted feeds: tells every peer in fallback. */
void fallback_want_more(struct daemon *d);

#endif
