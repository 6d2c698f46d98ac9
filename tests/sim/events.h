/*
 * What will happen in the simulated world, in the order of its time.
 */
#ifndef SIM_EVENTS_H
#define SIM_EVENTS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct world_session;

enum event_kind {
	NOTES,
	MESSAGES,
	CALL,
	ANSWER,
	COMMIT,
	WAKE,
	ROOM,
	NOTICE
};

struct event {
	int64_t at_ms;
	uint64_t order; /* of events at the same time */
	enum event_kind kind;
	int node; /* COMMIT, WAKE */
	uint32_t life;
	struct world_session *session; /* all but WAKE */
	int side;		       /* that it happens to */
	int feed;
	uint64_t from, to;
	bool forged;
	uint8_t *bytes; /* NOTES; owned */
	size_t n;
};

/* All zero is empty. */
struct events {
	struct event *heap;
	size_t count, room;
	uint64_t order;
};

void events_add(struct events *all, struct event event);

/* INT64_MAX: nothing will happen. */
int64_t events_next_ms(const struct events *all);

/* The next one, with its bytes; there must be one. */
struct event events_pop(struct events *all);

void events_clear(struct events *all);

#endif
