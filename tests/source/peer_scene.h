/*
 * A peer for tests of the source that it is: one that tells the truth in each
 * way that there is, and those that do not.
 *
 * A process of its own, with the real handshake and session.  Failing is a
 * failing test.
 */
#ifndef SOURCE_PEER_SCENE_H
#define SOURCE_PEER_SCENE_H

#include "src/source/source.h"
#include "tests/client/server.h"
#include "tests/support/author.h"

enum { MESSAGES = 1000, OTHERS = 5, SOME = 5, AT_ONCE = 8 };

extern const uint8_t app_key[32];

/* How the peer tells its clock. */
enum telling { BY_CLOCK, BY_UPTO, BY_NOTES, BY_NOTHING, NEVER };

/* What it answers to createHistoryStream. */
enum mood {
	HONEST,
	OF_ANOTHER_FEED,
	ONE_TOO_EARLY,
	ALWAYS_LATER, /* whatever it is asked for */
	BY_TIME,      /* of claimed times that are in no order */
	FORGED,
	JUNK,
	TOO_LONG, /* one item, and no end */
	BARE, /* without {key,value} */
	SILENT,
	MUTE_OF_ONE, /* of the other feed not a word */
	STALLS, /* after SOME */
	SHORT,	/* ends after SOME */
	GONE,
	REFUSES,
	TOGETHER /* answers none before it was asked for as many */
};

/* What the test sees of the process that serves. */
struct counts {
	unsigned histories;
	unsigned open; /* streams at the last of them, with it */
};

struct scene {
	struct author author, other;
	struct kith_signer *self, *peer;
	enum telling telling;
	enum mood mood;
	struct counts *counts;
	struct server server;
	void *source;
};

/* Starts the peer, and connects to it. */
struct scene *scene_open(enum telling telling, enum mood mood);
void scene_close(struct scene *c);

/* The message of the author at a place; e is emptied first. */
enum kith_err scene_get(struct scene *c, uint64_t sequence,
			struct source_message *m, struct kith_error *e);

/* The source gives it. */
void scene_gives(struct scene *c, uint64_t sequence);

#endif
