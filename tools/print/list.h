/*
 * What every command takes that lists messages: how many, which way round, from
 * where to where, how ids are printed, and how records end.
 * Source: protocol/16 section 2.
 */
#ifndef TOOLS_PRINT_LIST_H
#define TOOLS_PRINT_LIST_H

#include "src/views/view.h"
#include "tools/pick/ids.h"
#include "tools/pick/select.h"
#include "tools/print/page.h"
#include "tools/print/record.h"
#include "tools/tool.h"

#define IDS_OPTION \
	{ 'i', "ids", "FORM", "print ids short, full, or as uri" }

#define LIST_OPTIONS \
	{ 'n', "limit", "N", "so many at most, or \"all\"" }, \
	{ 'r', "reverse", NULL, "the other way round" }, \
	{ 'S', "since", "PLACE", "only from there on: rx:123, seq:42, or a " \
				 "time as 2026-11-21" }, \
	{ 'U', "until", "PLACE", "only before that" }, \
	IDS_OPTION, \
	{ '0', "null", NULL, "end records with a NUL byte" }

/* Half open: what stands at an end is not in it. */
struct bounds {
	uint64_t rx, rx_end;
	uint64_t sequence, sequence_end;
	double ms, ms_end;
};

struct list {
	uint64_t limit; /* UINT64_MAX: all */
	bool reverse, null;
	enum ids_form ids;
	struct bounds bounds;
};

/* Reads the options of t.  limit, ids: where they do not say.  False, after an
 * error text: misused. */
bool list_read(struct list *l, struct tool *t, uint64_t limit,
	       enum ids_form ids);

/* Where nobody asked for a form of ids, and a terminal has fewer columns than
 * lines with whole ones take, they are cut. */
void list_fit(struct list *l, const struct tool *t, const struct page *p,
	      size_t columns);

bool list_has(const struct list *l, const struct view_message *m);

/* Cuts the ends of a selection off that the bounds leave out, as far as t tells
 * without looking at messages; false: nothing is left of it. */
bool list_narrow(const struct list *l, struct txn *t, struct selection *of);

/* As record_begin, and the record ends and prints ids as l says. */
void list_record(const struct list *l, struct record *r);

#endif
