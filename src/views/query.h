/*
 * Queries: one form, read from JSON, answered from the views.
 *
 *	{"filter": FILTER, "order": "rts desc", "page": {"after": CURSOR,
 *	 "limit": N}, "emit": EMIT, "live": LIVE, "asOf": RX, "scan": false}
 *
 *	FILTER  an object whose members all hold, each with a value or a list
 *		of which one holds: author, type, channel; root, fork, branch,
 *		vote, about, contact, mentions, link; private: true|false;
 *		hops: {"lte": N}; text: "words"; rx, seq, ts, rts: a number or
 *		{"gt","gte","lt","lte"}; and: [..], or: [..], not: FILTER.
 *		They may stand beside "filter" too.
 *	order	rx (receipt), ts (claimed), rts (the earlier of claimed and
 *		received), seq (one author's own); desc or asc
 *	EMIT	"kv", "id", "value", "content", "count", or
 *		{"group-count": "author" | "type" | "channel"}
 *	LIVE	"old", "new" or "both"
 *
 * A query that would have to read every message is an error that says what to
 * add, unless it says scan.  Whoever is blocked by the viewer is in no answer.
 * Nothing stays open between two turns but a place in the order, so a long
 * answer renews its transaction as often as it likes.
 * Source: protocol/14 section 3.6; the views must be up to the log.
 */
#ifndef VIEWS_QUERY_H
#define VIEWS_QUERY_H

#include "src/views/view.h"
#include "src/views/viewer.h"

enum {
	QUERY_TEXT_BYTES_MAX = 64 << 10, /* protocol/08, bad input */
	QUERY_DEPTH_MAX = 32,		 /* of and, or, not; as above */
	QUERY_TERMS_MAX = 256,		 /* values in a filter */
	QUERY_LISTS_MAX = 1024,		 /* read side by side */
	QUERY_SORT_MAX = 1 << 20,	 /* messages sorted in memory */
	QUERY_GROUPS_MAX = 10000,
	QUERY_HOPS_MAX = 100,
	QUERY_CURSOR_BYTES = 64,
	QUERY_TURN_ROWS = 2000 /* looked at before QUERY_AGAIN */
};

struct query;

/* Reads and checks a query.  EFORMAT, ETOOBIG over a limit above, ENOMEM: e
 * names the operator, and where in text it stands.  Gives; query_free. */
KITH_CHECK enum kith_err query_parse(struct kith_slice text,
				     struct query **out, struct kith_error *e);
void query_free(struct query *q);

/* What a person or a program adds to a query beside its text.  EFORMAT: a
 * stale cursor. */
void query_set_limit(struct query *q, uint64_t limit);
uint64_t query_limit(const struct query *q); /* UINT64_MAX: none */
void query_set_scan(struct query *q);
KITH_CHECK enum kith_err query_set_after(struct query *q,
					 struct kith_slice cursor,
					 struct kith_error *e);

/* What was asked for: that it goes on with what comes, and which way round. */
bool query_is_live(const struct query *q);
bool query_is_descending(const struct query *q);
/* It emits whole messages, in whatever form the caller shows them. */
bool query_is_whole(const struct query *q);
/* It counts, and has no messages in its answer. */
bool query_counts(const struct query *q);
/* It has the operator text, for which helpers are needed. */
bool query_has_words(const struct query *q);

/* Asked of a part that queries do not know themselves; each member may be
 * NULL: then what needs it is refused. */
struct query_helpers {
	void *arg;
	/* The messages that have the words, in the order of postings, at most
	 * max: more is ETOOBIG.  Gives *out, of malloc. */
	enum kith_err (*find)(void *arg, struct txn *t,
			      struct kith_slice words,
			      size_t max, struct posting **out, size_t *count,
			      struct kith_error *e);
	/* Whether this message has them. */
	bool (*matches)(void *arg, const struct view_message *m,
			struct kith_slice words);
};

/* One answer in the making. */
struct query_run;

enum query_step {
	QUERY_MESSAGE, /* m is the next one */
	QUERY_GROUP,   /* a count: query_group tells which */
	QUERY_SYNC,    /* what was there is through, what comes follows */
	QUERY_AGAIN,   /* much was looked at: call again, best with another
			* transaction */
	QUERY_WAIT,    /* nothing more until more messages are here */
	QUERY_END,
	QUERY_BAD      /* query_run_error says why */
};

/* Compiles q for what t sees.  Keeps a view of q, which is for one run at a
 * time, and views of helpers (may be NULL) and viewer.  EFORMAT: it would read
 * all, its cursor is stale, or a helper is not there; ETOOBIG.  Gives;
 * query_end. */
KITH_CHECK enum kith_err query_start(struct query *q, struct txn *t,
				     const struct viewer *viewer,
				     const struct query_helpers *helpers,
				     struct query_run **out,
				     struct kith_error *e);
void query_end(struct query_run *r);

/* Reads in t from now on, until query_pause; t must not end before that. */
void query_resume(struct query_run *r, struct txn *t);
void query_pause(struct query_run *r);

/* m and row live until t ends. */
enum query_step query_next(struct query_run *r, struct view_message *m,
			   struct message_row *row);
const struct kith_error *query_run_error(const struct query_run *r);

/* After QUERY_GROUP: its name (empty: a plain count), and how many. */
struct kith_slice query_group(const struct query_run *r, uint64_t *count);

/* Appends what QUERY_MESSAGE, QUERY_GROUP or QUERY_SYNC is as JSON, as emit
 * says: an id is a JSON string, kv {"key","value","timestamp","cursor"}.  Keys
 * that private messages hand on are left out (content.h). */
void query_item(const struct query_run *r, enum query_step step,
		const struct view_message *m, struct kith_buf *out);

/* The place behind message m, for page.after. */
void query_cursor(const struct query_run *r, const struct view_message *m,
		  char out[static QUERY_CURSOR_BYTES]);

/* True if a message that has just come passes the filter and is not hidden; for
 * whoever reads the log behind query_as_of, each message in its order, in
 * place of a live query. */
bool query_hears(struct query_run *r, struct txn *t,
		 const struct view_message *m);

/* The receive number up to which "old" reaches. */
uint64_t query_as_of(const struct query_run *r);

/* Appends the plan as JSON: what is read, with sizes counted up to a limit,
 * and what is checked on each message.  Between resume and pause. */
void query_explain(struct query_run *r, struct kith_buf *out);

#endif
