/*
 * Times for people: in words, or in full; and claims that cannot be true.
 *
 * Words are English whatever the locale, local time as $TZ has it.
 */
#ifndef TOOLS_PRINT_WHEN_H
#define TOOLS_PRINT_WHEN_H

#include "src/views/view.h"

enum { WHEN_BYTES = 80, WHEN_LIE_BYTES = 96 };

/* now_ms: 0: in full, "2026-11-20T18:02:07+01:00"; else as seen from then:
 * "just now", "3 minutes ago", "today 14:05", "yesterday 14:05", "Tue 14:05",
 * "12 Mar 14:05" of this year, "12 Mar 2019"; "-" when that is no time that a
 * calendar has.  Times are ms since 1970. */
void when_put(double now_ms, double ms, char out[static WHEN_BYTES]);

enum when_claim {
	WHEN_TRUE,   /* as far as one can see */
	WHEN_AHEAD,  /* over a minute later than it was received */
	WHEN_BEHIND  /* more than a day before what its author wrote earlier */
};

/* What m claims; what stands before it is looked up in t. */
enum when_claim when_judge(struct txn *t, const struct view_message *m);

/* What there is to say of such a claim; empty for a true one. */
void when_put_claim(double now_ms, const struct view_message *m,
		    enum when_claim claim, char out[static WHEN_LIE_BYTES]);

#endif
