/*
 * A place of the simulation: one home with the real store and the real way in,
 * in a process of its own, so that it can be killed at any moment.
 *
 * It does what src/daemon/own_feed.c does with what peers say.  The process
 * that asks is the world (fork.c); it opens no store itself.
 */
#ifndef SIM_FORK_PLACE_H
#define SIM_FORK_PLACE_H

#include <sys/types.h>

#include "feeds/message.h"
#include "src/store/local.h"

enum {
	PLACE_PEERS = 8, /* sessions at once */
	PLACE_BYTES_MAX = 1024, /* of one message of the simulation */
	PLACE_TEXT_BYTES = KITH_ERROR_TEXT_BYTES
};

enum place_op {
	PLACE_JOIN,	/* a session with peer begins */
	PLACE_LEAVE,
	PLACE_TOLD,	/* peer has our feed up to sequence */
	PLACE_GIVE,	/* peer gives the message in bytes */
	PLACE_PUBLISH,	/* bytes: the content; answered by the message */
	PLACE_UNFREEZE, /* the user's word */
	PLACE_READ,	/* answered by message sequence of our feed */
	PLACE_LOOK,
	PLACE_STOP
};

struct place_ask {
	enum place_op op;
	int peer;
	uint64_t sequence;
	int64_t now_ms;	  /* monotonic, of the world */
	int64_t shift_us; /* how wrong the clock on the wall is */
	size_t n;
	uint8_t bytes[PLACE_BYTES_MAX];
};

struct place_answer {
	enum kith_err code;
	enum publish_state state;
	bool forked;
	uint64_t tip, least;
	char text[PLACE_TEXT_BYTES]; /* where code is not OK */
	size_t n;
	uint8_t bytes[PLACE_BYTES_MAX];
};

/* How a place starts. */
struct place_start {
	const char *home;
	uint8_t seed; /* of the key, all bytes */
	bool made;	/* the key was made here: as kith init leaves it */
	bool restored;	/* the home was restored: as kith restore leaves it */
	bool unguarded; /* publishes in every state */
};

struct place_process {
	pid_t pid; /* 0: it does not run */
	int link;
};

/* Starts a process; its first answer says whether it could.  False: it could
 * not, and answer says why. */
bool place_start(struct place_process *p, const struct place_start *how,
		 struct place_answer *answer);

/* Asks and waits for the answer.  False: it died. */
bool place_ask(struct place_process *p, const struct place_ask *ask,
	       struct place_answer *answer);

/* Asks, and kills it a moment later; nobody hears the answer. */
void place_ask_and_kill(struct place_process *p, const struct place_ask *ask,
			unsigned delay_us);

void place_kill(struct place_process *p);
void place_stop(struct place_process *p);

#endif
