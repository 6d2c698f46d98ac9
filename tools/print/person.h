/*
 * Feeds and messages as a person reads and types them.
 *
 * A feed is called by the name that the viewer has for it; where that name
 * would mean another, or several (named.h), or there is none, the start of its
 * id stands there too, which pastes back.  Names prove nothing.
 * Source: protocol/13 section 5.
 */
#ifndef TOOLS_PRINT_PERSON_H
#define TOOLS_PRINT_PERSON_H

#include "src/views/names.h"
#include "tools/text/wrap.h"

struct social;

enum { PERSON_BYTES = NAME_BYTES_MAX * 2, PEOPLE_KEPT = 64 };

/* Names looked up already; belongs to a transaction. */
struct people {
	struct txn *txn;
	const struct viewer *viewer;
	struct social *known; /* owned; opened where a name has several */
	struct {
		struct kith_feed_id feed; /* format 0: none */
		bool named, unique;
		char text[PERSON_BYTES];
	} kept[PEOPLE_KEPT];
};

/* Keeps a view of v. */
void people_start(struct people *p, struct txn *t, const struct viewer *v);
/* Before the transaction ends; all zero is ended. */
void people_end(struct people *p);

/* Appends what a feed is called, marked: "Ada", "Ada @QO9eIjWS", "@QO9eIjWS";
 * "you" for the viewer. */
void person_put(struct people *p, const struct kith_feed_id *feed,
		struct kith_buf *out);

/* The same within a text: "@Ada", and no "you".  of: struct people. */
void person_put_mention(void *of, const struct kith_feed_id *feed,
			struct kith_buf *out);

/* The bare name, made safe; empty: none. */
const char *person_name(struct people *p, const struct kith_feed_id *feed);

/* Appends "%PVgo8tRC", marked: eight characters, or as many as it takes to mean
 * one message here. */
void person_put_msg(struct txn *t, const struct kith_msg_id *id,
		    struct kith_buf *out);
/* The same without a mark, and of a feed. */
void person_put_short(struct kith_buf *out, const struct kith_feed_id *feed);

#endif
