#include "tools/print/list.h"

#include <math.h>

#include "src/views/search.h"
#include "tools/print/reading.h"

static const struct bounds everything = {
	.rx_end = UINT64_MAX, .sequence_end = UINT64_MAX, .ms_end = INFINITY,
};

/* --- reading -------------------------------------------------------------- */

static bool read_number(const char *text, uint64_t *out)
{
	uint64_t n = 0;

	for (; *text >= '0' && *text <= '9' && n < UINT64_MAX / 100; text++)
		n = n * 10 + (uint64_t)(*text - '0');
	*out = n;
	return !*text && n;
}

/* False, after an error text: it is no place. */
static bool read_place(const char *option, const char *text, uint64_t *rx,
		       uint64_t *sequence, double *ms)
{
	uint64_t time_ms;

	if (!strncmp(text, "rx:", 3) && read_number(text + 3, rx))
		return true;
	if (!strncmp(text, "seq:", 4) && read_number(text + 4, sequence))
		return true;
	if (search_time(kith_text(text), &time_ms)) {
		*ms = (double)time_ms;
		return true;
	}
	tool_fail(EXIT_MISUSED, "--%s takes rx:123, seq:42, or a time as 2026, "
		  "2026-11-21 or 2026-11-21T18:30, not \"%s\"", option, text);
	return false;
}

static bool read_bounds(const struct tool *t, struct bounds *b)
{
	const char *since = tool_option(t, 'S'), *until = tool_option(t, 'U');

	*b = everything;
	return (!since || read_place("since", since, &b->rx, &b->sequence,
				     &b->ms)) &&
	       (!until || read_place("until", until, &b->rx_end,
				     &b->sequence_end, &b->ms_end));
}

bool list_read(struct list *l, struct tool *t, uint64_t limit,
	       enum ids_form ids)
{
	const char *form = tool_option(t, 'i');

	*l = (struct list){ .ids = ids, .reverse = tool_option(t, 'r'),
			    .null = tool_option(t, '0') };
	if (form && !ids_form_read(form, &l->ids)) {
		tool_fail(EXIT_MISUSED, "--ids is short, full or uri, not "
			  "\"%s\"", form);
		return false;
	}
	return reading_limit(t, limit, &l->limit) && read_bounds(t, &l->bounds);
}

void list_fit(struct list *l, const struct tool *t, const struct page *p,
	      size_t columns)
{
	if (p->terminal && !t->json && p->columns < columns &&
	    !tool_option(t, 'i'))
		l->ids = IDS_SHORT;
}

/* --- what is within ------------------------------------------------------- */

bool list_has(const struct list *l, const struct view_message *m)
{
	const struct bounds *b = &l->bounds;
	const struct message_row *row = m->row;
	double ms = view_time_ms(m);

	return row->rx >= b->rx && row->rx < b->rx_end &&
	       row->sequence >= b->sequence &&
	       row->sequence < b->sequence_end && !(ms < b->ms) &&
	       ms < b->ms_end;
}

/* The first receive number that came at ms or later: times of receipt grow
 * with it. */
static uint64_t received_from(struct txn *t, double ms)
{
	uint64_t low = 1, high = message_end(t) + 1, middle;
	struct message_row row;

	while (low < high) {
		middle = low + (high - low) / 2;
		if (!message_from(t, middle, &row) ||
		    (double)row.received_us / 1000 >= ms)
			high = middle;
		else
			low = row.rx + 1;
	}
	return low;
}

static bool clip(struct selection *of, uint64_t first, uint64_t end)
{
	if (of->first < first)
		of->first = first;
	if (end && of->last >= end)
		of->last = end - 1;
	return of->first <= of->last;
}

bool list_narrow(const struct list *l, struct txn *t, struct selection *of)
{
	const struct bounds *b = &l->bounds;
	uint64_t first = b->rx;

	if (of->kind == SELECT_FEED)
		return clip(of, b->sequence, b->sequence_end);
	/* None is later than its receipt. */
	if (b->ms > 0) {
		uint64_t from = received_from(t, b->ms);

		first = from > first ? from : first;
	}
	return clip(of, first, b->rx_end);
}

void list_record(const struct list *l, struct record *r)
{
	record_begin(r);
	r->uris = l->ids == IDS_URI;
	r->null = l->null;
}
