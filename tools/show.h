/*
 * One message for a person's line or a script's record.
 *
 * What a message claims is shown as claimed; what is boxed is shown as size
 * only.  Source: protocol/16 sections 2, 3.1 and 4.
 */
#ifndef TOOLS_SHOW_H
#define TOOLS_SHOW_H

#include "src/views/view.h"
#include "tools/record.h"

/* One line of a listing; by: with the author. */
void show_line(struct txn *t, const struct view_message *m, bool by);

/* Adds the members that every record of a message has; peers are looked up in
 * t.  content: also what it says, unless boxed. */
void show_record(struct record *r, struct txn *t, const struct view_message *m,
		 bool content);

/* Milliseconds since 1970. */
double show_received_ms(const struct view_message *m);

const char *show_format(enum kith_format format);

#endif
