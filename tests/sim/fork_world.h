/*
 * The world of fork.c: one key in several places, peers that are copies of its
 * feed, and the user, who keeps the rule that stands there.
 *
 * Everything but the moment of a kill follows from one seed.
 */
#ifndef SIM_FORK_WORLD_H
#define SIM_FORK_WORLD_H

#include <inttypes.h>
#include <stdio.h>

#include "feeds/message.h"
#include "tests/sim/fork_place.h"

enum {
	PEERS = 4,
	PLACES_MAX = 6,
	MESSAGES_MAX = 400,
	PATH_BYTES = 96,
	KEY = 77 /* the seed of the one key */
};

struct message {
	uint64_t sequence;
	struct kith_msg_id id;
	size_t n;
	uint8_t bytes[PLACE_BYTES_MAX];
};

struct peer {
	struct kith_tip tip;
	int messages[MESSAGES_MAX]; /* by sequence: of the world's */
};

struct session {
	bool open;
	uint64_t told;
	int64_t since_ms;
};

struct place {
	struct place_process process;
	char home[PATH_BYTES];
	bool made, restored; /* for its first start */
	bool adopted;	     /* was not ok at some time */
	enum publish_state state; /* as it was when last asked */
	bool forked;
	uint64_t tip;
	int64_t shift_us;
	struct session sessions[PEERS];
};

enum kind {
	COPIED_SECRET, COPIED_HOME, RESTORED_BACKUP, WORDS, TWO_PROCESSES,
	KILLED, CLOCK_SET_BACK, KINDS
};

struct counts {
	uint64_t scenarios, forks, publishes, confirmed, useful, refused, held;
	uint64_t happened[KINDS];
};

struct world {
	uint64_t state; /* of the random numbers */
	int64_t now_ms;
	bool unguarded, loud;
	char folder[PATH_BYTES / 2];
	struct kith_decoder *decoder;
	struct message messages[MESSAGES_MAX]; /* all that ever were */
	int message_count;
	uint64_t newest;
	struct peer peers[PEERS];
	struct place places[PLACES_MAX];
	int place_count, homes;
	char backup[PATH_BYTES]; /* empty: none yet */
	uint64_t confirmed;	 /* publishes of places that had to wait */
	struct counts *counts;
};

/* Where FORK_SEED asks for it. */
#define TELL(w, ...)                                                           \
	do {                                                                   \
		if ((w)->loud)                                                 \
			printf(__VA_ARGS__);                                   \
	} while (0)

/* Gives a world whose one place has published once; world_free kills all places
 * and removes their homes. */
struct world *world_new(uint64_t seed, bool unguarded, struct counts *counts);
void world_free(struct world *w);

/* Below n. */
uint32_t world_random(struct world *w, uint32_t n);

/* The simulation itself is wrong, or a place does what it never should. */
_Noreturn void world_broken(const struct world *w, const char *what);

/* The number of a message in w->messages; a new one may be a fork. */
int world_learn(struct world *w, const uint8_t *bytes, size_t n);

/* p takes a message, if it is next. */
void world_take(struct world *w, struct peer *p, int number);

/* A place that does not run yet; NULL: there are enough. */
struct place *world_new_place(struct world *w);

/* Starts p if need be. */
void world_wake(struct world *w, struct place *p);

/* p's process is gone, and its sessions with it. */
void world_gone(struct place *p);

/* Learns what only p may know. */
void world_read_all(struct world *w, struct place *p);

void world_copy_folder(struct world *w, const char *from, const char *to);

/* A session with peer n begins: it tells how far it has come. */
void world_meet(struct world *w, struct place *p, int n);
void world_part(struct world *w, struct place *p, int n);

/* The peer gives up to most messages that p lacks, and tells of more that it
 * has by now. */
void world_give(struct world *w, struct place *p, int n, uint64_t most);

/* p gives what the peer lacks. */
void world_spread(struct world *w, struct place *p, int n);

/* The user tries to publish, if the rule allows it. */
void world_publish(struct world *w, struct place *p);
bool world_would_publish(const struct world *w, const struct place *p);
void world_content(struct world *w, const struct place *p,
		   struct place_ask *q);

/* The user's word, a true one. */
void world_unfreeze(struct world *w, struct place *p);

#endif
