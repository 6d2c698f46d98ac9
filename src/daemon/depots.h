/*
 * Depots that kithd syncs with by itself: folders that appear, as a stick that
 * is put in does, and URLs, each also every so often while it is there.
 *
 * Sessions (depot/session.h) block, so one at a time runs on a thread of its
 * own.  What it brings goes to ingest in parcels (depots_way.h), by the loop's
 * thread, which owns all else.  Folders are looked for by a worker, so that one
 * that hangs holds nobody up.  What happens is one line in the log and stands in
 * kith.status; the same trouble is told once.
 */
#ifndef DAEMON_DEPOTS_H
#define DAEMON_DEPOTS_H

#include "src/daemon/config.h"
#include "src/daemon/depots_way.h"
#include "src/depot/session.h"
#include "src/log.h"

struct daemon;
struct depot_run;

enum { DEPOTS_LOOK_MS = 3000 };

enum depot_state {
	DEPOT_ABSENT,  /* no such folder, or no depot in it */
	DEPOT_WAITING, /* until it is due */
	DEPOT_SYNCING,
	DEPOT_FAILING  /* the last session did; it is tried again */
};
const char *depot_state_name(enum depot_state state);

/* Where in a folder a depot is: as kith sync makes them. */
enum depot_where { DEPOT_NOWHERE, DEPOT_HERE, DEPOT_INSIDE /* ssbstick */ };

/* One of the configuration. */
struct depot_site {
	const struct config_depot *config;
	enum depot_state state;
	enum depot_where where; /* of a URL: HERE */
	int64_t due_ms;		/* while it is there */
	char said[KITH_ERROR_TEXT_BYTES]; /* the trouble that was told last */
	struct depot_counts in, out; /* since kithd started */
	uint64_t refused;
	struct log_limit findings; /* the session's thread */
	double synced_ms; /* wall clock, of the last that went well; 0: none */
};

/* A worker's turn: where depots are. */
struct depots_look {
	struct daemon *daemon;
	bool running;
	int64_t due_ms; /* INT64_MAX: there are no folders */
	enum depot_where where[CONFIG_DEPOTS_MAX];
};

struct depots {
	bool over; /* the daemon closes: only let go */
	struct depot_site sites[CONFIG_DEPOTS_MAX];
	size_t count;
	struct depots_look look;
	struct depots_way way;
	struct depot_run *run; /* NULL: no session is under way */
};

/* When all is loaded. */
void depots_start(struct daemon *d);

/* kithd stops: the session that is under way gives up soon. */
void depots_stop(struct daemon *d);
bool depots_are_idle(const struct daemon *d);
/* Waits for its thread.  Before ingest and the loop are freed. */
void depots_free(struct daemon *d);

int64_t depots_deadline_ms(const struct daemon *d);
void depots_due(struct daemon *d, int64_t now_ms);

/* After each wake: hands on what the session brought, and ends one that is
 * over. */
void depots_go_on(struct daemon *d);

#endif
