/* Charts of columns: messages by day and by size. */
#include <math.h>
#include <stdio.h>

#include "tools/count/stats_draw.h"

enum { TILES_MAX = 110, HINT_BYTES = 160, SIZES = 16, MARKS = 5, LINES = 4,
       FEW_DAYS = 9 };

#define COLUMN_MOST 60.0

/* --- one column ----------------------------------------------------------- */

/* The boxed part on top. */
static void draw_standing(struct stats_page *p, const double box[4],
			  double share, uint64_t boxed, uint64_t all)
{
	double height = box[3] * share;
	double shut = all ? height * (double)boxed / (double)all : 0;
	double top = box[1] + box[3] - height;
	const double open[4] = { box[0], top + shut, box[2], height - shut };
	const double close[4] = { box[0], top, box[2], shut };

	stats_draw_box(p, "open", open);
	stats_draw_box(p, "boxed", close);
}

/* What the mouse shows, for what is drawn until end_hint. */
static void begin_hint(struct stats_page *p, const char *text)
{
	kith_buf_text(&p->out, "<g><title>");
	svg_escape(&p->out, kith_text(text));
	kith_buf_text(&p->out, "</title>\n");
}

/* --- columns -------------------------------------------------------------- */

struct column {
	uint64_t messages, boxed;
};

/* 1, 2 or 5 with zeros behind: what lines of a grid are apart. */
static uint64_t grid_step(uint64_t most)
{
	uint64_t step = 1;

	while (step * LINES < most) {
		if (step * 2 * LINES >= most)
			return step * 2;
		if (step * 5 * LINES >= most)
			return step * 5;
		step *= 10;
	}
	return step;
}

static void draw_grid(struct stats_page *p, const struct stats_panel *at,
		      uint64_t step, uint64_t top)
{
	char count[STATS_COUNT_BYTES];

	for (uint64_t n = 0; n <= top; n += step) {
		double y = at->y + at->height -
			   at->height * (double)n / (double)top;
		const double from[2] = { at->x, y };
		const double to[2] = { at->x + at->width, y };

		svg_line(&p->out, "grid", from, to);
		stats_say(p, "faint", at->x - 8, y + 5, 'e',
			  stats_grouped(n, count));
	}
}

/* Columns side by side in the panel, whose left side is for numbers; hint: what
 * column i is called. */
static void draw_columns(struct stats_page *p, const struct stats_panel *at,
			 const struct column *c, size_t n,
			 void (*hint)(const void *arg, size_t i,
				      char out[static HINT_BYTES]),
			 const void *arg)
{
	uint64_t most = 1, step, top;
	double width = at->width / (double)n, gap = width > 6 ? 2 : width / 4;
	double bar = fmin(width - gap, COLUMN_MOST);
	char text[HINT_BYTES];

	for (size_t i = 0; i < n; i++)
		most = c[i].messages > most ? c[i].messages : most;
	step = grid_step(most);
	top = (most + step - 1) / step * step;
	draw_grid(p, at, step, top);
	for (size_t i = 0; i < n; i++) {
		const double box[4] = { at->x + (double)i * width +
						(width - gap - bar) / 2,
					at->y, bar, at->height };

		if (!c[i].messages)
			continue;
		hint(arg, i, text);
		begin_hint(p, text);
		draw_standing(p, box, (double)c[i].messages / (double)top,
			      c[i].boxed, c[i].messages);
		svg_group_end(&p->out);
	}
}

/* Mark i of what stands below, from the left. */
static void draw_mark(struct stats_page *p, const struct stats_panel *area,
		      unsigned i, const char *text)
{
	static const char anchors[MARKS + 1] = "smmme";

	stats_say(p, "faint", area->x + area->width * i / (MARKS - 1),
		  area->y + area->height + 20, anchors[i], text);
}

/* --- by size -------------------------------------------------------------- */

static void size_hint(const void *arg, size_t i, char out[static HINT_BYTES])
{
	const struct column *c = arg;
	char count[STATS_COUNT_BYTES];

	snprintf(out, HINT_BYTES, "%u to %u units: %s messages",
		 (unsigned)(i * STATS_UNITS_STEP),
		 (unsigned)((i + 1) * STATS_UNITS_STEP - 1),
		 stats_grouped(c[i].messages, count));
}

