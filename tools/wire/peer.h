/*
 * kith peer: what one peer is asked, and how long is waited for it.
 */
#ifndef TOOLS_WIRE_PEER_H
#define TOOLS_WIRE_PEER_H

#include "tools/wire/remote.h"

struct ask {
	struct tool *tool;
	const char *address;
	struct kith_feed_id feed; /* what the verb is about */
	struct kith_blob_id blob;
	struct client *client;
	struct network network;
	int timeout_ms;
};

/* Says what came of it in place of an answer; an exit code. */
int ask_failed(const struct ask *a, enum kith_err err,
	       const struct kith_error *e);

/* What is left of the time that began then, on the scale of link_now_ms. */
int ask_time_left(const struct ask *a, int64_t since_ms);

/* The feed, printed or, with --verify, checked; an exit code. */
int ask_feed(struct ask *a);

#endif
