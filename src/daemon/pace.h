/*
 * A peer's pace: how fast it is served, and how long it is waited for.
 *
 * Source: protocol/02 section 6; protocol/03 sections 6 and 7.
 */
#ifndef DAEMON_PACE_H
#define DAEMON_PACE_H

#include "src/daemon/peer.h"

/* True if its output has room for more (protocol/03 section 6). */
bool peer_has_room(const struct peer *p);

/* True if peer_serve would do something. */
bool peer_has_work(const struct peer *p);

/* Lets its requests produce while there is room, and sends.  True: its turn was
 * over before that was done. */
bool peer_serve(struct peer *p, struct txn *t);

/* When peer_due is to be called; INT64_MAX: never. */
int64_t peer_deadline_ms(struct peer *p);
void peer_due(struct peer *p, int64_t now_ms);

/* Stops reading it, because ingest is full or not all is loaded, until
 * peer_resume. */
void peer_pause(struct peer *p);
void peer_resume(struct peer *p);

/* True: it asks and does not take the answers; it is not read, and what came is
 * heard no further, until peer_unchoke, which is true once it has room: for
 * peer_hear. */
bool peer_choke(struct peer *p);
bool peer_unchoke(struct peer *p);

/* So many more bytes of blobs that it sent wait to be written, and so many
 * less: it is not read while they are too many.  The same for ids of blobs that
 * it asks about.  Nor while it wants more blobs than could be looked for. */
void peer_blobs_wait(struct peer *p, size_t more, size_t less);
void peer_blobs_asked(struct peer *p, size_t more, size_t less);
void peer_blobs_full(struct peer *p, bool full);

#endif
