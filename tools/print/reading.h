/*
 * What every command works with that shows messages to a person: a look at the
 * store by somebody, who is called what, and where it is printed.
 */
#ifndef TOOLS_PRINT_READING_H
#define TOOLS_PRINT_READING_H

#include "src/views/view.h"
#include "src/views/viewer.h"
#include "tools/print/page.h"
#include "tools/print/person.h"

struct record;
struct social_step;

struct reading {
	struct tool *tool;
	struct txn *txn;
	bool owns_txn;
	bool private; /* and what is private is seen */
	struct viewer viewer;
	struct people people;
	struct page page;
};

/* Begins the page, opens the store for reading, and looks as our identity
 * where there is one.  live: as page_begin.  An exit code after an error text;
 * reading_end in any case, which gives it, or code where all went well. */
int reading_begin(struct reading *r, struct tool *t, bool live);
int reading_end(struct reading *r, int code);

/* From the beginning: what is private is shown as well.  Asks for the
 * passphrase of a sealed secret. */
int reading_begin_private(struct reading *r, struct tool *t, bool live);

/* Ends its transaction, before others follow: whoever waits holds none, since
 * the store may be opened anew then. */
void reading_pause(struct reading *r);

/* Goes on after it, in a transaction of its own.  As reading_begin. */
int reading_resume(struct reading *r);

/* Goes on in another transaction, which stays the caller's. */
int reading_move(struct reading *r, struct txn *t);

/* The message at a receive number, if it is still there and its author is not
 * hidden. */
bool reading_message(struct reading *r, uint64_t rx, struct message_row *row,
		     struct view_message *out);
bool reading_message_by_id(struct reading *r, const struct kith_msg_id *id,
			   struct message_row *row, struct view_message *out);

/* Reads a feed as every command does (named.h). */
int reading_select(struct reading *r, const char *text,
		   struct kith_feed_id *out);

/* Reads the N of --limit, or "all", which is UINT64_MAX. */
bool reading_limit(struct tool *t, uint64_t fallback, uint64_t *out);

/* Says, where a person reads, what to do when there is nothing to show. */
void reading_nothing(const struct reading *r, const char *format, ...)
	__attribute__((format(printf, 2, 3)));

/* Appends a way of follows as a sentence: "you follow Bob, who blocks it", where
 * end is what the last one is called. */
void reading_put_way(struct reading *r, const struct social_step *steps,
		     size_t n, const char *end, struct kith_buf *out);

/* Adds member name: what the feed is called, if anything, as it is. */
void reading_record_name(struct reading *r, struct record *to,
			 const struct kith_feed_id *feed);

#endif
