/*
 * Styled text, and how it becomes lines.
 *
 * Marked text is safe text (text.h) with styles that begin and end in it, as
 * bytes that safe text cannot hold.  It becomes lines of a width, where a
 * terminal with colour is told the styles and all else is not.  Pure.
 */
#ifndef TOOLS_TEXT_WRAP_H
#define TOOLS_TEXT_WRAP_H

#include "feeds/bytes.h"

enum style {
	STYLE_STRONG, STYLE_EMPHASIS, STYLE_STRUCK, STYLE_HEADING, STYLE_CODE,
	STYLE_QUOTE, STYLE_LINK, STYLE_NAME, STYLE_FAINT, STYLE_ALERT,
	STYLE_COUNT
};

void style_begin(struct kith_buf *out, enum style style);
void style_end(struct kith_buf *out, enum style style);
/* Text of ours in a style. */
void style_text(struct kith_buf *out, enum style style, const char *text);

/* Columns that marked text takes on one line. */
size_t wrap_width(struct kith_slice marked);

/* Appends as much of marked text, which is one line, as fits into columns; what
 * is cut off leaves an ellipsis.  Gives the columns used. */
size_t wrap_cut(struct kith_buf *out, struct kith_slice marked,
		size_t columns);

struct wrap {
	size_t columns;		       /* of a line, all in all */
	bool colour;
	struct kith_slice first, rest; /* marked; before the lines */
	bool as_is;		       /* lines are not broken */
};

/* Appends lines, each with its end: broken at '\n', else at spaces, else where
 * a word is wider than a line.  No space is left at the end of a line. */
void wrap_put(struct kith_buf *out, struct kith_slice marked,
	      const struct wrap *how);

#endif
