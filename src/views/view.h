/*
 * Views: what falls out of the log.  Each is one row of a const table.
 *
 * A view either has a table of its own, and folds each message in the
 * transaction that appends it; or it says what rows a message gives (rows.h),
 * and follows the log behind it (follow.h): then its rows go into the tables
 * of all such views in batches, sorted.  What is removed from the log goes out
 * of every view in the same transaction.  A view of another version is made
 * anew.  Source: architecture section 6.
 */
#ifndef VIEWS_VIEW_H
#define VIEWS_VIEW_H

#include "src/store/messages.h"
#include "src/views/rows.h"

enum view_event { VIEW_ADDED, VIEW_OPENED, VIEW_GONE };

/* What a fold is told of a message. */
struct view_message {
	const struct message_row *row;
	struct kith_feed_id author;
	double claimed;
	struct kith_slice content; /* span of row->canon */
	/* Of what was opened for a viewer (private.h): content is what was in
	 * the box, and this the box, quoted; else empty. */
	struct kith_slice boxed;
};

/* Which message a row of a view comes from, as far as the row tells: what is
 * not said is 0. */
struct view_origin {
	struct kith_feed_id feed;
	uint32_t feed_number;
	uint64_t sequence, rx;
};

struct view {
	const char *name;
	uint32_t version; /* of its rows; another one means rebuild */
	/* Says what the message adds to postings and opinions: to the terms of
	 * kinds from first to last, and to opinions where it holds any.
	 * Pure. */
	void (*rows)(struct rows *r, const struct view_message *m);
	enum term_kind first_term, last_term; /* 0: none */
	bool opinions;
	/* Or, in place of rows, where the view has a table of its own: */
	void (*fold)(struct txn *t, const struct view_message *m,
		     enum view_event event);
	void (*clear)(struct txn *t); /* NULL: its follower does */
	bool behind; /* it has a follower of its own; then fold is told only
		      * what goes */
	enum store_table table;
	bool (*origin)(struct kith_slice key, struct kith_slice value,
		       struct view_origin *out);
};

extern const struct view view_types, view_links, view_says, view_private;

/* NULL-terminated. */
extern const struct view *const views[];

/* The tables that views have, TABLE_COUNT at the end. */
extern const enum store_table views_tables[];

/* The view that a row of one of them belongs to; NULL: it is no row of any. */
const struct view *views_origin(enum store_table table, struct kith_slice key,
				struct kith_slice value,
				struct view_origin *out);

/* NULL: there is none of that name. */
const struct view *view_named(struct kith_slice name);

/* Folds one message into every view that does not follow the log, and takes
 * one that is GONE out of every view; errors stay in t.  Whoever appends or
 * removes a message does so in the same transaction. */
void views_fold(struct txn *t, const struct view_message *m,
		enum view_event event);

/* What a fold is told of a stored row; borrows from row. */
void views_message(const struct message_row *row,
		   const struct feed_row *feed, struct view_message *out);

/* The same, whoever wrote it: a classic message says so itself.  False: its
 * feed is not known. */
bool views_read(struct txn *t, const struct message_row *row,
		struct view_message *out);

/* The type of its content, quoted; empty: none, as where it is boxed. */
struct kith_slice view_type(const struct view_message *m);

/* When a message was written, ms: what its author claims, or when it came if
 * that was earlier.  So no clock, ours or theirs, makes it look newer than it
 * can be. */
double view_time_ms(const struct view_message *m);

/* Makes anew what was folded by another version and does not follow the log:
 * before the first append.  Blocking.  As store_write and txn_commit; e says
 * which view. */
KITH_CHECK enum kith_err views_start(struct store *s, struct kith_error *e);

/* The same, and brings all that follow the log up to it, in transactions of
 * their own.  Blocking. */
KITH_CHECK enum kith_err views_catch_up(struct store *s, struct kith_error *e);

#endif
