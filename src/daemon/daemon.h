/*
 * The daemon: what hangs together, from the first file opened to the last
 * goodbye.  Made once in main; every other file here gets a pointer to it.
 *
 * All of it belongs to the loop's thread.  Whatever an event changes, the
 * handler of that event ends with daemon_settle.
 */
#ifndef DAEMON_DAEMON_H
#define DAEMON_DAEMON_H

#include "src/daemon/blobs.h"
#include "src/daemon/capture.h"
#include "src/daemon/chore.h"
#include "src/daemon/config.h"
#include "src/daemon/depots.h"
#include "src/daemon/dialer.h"
#include "src/daemon/facts.h"
#include "src/daemon/intake.h"
#include "src/daemon/load.h"
#include "src/daemon/opened.h"
#include "src/daemon/opening.h"
#include "src/daemon/own_feed.h"
#include "src/daemon/peer.h"
#include "src/daemon/query_source.h"
#include "src/daemon/refusals.h"
#include "src/daemon/replicate.h"
#include "src/daemon/searching.h"
#include "src/daemon/space.h"
#include "src/daemon/streams.h"
#include "src/ingest/ingest.h"
#include "src/log.h"
#include "src/store/home.h"
#include "src/store/store.h"
#include "src/web/web.h"

struct daemon {
	struct config config;
	struct home *home;
	struct kith_signer *signer;
	struct kith_feed_id self;
	struct store *store;

	struct net *net;
	struct net_timer *timer; /* the earliest deadline of everything */
	struct net_listener *tcp, *socket;
	struct web *web; /* NULL: none */

	struct load load; /* of what follows, from the store */
	struct follow *follow; /* the writer's thread, while ingest runs */
	struct keys *keys; /* open what is private, for local callers only */
	struct opener opener; /* the same for a box that comes alone */
	struct opening opening;
	struct ingest *ingest;
	struct intake intake;	    /* who brought what to ingest */
	struct refusals refusals;   /* what came of none of it */
	struct replicate replicate; /* what we want and whom to tell */
	struct own_feed own;	    /* may we write behind it? */
	struct dialer dialer;
	struct facts facts; /* rows on their way to the store */
	struct streams streams;
	LIST_HEAD(peer_list, peer) peers;
	LIST_HEAD(watcher_list, watcher) watchers; /* of conn.peers */
	LIST_HEAD(refusal_watch_list, refusal_watch) refusal_watches;
	LIST_HEAD(friend_watch_list, friend_watch) friend_watches;
	struct chore_list chores; /* of local programs */
	struct query_source_list query_sources;
	struct space space;
	struct searching searching;
	struct sharing sharing; /* of blobs */
	struct depots depots;
	struct capture capture;
	bool serve_on; /* peers whose turn was over have more to be sent */
	bool stopping;
	int64_t stop_ms; /* then it stops whoever has not said goodbye */
	int64_t tidy_ms; /* when dead readers of the store are looked for, and
			  * what waits for a reader is tried again */

	struct kith_buf out;  /* sealed bytes on their way to a connection */
	struct kith_buf item; /* one item in the making */
	struct {
		struct log_limit junk, comings, deaf, refusals, store;
	} limits;
};

/* Opens home, store and sockets.  config is copied.  Gives; free with
 * daemon_close, also after an error. */
KITH_CHECK enum kith_err daemon_open(const struct config *config,
				     const char *home, struct daemon **out,
				     struct kith_error *e);

/* Takes up the work where it was left, until SIGINT or SIGTERM; then says
 * goodbye to all peers.  An error is one of load.h. */
KITH_CHECK enum kith_err daemon_run(struct daemon *d, struct kith_error *e);

/* Commits what was taken in, saves what peers told us, frees. */
void daemon_close(struct daemon *d);

/* After every event: hands in what came, sends what can be sent, and sets the
 * timer for the next deadline. */
void daemon_settle(struct daemon *d);

/* A reader of the store; false: there is none now, it is logged, and the timer
 * settles again soon. */
KITH_CHECK bool daemon_read(struct daemon *d, struct txn **t);

/* Monotonic milliseconds; wall clock, milliseconds since 1970. */
int64_t daemon_now_ms(const struct daemon *d);
double daemon_wall_ms(void);

#endif
