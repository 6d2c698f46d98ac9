/*
 * Records: one JSON object on one line of stdout, flushed, for scripts.
 *
 * Member names are fixed for ever: feed, seq, id, prev, ts, rts, rx, type,
 * format, bytes, units, boxed, state, problem, at, source, peer, and what the
 * man page adds.  Bytes unsafe on a terminal leave as JSON escapes.
 */
#ifndef TOOLS_PRINT_RECORD_H
#define TOOLS_PRINT_RECORD_H

#include <stdio.h>

#include "feeds/bytes.h"
#include "feeds/id.h"

/* Embedded; record_begin starts each line, record_end prints it. */
struct record {
	struct kith_buf line;
	/* May be set once it has begun: */
	bool uris; /* ids as SSB URIs */
	bool null; /* ends with a NUL byte, not with a line end */
};

void record_begin(struct record *r);
void record_text(struct record *r, const char *name, const char *text);
/* The same of text of anybody, which may hold a NUL: names and the like. */
void record_string(struct record *r, const char *name, struct kith_slice text);
void record_uint(struct record *r, const char *name, uint64_t n);
void record_int(struct record *r, const char *name, int64_t n);
void record_number(struct record *r, const char *name, double n);
void record_bool(struct record *r, const char *name, bool yes);
void record_feed(struct record *r, const char *name,
		 const struct kith_feed_id *id);
void record_msg(struct record *r, const char *name,
		const struct kith_msg_id *id);
/* value is JSON already, and may be of several lines; empty: null. */
void record_json(struct record *r, const char *name, struct kith_slice value);
void record_end(struct record *r);
/* The same, for what is told beside the results: to is stderr. */
void record_end_to(struct record *r, FILE *to);

#endif
