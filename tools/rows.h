/*
 * What several rows of the tables of commands say and need.
 */
#ifndef TOOLS_ROWS_H
#define TOOLS_ROWS_H

#include "tools/tool.h"

#define SELECTION                                                              \
	"SELECTION is a feed @ID, one message of it @ID:42, a range "          \
	"@ID:40..60, its last ten @ID:-10, a message %ID, the one before "     \
	"it %ID^, or rx:N by receive number.  Ids may be cut to a unique "     \
	"prefix of at least six characters; @alice or name:alice is the feed " \
	"that has this name."

#define FEED_IS                                                                \
	"FEED is an id, a start of one that is long enough, or a name that "   \
	"only one feed has: @alice."

#define SOURCE_IS                                                              \
	"SOURCE is store:DIR, depot:DIR or its URL, bundle:FILE, lines:FILE, " \
	"peer:ADDRESS, flume:DIR or bipf:DIR; without the word in front, "     \
	"what lies there tells.  kith-sources(7) has it all."

#define LISTS (NEEDS_HOME | NEEDS_STORE | READS_SOURCES)
#define READS (LISTS | NEEDS_VIEWS)

#endif
