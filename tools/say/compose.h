/*
 * The content of a post, of what a person wrote.
 */
#ifndef TOOLS_SAY_COMPOSE_H
#define TOOLS_SAY_COMPOSE_H

#include "feeds/boxed.h"
#include "feeds/id.h"
#include "tools/tool.h"

enum { COMPOSE_RECPS_BYTES_MAX = 8192 };

/* What a post is beside its text; all zero: one in the open that answers
 * nothing. */
struct compose {
	const struct kith_msg_id *to; /* what it answers, or NULL */
	/* Who is to read it, an array as JSON; empty: everybody. */
	struct kith_slice recps;
	enum kith_box box; /* as publish_private has it */
};

/* Makes a post of the text, and of the options of the command, and publishes
 * it.  An exit code. */
int compose_post(struct tool *t, struct kith_slice text,
		 const struct compose *how);

/* What is answered or liked. */
struct answered {
	struct kith_msg_id id;
	struct kith_buf recps; /* if it is private, as JSON, verbatim */
	enum kith_box box;
	struct kith_buf below; /* for an editor: the text, and a NUL */
};

/* Looks up a message that a person names; opens it if it is private.  An exit
 * code after an error text; answered_end in any case. */
int answered_begin(struct answered *a, struct tool *t, const char *which);
void answered_end(struct answered *a);

#endif
