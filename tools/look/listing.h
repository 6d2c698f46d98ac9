/*
 * A list of messages as `kith log` and `kith tail` print it: which of them, and
 * in which form.
 */
#ifndef TOOLS_LOOK_LISTING_H
#define TOOLS_LOOK_LISTING_H

#include "feeds/channel.h"
#include "src/views/viewer.h"
#include "tools/print/list.h"
#include "tools/print/page.h"
#include "tools/print/show.h"

struct listing {
	struct tool *tool;
	struct list list;
	const char *type;    /* NULL: all */
	const char *channel; /* normalised; empty: all */
	char channel_text[CHANNEL_TEXT_BYTES];
	bool raw, full, links;
	bool private; /* viewer opens what is private */
	struct viewer viewer;
	struct show show;
	struct page page;
};

/* The options beside LIST_OPTIONS that listing_begin reads. */
#define LISTING_OPTIONS \
	{ 't', "type", "TYPE", "only messages of this type" }, \
	{ 'c', "channel", "CHANNEL", "only what is in this channel" }, \
	{ 'p', "private", NULL, "open what is private" }, \
	{ 'o', "oneline", NULL, "id, type and text alone" }, \
	{ 'F', "full", NULL, "with all that each says" }, \
	{ 'l', "links", NULL, "with what each refers to, and where" }, \
	{ 'R', "raw", NULL, "the exact bytes as stored" }

/* Reads options, and begins the page; live: as page_begin.  Without --limit:
 * limit.  An exit code after an error text; listing_end in any case, which
 * gives it, or code where all went well. */
int listing_begin(struct listing *l, struct tool *t, uint64_t limit, bool live);
int listing_end(struct listing *l, int code);

/* Whether the options want m, of which *m is made what the viewer sees. */
bool listing_wants(struct listing *l, struct txn *t, struct view_message *m);

void listing_print(struct listing *l, struct txn *t,
		   const struct view_message *m);

/* listing_run.c: prints what is wanted of a selection: of more than the limit
 * the newest; follows: and goes on with what comes.  *of is narrowed. */
int listing_run(struct listing *l, struct selection *of, bool follows);

#endif
