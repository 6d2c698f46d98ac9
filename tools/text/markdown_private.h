/* Between markdown.c (blocks), markdown_span.c (what stands in them) and
 * markdown_table.c. */
#ifndef TOOLS_TEXT_MARKDOWN_PRIVATE_H
#define TOOLS_TEXT_MARKDOWN_PRIVATE_H

#include <md4c.h>

#include "tools/text/markdown.h"

enum { LEVELS_MAX = 8, LEVEL_BYTES = 16, NOTES_MAX = 99 };

/* Ends of cells and rows, which marked text does not hold. */
enum { CELL_END = 0x1e, ROW_END = 0x1d };

enum level_kind { LEVEL_QUOTE, LEVEL_LIST, LEVEL_ITEM };

/* A block that others stand in. */
struct level {
	enum level_kind kind;
	bool tight, ordered;	  /* LIST */
	unsigned number;	  /* LIST: of the next item */
	bool fresh;		  /* ITEM: its bullet is not written yet */
	char bullet[LEVEL_BYTES]; /* ITEM */
};

struct render {
	const struct markdown *how;
	struct kith_slice source;
	struct kith_buf *out;
	size_t start;	      /* of ours in out */
	struct kith_buf text; /* of the block that is open; marked */
	struct level levels[LEVELS_MAX];
	size_t depth;	      /* more than LEVELS_MAX: the rest is not shown */
	bool gist;	      /* only words: no marks, no addresses */
	bool gap;	      /* a blank line comes before the next block */
	bool code, table;
	unsigned head_cells;
	unsigned styles[STYLE_COUNT]; /* how often each has begun */
	unsigned images;      /* that stand in each other */
	size_t label, alt;    /* where the link's and the image's text begin */
	struct kith_buf notes; /* addresses, each behind a ROW_END */
	unsigned note_count;
};

int span_enter(MD_SPANTYPE type, void *detail, void *render);
int span_leave(MD_SPANTYPE type, void *detail, void *render);
int span_text(MD_TEXTTYPE type, const MD_CHAR *text, MD_SIZE n, void *render);

/* Writes marked text as lines, with what stands before them. */
void render_lines(struct render *r, struct kith_slice marked, bool as_is);

/* Columns for text at present. */
size_t render_columns(const struct render *r);

/* Writes the table in r->text. */
void table_put(struct render *r);

#endif
