/*
 * Small bar charts for a person: a heading, and lines of a label, a bar and
 * numbers, as wide as the page.
 */
#ifndef TOOLS_PRINT_CHART_H
#define TOOLS_PRINT_CHART_H

#include "tools/draw/bars.h"
#include "tools/print/page.h"

/* right: text of ours for the end of each line; all of a chart take as many
 * columns. */
struct chart {
	const struct page *page;
	enum bars style;
	size_t label_columns;
	uint64_t most; /* the value whose bar is full */
};

/* 24 columns for labels. */
void chart_start(struct chart *c, const struct page *page, uint64_t most);

/* What it is about. */
void chart_head(const struct chart *c, const char *what, const char *right);

/* label: safe text, which is cut. */
void chart_row(const struct chart *c, struct kith_slice label, uint64_t value,
	       const char *right);

#endif
