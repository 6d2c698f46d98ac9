/*
 * What is said of blobs on one connection: blobs.createWants both ways, and to
 * peers that lack it blobs.changes and blobs.has (gossip/wants.h).
 * Source: protocol/06 sections 3 and 7.
 */
#ifndef DAEMON_BLOBS_TALK_H
#define DAEMON_BLOBS_TALK_H

#include "src/daemon/peer.h"

/* A session with a remote peer begins, or is over. */
void blobs_opened(struct peer *p);
void blobs_left(struct peer *p);

/* Whoever is to be told something produces. */
void blob_talks_wake(struct daemon *d);

/* blobs.createWants */
void blobs_serve_wants(struct peer *p, const struct session_event *call);

#endif
