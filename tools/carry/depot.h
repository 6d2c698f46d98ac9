/*
 * What the words of kith depot share: a depot that is opened, and how a person
 * or a script is told of what lies in it.
 */
#ifndef TOOLS_CARRY_DEPOT_H
#define TOOLS_CARRY_DEPOT_H

#include "src/depot/scrub.h"
#include "tools/carry/sync.h"
#include "tools/text/progress.h"

struct depot_visit {
	struct tool *tool;
	const char *where; /* as typed */
	struct sync *sync;
	struct depot depot;
	bool entered;
	struct survey *survey;
	struct progress progress;
	uint64_t findings;
};

/* Opens the depot for reading, and takes a survey of it; done: the word for
 * progress ("read").  Findings are printed as they come.  An exit code after an
 * error text; depot_visit_end in any case. */
int depot_visit_begin(struct depot_visit *v, struct tool *t, const char *where,
		      const char *done);
void depot_visit_end(struct depot_visit *v);

/* Notes what to type to do this with the depot: "to ...: `kith WORD WHERE`". */
void depot_hint(const struct depot_visit *v, const char *to, const char *word);

/* An exit code after an error text, by the kind of error. */
int depot_fail(const struct kith_error *e, enum kith_err err);

void depot_print_finding(struct depot_visit *v,
			 const struct survey_finding *f);

/* The words, with what is behind them. */
int depot_status(struct tool *t, int argc, char **argv);
int depot_verify(struct tool *t, int argc, char **argv);
int depot_scrub(struct tool *t, int argc, char **argv);
int depot_gc_word(struct tool *t, int argc, char **argv);

#endif
