/*
 * Who waits for blobs, and who watches them come: blobs.want, blobs.changes,
 * blobs.ls and blobs.pushed.
 */
#ifndef DAEMON_BLOBS_WATCH_H
#define DAEMON_BLOBS_WATCH_H

#include "feeds/id.h"

struct daemon;

/* methods_blobs.c: whoever wants it is answered. */
void blob_waiters_tell(struct daemon *d, const struct kith_blob_id *id);

/* methods_blobs_add.c: a sweep is over, for which adds may have waited. */
void blob_adds_go_on(struct daemon *d);

/* methods_blobs_watch.c */
void blob_watches_came(struct daemon *d, const struct kith_blob_id *id,
		       uint64_t size);
void blob_watches_pushed(struct daemon *d, const struct kith_blob_id *id);

#endif
