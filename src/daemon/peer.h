/*
 * A peer: one connection, from its first byte to its last.
 *
 * Bytes of the connection go through the handshake into the session, its
 * events to the methods; what methods send comes out through pace.h, as fast
 * as the other side takes it.  The loop's thread only.
 * Source: protocol/02 sections 5 and 6; protocol/03 section 7; protocol/04.
 */
#ifndef DAEMON_PEER_H
#define DAEMON_PEER_H

#include "feeds/id.h"
#include "src/daemon/rate.h"
#include "src/daemon/request.h"
#include "src/gossip/own.h"
#include "src/net/net.h"
#include "src/wire/address.h"
#include "src/wire/session.h"
#include "src/wire/shs.h"

struct daemon;
struct blob_talk;
struct ebt_stream;
struct fallback;
struct peer_capture;
struct wants_peer;

enum peer_state {
	PEER_DIALLING,
	PEER_SHAKING, /* hands */
	PEER_OPEN,
	PEER_PARTING, /* our goodbye is said, theirs awaited */
	PEER_CLOSED   /* only the closed event is to come */
};

/* Its blobs: blobs_talk.h, methods_blobs_get.c. */
struct blob_peer {
	struct wants_peer *wants; /* NULL: a local program, or it left */
	struct blob_talk *told;	  /* its createWants; NULL: not called */
	struct blob_talk *heard;  /* ours; NULL: over */
	size_t bytes;	/* of blobs that it sent wait to be written, */
	size_t asked;	/* of ids that workers look for, */
	bool full;	/* and it asks for too many: for pace.h */
	bool legacy;	/* lacks createWants; heard asks blobs.has */
	unsigned gives; /* gets that hold memory, */
	struct request_queue waiting; /* and those that wait for it */
};

struct peer {
	struct daemon *daemon;
	LIST_ENTRY(peer) all;
	enum peer_state state;
	bool dialled; /* by us */
	bool local;   /* has all rights */
	bool known;   /* id is set: dialled, or authenticated */
	struct kith_feed_id id;
	bool numbered;	 /* it was tried, once */
	uint32_t number; /* in the log, as a source; 0: none */
	struct conn *conn;
	struct shs *shs;	 /* while shaking hands */
	struct session *session; /* when open and later */
	struct peer_capture *capture; /* NULL: not recorded */
	struct request_list requests;
	struct request_queue ready; /* requests that have something to send */
	int64_t requests_due_ms;    /* none of them is due before */
	bool paused;		    /* not read, as pace.h says */
	bool choked;		    /* not read, because it takes nothing; */
	struct kith_buf unheard;    /* what had come of it by then */
	int64_t since_ms;	    /* in this state */
	int64_t active_ms;	    /* the last byte came */
	uint64_t received, sent;    /* bytes of the connection */

	struct blob_peer blobs;
	struct own_peer own;	   /* what it knows of our feed */
	struct ebt_stream *ebt;	   /* NULL: no session of it */
	struct echo *echo;	   /* its call under way; may outlive it */
	struct fallback *fallback; /* NULL: not needed, or not yet */
	struct rate ebt_sessions;  /* that it called */
	int64_t ebt_due_ms;	   /* without EBT until then: fall back */
	bool ebt_displaced;	   /* or then call it once more */
};

/* A connection that came in over TCP or the unix socket; takes c. */
void peer_accept(struct daemon *d, struct conn *c, bool unix_socket);

/* Dials; the dialer is told what becomes of it.  ENOMEM. */
KITH_CHECK enum kith_err peer_dial(struct daemon *d, const struct address *a);

/* Says goodbye, waits a moment for theirs, closes.  why is for the log. */
void peer_part(struct peer *p, const char *why);

/* Closes at once. */
void peer_drop(struct peer *p, const char *why);

/* Hears what waited while it did not take the answers, if it does now. */
void peer_hear(struct peer *p);

/* Hands what the session has to say to the connection. */
void peer_flush(struct peer *p);

/* For status: "dialling", "handshake", "connected", "parting", "closed". */
const char *peer_state_name(const struct peer *p);

/* "@id host:port", for the log. */
enum { PEER_TEXT_BYTES = 192 };
void peer_print(const struct peer *p, char out[static PEER_TEXT_BYTES]);

#endif
