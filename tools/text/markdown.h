/*
 * Markdown for a terminal.
 *
 * What others wrote becomes lines that only look as Markdown may look: raw HTML
 * is text, nothing is fetched, everything unsafe is escaped (text.h), depth and
 * size are bounded.  A line break in a paragraph is one, as in all clients.
 * With colour, emphasis is a style; without, its marks stay.
 * Source: CommonMark with GitHub's tables, by md4c; protocol/13 section 4.
 */
#ifndef TOOLS_TEXT_MARKDOWN_H
#define TOOLS_TEXT_MARKDOWN_H

#include "feeds/ref.h"
#include "tools/text/wrap.h"

enum { MARKDOWN_BYTES_MAX = 1 << 17 }; /* of a text; the rest is cut off */

struct markdown {
	size_t columns;		  /* of a line, margin included */
	bool colour;
	struct kith_slice margin; /* marked; before each line */
	/* Appends what a feed is called, as safe or marked text; NULL: its
	 * short id. */
	void (*name)(void *of, const struct kith_feed_id *feed,
		     struct kith_buf *out);
	void *of;
};

/* Appends text as lines; nothing for a text without any.  Errors stay in out. */
void markdown_put(struct kith_buf *out, struct kith_slice text,
		  const struct markdown *how);

/* Appends the words at the start of text, safe and on one line: what a list
 * shows of it.  Of how only name and of count. */
void markdown_gist(struct kith_buf *out, struct kith_slice text,
		   const struct markdown *how);

#endif
