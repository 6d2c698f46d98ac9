/*
 * Where output for people goes: how wide, in colour or not, through a pager or
 * not; and how times are written.
 *
 * As git does it: colour and pager only where stdout is a terminal; --color,
 * NO_COLOR and TERM=dumb have a say; $KITH_PAGER, else $PAGER, else less, which
 * goes away by itself where one screen is enough (LESS=FRX, unless set).  Never
 * either for --json.  One thread.
 */
#ifndef TOOLS_PRINT_PAGE_H
#define TOOLS_PRINT_PAGE_H

#include "tools/text/wrap.h"
#include "tools/tool.h"

enum { PAGE_COLUMNS_ELSEWHERE = 80, PAGE_COLUMNS_MIN = 40,
       PAGE_MEASURE = 100 /* longer lines of text are hard to read */ };

/* For the options of a command that begins a page. */
#define PAGE_OPTIONS                                                         \
	{ 'I', "iso", NULL, "times in full, not in words" },                 \
	{ 'C', "color", "WHEN", "always, never, or auto: on a terminal" }

struct page {
	bool terminal, colour, json;
	size_t columns;
	double now_ms; /* 0: times in full */
	int pager;     /* process; 0: none */
};

/* Looks at options and surroundings, and starts the pager if there is to be
 * one; live: output goes on as things happen, so there is none.  An exit code,
 * after an error text. */
int page_begin(struct page *p, const struct tool *t, bool live);

/* Flushes, waits for the pager, and gives code.  That the pager was left early
 * is no fault. */
int page_end(struct page *p, int code);

/* Nobody reads what is printed any more: the pager was left, or its file is
 * full.  What would only print more need not. */
bool page_is_left(void);

/* Prints marked text as lines; first and rest: marked, before them. */
void page_print(const struct page *p, struct kith_slice marked,
		const char *before);

/* Prints one marked line, cut to columns. */
void page_print_line(const struct page *p, struct kith_slice marked,
		     size_t columns);

/* Prints one line of that many columns, with right at its end; left is cut
 * where both do not fit.  Both are marked. */
void page_print_sides(const struct page *p, struct kith_slice left,
		      struct kith_slice right, size_t columns);

/* Columns for running text. */
size_t page_measure(const struct page *p);

/* Prints "label       what", wrapped under itself; what is empty then. */
enum { PAGE_LABEL_COLUMNS = 12, PAGE_FACT_BYTES_MAX = 65536 };
void page_fact(const struct page *p, const char *label, struct kith_buf *what);

#endif
