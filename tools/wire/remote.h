/*
 * A peer that a person named, called for one command: "local" is the kithd of
 * the home; else an address, or the feed of a peer whose address is known.
 */
#ifndef TOOLS_WIRE_REMOTE_H
#define TOOLS_WIRE_REMOTE_H

#include "tools/network.h"

/* Whether text is to name a feed, and no address. */
bool remote_is_feed(const char *text);

/* Connects, as our identity.  An exit code after an error text: EXIT_MISUSED,
 * no address; EXIT_NOT_FOUND, none is known; EXIT_UNREADABLE, nobody answers.
 * Gives; client_close.
 * network: filled in. */
int remote_open(struct tool *t, const char *address, struct network *network,
		struct client **out);

/* The whole number of milliseconds of --timeout, given in seconds. */
bool remote_timeout(const struct tool *t, int fallback_ms, int *out);

/* An exit code for what a call came to, after an error text. */
int remote_failed(const char *address, enum kith_err err,
		  const struct kith_error *e);

/* The same where nothing came of what was asked for. */
int remote_late(const char *address, int timeout_ms);

#endif
