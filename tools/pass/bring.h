/*
 * Messages on their way in, by the thousand and in any order, each from a
 * place that can be named: what is next in its feed is handed in, what came
 * too early is kept on disk and has one more go in order.
 *
 * What became of all is counted and told by a tally.  One thread.
 */
#ifndef TOOLS_PASS_BRING_H
#define TOOLS_PASS_BRING_H

#include "tools/pass/sink.h"
#include "tools/pass/tally.h"
#include "tools/text/progress.h"

struct bring;

/* Where a message stands: a line or an offset of the file with this number. */
struct bring_place {
	uint64_t line;
	uint32_t file;
};

struct bring_how {
	struct tool *tool;
	struct sink *sink;    /* kept as a view */
	const char *folder;   /* where files may be made; kept as a view */
	uint64_t spill_bytes; /* for what comes too early */
	bool strict;	      /* the first refusal ends it */
	bool trial;	      /* nothing is written: only words depend on it */
	const char *again;    /* "import the same again" */
	/* The name of a file, borrowed for the call. */
	const char *(*name)(void *arg, uint32_t file);
	void *arg;
};

/* EXIT_DONE and *out (bring_free), or an exit code after an error text. */
int bring_new(const struct bring_how *how, struct bring **out);
void bring_free(struct bring *b);

/* Looks for a signal now and then; false: no further, for this or another
 * reason, which bring_end tells. */
bool bring_goes_on(struct bring *b);

/* The same, told at once. */
bool bring_stopped(struct bring *b);

/* Hands in a bare value, or keeps it for later; the bytes are copied.  An exit
 * code after an error text. */
int bring_put(struct bring *b, struct kith_slice value,
	      const struct bring_place *at);

/* What is no message at all. */
void bring_refuse(struct bring *b, const struct bring_place *at,
		  const char *why);

/* Waits for all that is under way, so that what comes again is known. */
int bring_wait(struct bring *b);

/* All was put; code: how that ended.  Waits, takes what was kept, and brings
 * the views up. */
int bring_settle(struct bring *b, int code);

/* Prints the sums; the exit code of the whole. */
int bring_end(struct bring *b, int code);

/* Of reading; shown by bring_new, taken away by bring_end. */
struct progress *bring_progress(struct bring *b);

#endif
