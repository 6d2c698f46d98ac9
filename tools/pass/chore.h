/*
 * Long work on the store: by kithd where it runs, else by this process, with
 * progress either way.  SIGINT ends it in order.
 */
#ifndef TOOLS_PASS_CHORE_H
#define TOOLS_PASS_CHORE_H

#include "feeds/bytes.h"
#include "src/store/store.h"
#include "tools/tool.h"

struct chore {
	const char *doing;     /* "copied", for the line of progress */
	const char *things;    /* "messages": what done and total count;
				* NULL: bytes */
	void *arg;	       /* what the functions below get */

	/* By kithd: a source of its own that tells {"done":n,"total":n} now
	 * and then, and at the end what came of it. */
	const char *method;
	struct kith_slice args; /* a JSON array */
	/* Reads what came of it into arg. */
	void (*read)(void *arg, struct kith_slice reply);

	/* By this process, on the writer's thread: one step, *more while
	 * another is to come. */
	enum kith_err (*step)(struct store *s, void *arg, bool *more,
			      struct kith_error *e);
	void (*progress)(const void *arg, uint64_t *done, uint64_t *total);
	void (*stop)(void *arg); /* may be NULL */
};

/* EXIT_DONE, and arg holds what came of it; or an exit code after an error
 * text. */
int chore_run(struct tool *t, const struct chore *c);

#endif
