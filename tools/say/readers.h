/*
 * Who is to read something private, as a person names them.
 */
#ifndef TOOLS_SAY_READERS_H
#define TOOLS_SAY_READERS_H

#include "feeds/box2.h"
#include "tools/pick/named.h"

enum { READERS_MAX = KITH_BOX2_SLOTS_MAX, READERS_BYTES_MAX = 4096 };

struct readers {
	size_t count;
	struct kith_feed_id feeds[READERS_MAX]; /* in their order, each once */
	struct kith_buf recps; /* the same as JSON, once it is complete */
};

void readers_init(struct readers *r);
void readers_free(struct readers *r);

/* A person by name or id.  An exit code after an error text. */
int readers_add(struct readers *r, struct look *l, const char *whom);
int readers_add_feed(struct readers *r, const struct kith_feed_id *feed);

/* Appends a line for each: what they are called here, and the whole id. */
void readers_list(const struct readers *r, struct look *l,
		  struct kith_buf *out);

#endif
