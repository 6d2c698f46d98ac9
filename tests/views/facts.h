/*
 * A store of random messages, and what is in them as plain facts: for the slow
 * answers that queries are compared with.
 *
 * The facts are kept as messages are made; nothing is read back.  Messages have
 * made-up ids and no signatures.
 */
#ifndef TESTS_VIEWS_FACTS_H
#define TESTS_VIEWS_FACTS_H

#include "feeds/ref.h"
#include "tests/support/home.h"

enum { FACTS_AUTHORS = 6, FACTS_MAX = 480, FACTS_LINKS = 12, FACTS_TARGETS = 24,
       FACTS_TYPES = 6, FACTS_CHANNELS = 3 };

extern const char *const fact_types[FACTS_TYPES];    /* as JSON has them */
extern const char *const fact_channels[FACTS_CHANNELS];

/* One message. */
struct fact {
	unsigned author, type;
	bool boxed, gone;
	bool in[FACTS_CHANNELS];
	struct {
		const char *member; /* of the content; "" any other */
		unsigned target;
	} links[FACTS_LINKS];
	size_t link_count;
	double claimed, received_ms;
	uint64_t rx, sequence;
	struct kith_msg_id id;
	int edge; /* 0: no contact; 1 follow, -1 block, -2 neither */
	unsigned to;
};

struct facts {
	struct test_home home;
	uint64_t state; /* of the generator */
	struct kith_feed_id authors[FACTS_AUTHORS];
	struct kith_ref targets[FACTS_TARGETS]; /* the authors first */
	struct fact all[FACTS_MAX];
	size_t n;
	uint64_t sequences[FACTS_AUTHORS];
	struct kith_buf content;
};

/* An empty store.  Failing is a failing test; facts_close. */
void facts_open(struct facts *f, uint64_t seed);
void facts_close(struct facts *f);

/* From 0 to n - 1. */
uint32_t facts_pick(struct facts *f, uint32_t n);

/* Commits n random messages; contacts: some of them are.  Returns the first. */
struct fact *facts_add(struct facts *f, size_t n, bool contacts);
/* Takes a whole feed out of log and views. */
void facts_forget(struct facts *f, unsigned author);
/* Brings the views up to the log. */
void facts_catch_up(struct facts *f);

/* What one says of another now; 0: nothing. */
int facts_edge(const struct facts *f, unsigned from, unsigned to);
/* How far it is; below zero: out of reach. */
int facts_hops(const struct facts *f, unsigned from, unsigned to);

/* Appends the id of a target as JSON. */
void facts_put_target(const struct facts *f, unsigned target,
		      struct kith_buf *out);

double fact_time(const struct fact *m); /* rts */

#endif
