/*
 * What happens between two hosts and a stick, again and again the same: the
 * ground of crash.c and damage.c.
 *
 * Failing is a failing test.
 */
#ifndef DEPOT_SCRIPT_H
#define DEPOT_SCRIPT_H

#include "tests/support/host.h"

enum { SCRIPT_HOSTS = 2, SCRIPT_AUTHORS = 4, SCRIPT_SYNCS = 6 };

enum script_kind {
	SCRIPT_PLAIN,
	SCRIPT_ROLLING, /* files of messages are short and closed soon */
	SCRIPT_SEALED,	/* for the two hosts */
	SCRIPT_KINDS
};

struct script {
	/* Made once: the two hosts' own feeds, and two that they follow. */
	struct author authors[SCRIPT_AUTHORS];
	struct host hosts[SCRIPT_HOSTS];
	struct medium *stick;
	struct kith_feed_id recipients[SCRIPT_HOSTS];
	struct depot_seal_for seal;
	size_t at; /* the next step */
	bool loud; /* tells what is written */
};

/* The authors, once. */
void script_init(struct script *s);
void script_clear(struct script *s);

/* New hosts, and an empty stick. */
void script_begin(struct script *s, enum script_kind kind);
void script_end(struct script *s);

/* Goes on before sync n, from 0 to SCRIPT_SYNCS; that is the end. */
void script_to(struct script *s, size_t n);
/* The same without the syncs: hosts only get their messages. */
void script_give(struct script *s, size_t n);
/* Whose turn it is there. */
struct host *script_next(struct script *s);

/* Both at the stick, in turns, until they know the same and say nothing new.
 * False: why, of at most n bytes. */
bool script_settle(struct script *s, char *why, size_t n);
/* Both have all messages that were given to either so far, and the blobs that
 * these refer to. */
bool script_whole(struct script *s, char *why, size_t n);

/* Messages in segments, and those of them that are there before; of a sealed
 * stick none can be seen. */
struct script_lines {
	size_t messages, twice;
};
struct script_lines script_count(const struct medium *m);

#endif
