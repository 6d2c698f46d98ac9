/*
 * Publishing one content and saying so: for post, publish and the commands
 * about contacts.
 */
#ifndef TOOLS_PUBLISH_H
#define TOOLS_PUBLISH_H

#include "tools/tool.h"

/* Publishes content (JSON, checked) and prints the new message's id, or said
 * (not NULL) instead of it, or a record. */
int publish_content(struct tool *t, struct kith_slice content,
		    const char *said);

#endif
