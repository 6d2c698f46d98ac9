/*
 * Verdicts of other implementations as vectors record them: a member by the
 * name of the implementation, whose value is "accept", "reject: ..." or
 * "throw: ...", or {ok: bool}.
 */
#ifndef VECTORS_RECORDED_H
#define VECTORS_RECORDED_H

#include "feeds/verdict.h"

/* The implementation that a member is called after; KITH_PEERS: none. */
enum kith_peer recorded_peer(struct kith_slice key);

/* False: value records no verdict. */
bool recorded_verdict(struct kith_slice value, bool *accepted);

#endif
