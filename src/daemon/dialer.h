/*
 * Dialling: known addresses, tried again and again, and conn.connect.
 *
 * Which and when is the dial core's; addresses are rows of the store.  An
 * explicit disconnect pauses an address until the next connect.
 * Source: protocol/07 section 3; architecture section 5.
 */
#ifndef DAEMON_DIALER_H
#define DAEMON_DIALER_H

#include <sys/queue.h>

#include "src/gossip/dial.h"
#include "src/store/store.h"

struct daemon;
struct peer;
struct session_event;

struct dialer {
	struct dial *dial;
	int64_t wake_ms; /* when the core is to be asked again */
	LIST_HEAD(connect_list, connecting) callers; /* of conn.connect */
};

KITH_CHECK enum kith_err dialer_start(struct daemon *d, struct kith_error *e);
void dialer_stop(struct daemon *d);

/* Dials what is due. */
void dialer_due(struct daemon *d, int64_t now_ms);
int64_t dialer_deadline_ms(struct daemon *d);

/* A session with p is open; p's connection is over or never came to be. */
void dialer_opened(struct daemon *d, struct peer *p);
void dialer_lost(struct daemon *d, struct peer *p, const char *why);

/* conn.connect: the call is answered when the session is open, or with why it
 * is not; the address is known from now on. */
void dialer_connect(struct peer *caller, const struct session_event *call);

/* conn.disconnect: false if the address is neither known nor connected. */
bool dialer_disconnect(struct daemon *d, const struct address *a);

/* No more dialling of this key until it is connected explicitly. */
void dialer_pause(struct daemon *d, const uint8_t key[static 32]);

#endif
