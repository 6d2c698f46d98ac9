/*
 * One fetch of a blob: from a peer's blobs.get or getSlice into its file, as
 * wants (gossip/wants_fetch.h) said, where keep (gossip/keep.h) has room.
 * Source: protocol/06 section 4.
 */
#ifndef DAEMON_BLOBS_FETCH_H
#define DAEMON_BLOBS_FETCH_H

#include "src/daemon/blobs.h"

/* wants said FETCH, or STOP. */
void blob_fetch_begin(struct daemon *d, struct wants_fetch *f);
void blob_fetch_stop(struct wants_fetch *f);

/* A sweep is over: those that waited for it begin, or there is no room. */
void blob_fetches_go_on(struct daemon *d);

/* The daemon closes: ends those that wait. */
void blob_fetches_end(struct daemon *d);

#endif
