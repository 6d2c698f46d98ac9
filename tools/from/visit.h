/*
 * A source that a command was told to read: opened with what the home has for
 * it, with progress, and what is not as it should be there told on stderr.
 */
#ifndef TOOLS_FROM_VISIT_H
#define TOOLS_FROM_VISIT_H

#include "src/source/source.h"
#include "tools/network.h"
#include "tools/text/progress.h"
#include "tools/text/reasons.h"
#include "tools/tool.h"

enum { VISIT_TOLD_MAX = 10 };

/* Not moved between _begin and _end. */
struct visit {
	struct tool *tool;
	const char *name; /* as typed */
	struct source *source;
	struct network network; /* of the home, where there is one */
	struct kith_signer *signer;
	struct progress progress;
	uint64_t shown; /* bytes, when progress was last told */
	uint64_t findings;
	uint64_t erased, others; /* deleted there, of another format */
	struct reasons reasons;
};

/* Opens what text names.  A home is used where there is one: its identity for
 * peers and what is sealed, its keys of hosts and of the network.  done: the
 * word for progress ("read").  An exit code after an error text; visit_end in
 * any case. */
int visit_begin(struct visit *v, struct tool *t, const char *text,
		const char *done);
void visit_end(struct visit *v);

/* The same with another key of the network's messages than the home has. */
int visit_begin_for(struct visit *v, struct tool *t, const char *text,
		    const char *done, const uint8_t *hmac);

/* Tells a finding: the first few, or all as records on stderr with --json; the
 * rest is counted by reason.  What an index is made of tells by itself. */
void visit_finding(struct visit *v, const struct source_finding *f);

/* Takes the line of progress away, and says how many findings there were. */
void visit_sum_up(struct visit *v);

/* What a command that did as it was told to ends with. */
int visit_code(const struct visit *v);

/* EXIT_FAILED or EXIT_UNREADABLE after the text of e. */
int visit_fail(const struct visit *v, const struct kith_error *e,
	       enum kith_err err);

/* The user's own home, opened if it is there; NULL: there is none.  False
 * after an error text: it was named and is not there. */
bool visit_home(struct tool *t, struct home **out);

#endif