/* The limit itself, 8192, stands with the last. */
void stats_draw_sizes(struct stats_page *p, const struct stats_panel *at)
{
	const struct stats_panel area = { at->x + 56, at->y + 34,
					  at->width - 56, at->height - 60 };
	const struct stats_table *t = &p->l->s.by[STATS_SIZE];
	struct column c[SIZES] = { 0 };
	char text[STATS_COUNT_BYTES];

	for (size_t i = 0; i < t->count; i++) {
		size_t k = t->rows[i].key < SIZES ? (size_t)t->rows[i].key
						  : SIZES - 1;

		c[k].messages += t->rows[i].sum.messages;
		c[k].boxed += t->rows[i].sum.boxed;
	}
	stats_draw_head(p, at, "By size, in units of the limit");
	draw_columns(p, &area, c, SIZES, size_hint, c);
	for (unsigned i = 0; i < MARKS; i++)
		draw_mark(p, &area, i,
			  stats_grouped((uint64_t)i * SIZES *
						STATS_UNITS_STEP /
						(MARKS - 1),
					text));
}

/* --- by day --------------------------------------------------------------- */

struct days {
	struct column c[TILES_MAX];
	uint64_t first, per; /* day, and days of a column */
	size_t n;
};

static void day_hint(const void *arg, size_t i, char out[static HINT_BYTES])
{
	const struct days *d = arg;
	char from[STATS_DAY_BYTES], to[STATS_DAY_BYTES],
		count[STATS_COUNT_BYTES];

	stats_put_day(d->first + i * d->per, from);
	stats_put_day(d->first + (i + 1) * d->per - 1, to);
	snprintf(out, HINT_BYTES, "%s%s%s: %s messages", from,
		 d->per > 1 ? " to " : "", d->per > 1 ? to : "",
		 stats_grouped(d->c[i].messages, count));
}

/* False: no message has a day. */
static bool gather_days(const struct stats *s, struct days *d)
{
	const struct stats_table *t = &s->by[STATS_DAY];
	uint64_t last, span;

	if (!stats_days(s, &d->first, &last))
		return false;
	span = last - d->first + 1;
	d->per = (span + TILES_MAX - 1) / TILES_MAX;
	d->n = (size_t)((span + d->per - 1) / d->per);
	for (size_t i = 0; i < t->count; i++) {
		const struct stats_row *row = &t->rows[i];

		if (row->key == STATS_NO_DAY)
			continue;
		d->c[(row->key - d->first) / d->per].messages +=
			row->sum.messages;
		d->c[(row->key - d->first) / d->per].boxed += row->sum.boxed;
	}
	return true;
}

/* A few days have a mark each, below their columns. */
static void mark_days(struct stats_page *p, const struct days *d,
		      const struct stats_panel *area)
{
	char day[STATS_DAY_BYTES];

	for (size_t i = 0; i < d->n; i++) {
		stats_put_day(d->first + i, day);
		stats_say(p, "faint",
			  area->x + area->width * ((double)i + 0.5) / FEW_DAYS,
			  area->y + area->height + 20, 'm', day);
	}
}

static void mark_some(struct stats_page *p, const struct days *d,
		      const struct stats_panel *area)
{
	char day[STATS_DAY_BYTES];

	for (unsigned i = 0; i < MARKS; i++) {
		stats_put_day(d->first + i * (d->n * d->per - 1) / (MARKS - 1),
			      day);
		draw_mark(p, area, i, day);
	}
}

void stats_draw_days(struct stats_page *p, const struct stats_panel *at)
{
	const struct stats_panel area = { at->x + 56, at->y + 34,
					  at->width - 56, at->height - 60 };
	struct days d = { .n = 0 };
	bool any = gather_days(&p->l->s, &d), few = d.n < FEW_DAYS;
	char text[HINT_BYTES];

	snprintf(text, sizeof(text), d.per <= 1 ? "By day"
			: "By day, %llu days a column",
		 (unsigned long long)d.per);
	stats_draw_head(p, at, text);
	if (!any)
		return;
	draw_columns(p, &area, d.c, few ? FEW_DAYS : d.n, day_hint, &d);
	if (few)
		mark_days(p, &d, &area);
	else
		mark_some(p, &d, &area);
}
