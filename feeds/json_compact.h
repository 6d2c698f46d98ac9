/*
 * json_compact with scratch memory that the caller keeps, so that a warm
 * caller allocates nothing.
 */
#ifndef FEEDS_JSON_COMPACT_H
#define FEEDS_JSON_COMPACT_H

#include "feeds/bytes.h"

struct json_member;

/* All zero is empty. */
struct json_scratch {
	struct json_member *members; /* of all objects that are open */
	size_t n, cap;
	struct kith_buf text;
};

/* As json_compact. */
void json_compact_with(struct json_scratch *s, struct kith_slice value,
		       struct kith_buf *out);

void json_scratch_clear(struct json_scratch *s);

#endif
