/*
 * What is said of one verified message: a line, every rule, what other peers
 * would say, or a record; and the sums of all.
 *
 * One thread.
 */
#ifndef TOOLS_LOOK_VERIFY_REPORT_H
#define TOOLS_LOOK_VERIFY_REPORT_H

#include "feeds/verdict.h"
#include "tools/tool.h"

struct verify_report {
	bool json, quiet;
	bool every_rule; /* of good messages too */
	bool asked[KITH_PEERS], both_js;
	struct kith_decoder *decoder;
	struct kith_trial *trial; /* where a peer is asked */
	uint64_t good, bad, refused[KITH_PEERS];
};

/* One message as it came. */
struct verify_subject {
	const char *name; /* of the file, NULL: the store */
	uint64_t line;
	size_t offset;	     /* of value in the line */
	bool too_long;	     /* a line of which nothing was kept */
	struct kith_slice value;
	const struct kith_tip *tip; /* where its feed stands, NULL: unknown */
	struct kith_msg_id stored; /* the id it is stored under; without name */
	bool misfiled;		   /* and that is not its own */
	bool good;		   /* every rule passes */
};

/* hmac may be NULL; list: of --as, or NULL.  An exit code after an error text;
 * ended by report_end. */
int report_start(struct verify_report *r, const struct tool *t,
		 const uint8_t *hmac, const char *list);
void report_end(struct verify_report *r);

/* Counts and prints; whole: every rule, whatever was asked for.  False: a
 * finding. */
bool report_message(struct verify_report *r, const struct verify_subject *s,
		    bool whole);

/* Prints the sums. */
void report_sums(const struct verify_report *r);

#endif
