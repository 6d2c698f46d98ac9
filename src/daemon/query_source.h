/*
 * Query sources: streams of what a query finds, old and live, to a program of
 * ours that takes them as fast as it likes.
 *
 * Begins when the views have caught up with what was committed when it was
 * asked; words are looked up by a worker.  The loop's thread but for that.
 * Source: protocol/14 sections 3 and 4.
 */
#ifndef DAEMON_QUERY_SOURCE_H
#define DAEMON_QUERY_SOURCE_H

#include "src/daemon/caught_up.h"
#include "src/daemon/peer.h"
#include "src/views/search_query.h"

struct query_source;
LIST_HEAD(query_source_list, query_source);

/* What a kind of source does; its struct embeds struct query_source first. */
struct query_source_kind {
	/* Sends what it makes of a message, by query_source_send. */
	void (*message)(struct query_source *s, const struct view_message *m);
	/* No more old ones come: sends what was kept for the end.  May be
	 * NULL. */
	void (*finish)(struct query_source *s);
	/* Frees what hangs on s, which is freed behind it; may be NULL. */
	void (*clear)(struct query_source *s);
};

struct query_source {
	struct request request;
	struct caught_up caught_up;
	const struct query_source_kind *kind;
	struct daemon *daemon;
	struct query *query;
	struct viewer viewer;
	struct search_asker search;
	struct query_helpers helpers;
	struct query_run *run;	 /* NULL: not begun */
	struct txn *txn;	 /* while its kind is called */
	int64_t limit;		 /* items left; below zero: any number */
	bool quiet;		 /* no {"sync":true} */
	bool private;		 /* finds and shows what we can open, too */
	bool waiting;		 /* for the views, or the worker */
	bool orphaned;		 /* nobody is to be told */
	enum kith_err err;	 /* of its begin; error may say more */
	struct kith_error error; /* then it ends */
	LIST_ENTRY(query_source) all;
};

/* Takes s, of malloc, all zero but what its kind and caller set.  Parses text,
 * and answers with an error, or with a stream. */
void query_source_start(struct query_source *s,
			const struct query_source_kind *kind,
			struct kith_slice text, struct peer *p,
			const struct session_event *call);

/* Appends the value of a message as its reader is to see it, and the same as
 * message_item. */
void query_source_put_value(struct query_source *s,
			    const struct view_message *m,
			    struct kith_buf *out);
void query_source_put_item(struct query_source *s,
			   const struct view_message *m,
			   struct kith_buf *out);

/* Sends an item, a string as such; beyond the limit nothing is sent. */
void query_source_send(struct query_source *s, struct kith_slice json);

/* There is a new message. */
void query_sources_wake(struct daemon *d);
/* More was opened: those wake that show what is private. */
void query_sources_wake_private(struct daemon *d);

#endif
