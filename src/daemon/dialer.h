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

enum { DIALER_FAULTS_MAX = 64, DIALER_FAULT_BYTES = 120 };

/* Why the last connection with a key ended or never came to be. */
struct dialer_fault {
	uint8_t key[KITH_PUBLIC_BYTES];
	double at_ms; /* wall clock; 0: none */
	char why[DIALER_FAULT_BYTES];
};

struct dialer {
	struct dial *dial;
	int64_t wake_ms; /* when the core is to be asked again */
	/* A ring: of many peers the latest. */
	struct dialer_fault faults[DIALER_FAULTS_MAX];
	size_t next_fault;
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

/* NULL: none is remembered. */
const struct dialer_fault *dialer_fault(const struct daemon *d,
					const uint8_t key[static 32]);

/* conn.connect, with an address or the id of a peer of whom one is known: the
 * call is answered when the session is open, or with why it is not; the address
 * is known from now on. */
void dialer_connect(struct peer *caller, const struct session_event *call);

/* conn.disconnect: false if the address is neither known nor connected. */
bool dialer_disconnect(struct daemon *d, const struct address *a);

/* We said something new of this key: whom we block is never dialled, and whom
 * we block no more, at once. */
void dialer_hurry(struct daemon *d, const uint8_t key[static 32]);

#endif
