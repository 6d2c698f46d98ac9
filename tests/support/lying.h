/*
 * A web server on loopback that answers what it is told to, however wrong: one
 * answer a connection, in the order given, the last for all that follow.
 *
 * A thread of its own; one caller.
 */
#ifndef TESTS_SUPPORT_LYING_H
#define TESTS_SUPPORT_LYING_H

#include "feeds/bytes.h"

struct lie {
	const char *head; /* lines ended by \r\n, but the empty last one; NULL:
			   * it hangs up */
	const char *body; /* NULL: none */
	size_t bytes;	  /* of body; 0: up to its NUL */
	uint64_t repeat;  /* the body comes so many times; 0: once */
	bool stalls;	  /* then nothing more, and no end */
};

struct lying;

/* Borrows lies, which live longer.  Gives; lying_stop. */
struct lying *lying_start(const struct lie *lies, size_t count);
#define LYING(...)                                                             \
	lying_start((const struct lie[]){ __VA_ARGS__ },                       \
		    sizeof((const struct lie[]){ __VA_ARGS__ }) /              \
			    sizeof(struct lie))
void lying_stop(struct lying *l);

unsigned lying_port(const struct lying *l);
/* How many requests came, and the n-th with its body; "": there is none. */
unsigned lying_count(struct lying *l);
const char *lying_request(struct lying *l, unsigned n);

#endif
