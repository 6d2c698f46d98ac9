/*
 * Whom to dial next, and when: back-off with jitter over known addresses.
 *
 * Pure; rows of addresses in, decisions out.  Randomness comes in as an
 * argument.  Source: protocol/07 section 3 (caps, back-off), architecture s. 5.
 */
#ifndef GOSSIP_DIAL_H
#define GOSSIP_DIAL_H

#include "feeds/bytes.h"
#include "src/wire/address.h"

enum {
	DIAL_FIRST_MS = 1000,	   /* after the first failure */
	DIAL_MAX_MS = 3600000,	   /* longest pause */
	DIAL_LASTED_MS = 60000,	   /* so long, and failures start again */
	DIAL_CONNECTIONS_MAX = 10, /* dialled by ourselves at once */
	DIAL_KNOWN_MAX = 1000	   /* addresses kept */
};

enum dial_state {
	DIAL_WAITING,
	DIAL_TRYING,
	DIAL_CONNECTED,
	DIAL_PAUSED /* after an explicit disconnect, until dial_add again */
};

struct dial_entry {
	struct address address;
	enum dial_state state;
	uint32_t failures; /* in a row; short connections count */
	int64_t next_ms;   /* when it may be tried */
};

struct dial;
struct dial *dial_new(void);
void dial_free(struct dial *d);

/* Known from now on, one entry a key; a known one takes this address, is due
 * at once and not paused any more.  EFULL over DIAL_KNOWN_MAX; EFORMAT
 * without a key. */
KITH_CHECK enum kith_err dial_add(struct dial *d, const struct address *a,
				  int64_t now_ms);

/* An explicit disconnect: not dialled until dial_add.  The caller ends what
 * is open, and says so with dial_failed. */
void dial_pause(struct dial *d, const uint8_t key[static 32]);

/* Due at once, whatever failed before, unless it is paused or under way. */
void dial_hurry(struct dial *d, const uint8_t key[static 32], int64_t now_ms);

/* The next address that is due, the longest waiting first, now TRYING; valid
 * until the next call.  NULL: none, and *wake_ms says when to ask again
 * (INT64_MAX: after another call, such as when DIAL_CONNECTIONS_MAX of ours
 * are open). */
const struct dial_entry *dial_next(struct dial *d, int64_t now_ms,
				   int64_t *wake_ms);

/* The address of this key, because somebody asked for it: TRYING now, whatever
 * else is open; valid until the next call.  NULL: not known, paused, or under
 * way already. */
const struct dial_entry *dial_asked(struct dial *d,
				    const uint8_t key[static 32],
				    int64_t now_ms);

/* What became of it: connected; later, or at once, failed or ended.  random
 * spreads the back-off.  Connections that the peer opened are told too, so
 * that it is not dialled meanwhile; keys that are not known are ignored. */
void dial_connected(struct dial *d, const uint8_t key[static 32]);
void dial_failed(struct dial *d, const uint8_t key[static 32],
		 int64_t now_ms, uint32_t random);

/* Walks all entries: at = 0 first; NULL at the end. */
const struct dial_entry *dial_entry(const struct dial *d, size_t *at);

#endif
