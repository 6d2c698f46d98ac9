/*
 * Publishing one content and saying so: the one way of every command that
 * signs.
 *
 * Nothing is signed that `kith lint` would refuse; at a terminal the person
 * sees first what will be public, or who will read it, and is asked.  Who reads
 * what is private is said in any case.
 */
#ifndef TOOLS_SAY_PUBLISH_H
#define TOOLS_SAY_PUBLISH_H

#include "feeds/boxed.h"
#include "tools/tool.h"

/* For the options of a command that calls publish_content. */
#define PUBLISH_OPTIONS                                                      \
	{ 'y', "yes", NULL, "publish without asking" },                      \
	{ 'n', "dry-run", NULL, "print the content, and sign nothing" }

/* Publishes content (JSON, checked) and prints the new message's id, or said
 * (not NULL) instead of it, or a record.  With --dry-run prints the content.
 * Closes the store that is open. */
int publish_content(struct tool *t, struct kith_slice content,
		    const char *said);

/* The same of content that has recps: it is boxed for them alone. */
int publish_private(struct tool *t, struct kith_slice content,
		    enum kith_box box, const char *said);

/* The two halves of both, for who has something to do between them.  An exit
 * code; *sign: and it is to be signed.  box NONE: in the open. */
int publish_ask(struct tool *t, struct kith_slice content, enum kith_box box,
		bool *sign);
int publish_sign(struct tool *t, struct kith_slice content, enum kith_box box,
		 const char *said);

#endif
