/*
 * Where messages go that are handed in by the thousand: to the store's writer,
 * which is kithd or this process; or, for a trial, nowhere.
 *
 * Many are under way at once; what became of each comes back with its tag, once
 * it is committed and synced.  One thread.
 */
#ifndef TOOLS_PASS_SINK_H
#define TOOLS_PASS_SINK_H

#include "src/ingest/ingest.h"
#include "tools/text/progress.h"
#include "tools/tool.h"

struct sink;

/* What became of one message. */
struct sink_verdict {
	uint32_t tag;
	enum ingest_verdict verdict;
	enum kith_err code;	 /* FAILED: EFULL and such */
	const char *why;	 /* for all but ADDED, KNOWN and GAP */
	struct kith_slice value; /* as handed in */
};

/* trial: everything goes as it would, and nothing is written but temporary
 * files in this folder; NULL: none.  EXIT_DONE and *out, to be ended by
 * sink_close; or an exit code after an error text. */
int sink_open(struct tool *t, const char *trial, struct sink **out);
void sink_close(struct sink *s);

/* The store that messages go to, for reading. */
struct store *sink_store(struct sink *s);

/* Who writes it, for what is no message; NULL: a trial. */
struct writer *sink_writer(struct sink *s);

/* Hands one in; the bytes are copied.  An exit code after an error text. */
int sink_put(struct sink *s, struct kith_slice value, uint32_t tag);

/* Enough is under way: sink_wait before the next put. */
bool sink_full(struct sink *s);

/* Waits until sink_next has something to give or nothing is under way.  An exit
 * code after an error text: what became of the rest is not known. */
int sink_wait(struct sink *s);

/* The next verdict, borrowed until the next call; false: none is there now. */
bool sink_next(struct sink *s, struct sink_verdict *out);

/* When nothing is under way: what else is to be done with what was put in, as
 * writer_catch_up.  An exit code. */
int sink_settle(struct sink *s, struct progress *p);

#endif
