/* kith stats --svg: one page of charts, or one of them. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#include "tools/stats.h"
#include "tools/svg.h"
#include "tools/text.h"

enum { PICTURE_BYTES_MAX = 16 << 20, TEXT_BYTES_MAX = 4096, TILES_MAX = 110,
       ROWS_ON_PAGE = 8, ROWS_ALONE = 24, COUNT_BYTES = 32, SPAN_BYTES = 48, HINT_BYTES = 160,
       SIZES = 16, MARKS = 5, LINES = 4 };

#define WIDTH 1000.0
#define MARGIN 28.0
#define FONT 14.0
#define ROW 27.0
#define LABELS 168.0 /* for what rows are called, */
#define NUMBERS 122.0 /* and what they count */

static const char light[] =
	".ground{fill:#fff}\n"
	"text{font:14px system-ui,-apple-system,\"Segoe UI\",\"DejaVu Sans\","
	"sans-serif;fill:#273444}\n"
	".title{font-size:27px;font-weight:600}\n"
	".head{font-size:17px;font-weight:600}\n"
	".big{font-size:21px;font-weight:600}\n"
	".faint{fill:#5d6b7a}\n"
	".grid{stroke:#e3e8ee;stroke-width:1}\n"
	".trail{fill:#eef2f6}\n"
	".open{fill:#1c7ed6}.boxed{fill:#9775fa}\n";

static const char dark[] =
	".ground{fill:#14181f}\n"
	"text{fill:#dfe5ec}.faint{fill:#94a1b1}\n"
	".grid{stroke:#2a323e}.trail{fill:#1e2530}\n"
	".open{fill:#4dabf7}.boxed{fill:#b197fc}\n";

/* Where a chart stands. */
struct panel {
	double x, y, width, height;
};

struct page_of {
	struct stats_look *l;
	struct kith_buf out;
};

/* --- words and numbers ---------------------------------------------------- */

/* "1,234,567" */
static const char *grouped(uint64_t n, char out[static COUNT_BYTES])
{
	char digits[COUNT_BYTES];
	size_t count = (size_t)snprintf(digits, sizeof(digits), "%llu",
					(unsigned long long)n);
	size_t to = 0;

	for (size_t i = 0; i < count; i++) {
		if (i && (count - i) % 3 == 0)
			out[to++] = ',';
		out[to++] = digits[i];
	}
	out[to] = '\0';
	return out;
}

static unsigned percent(uint64_t part, uint64_t whole)
{
	return whole ? (unsigned)(100.0 * (double)part / (double)whole + 0.5)
		     : 0;
}

static void say(struct page_of *p, const char *class, double x, double y,
		char anchor, const char *text)
{
	const struct svg_text how = { .class = class, .at = { x, y },
				      .anchor = anchor };

	svg_say(&p->out, &how, text);
}

static void draw_head(struct page_of *p, const struct panel *at,
		      const char *text)
{
	say(p, "head", at->x, at->y + 16, 's', text);
}

/* --- bars ----------------------------------------------------------------- */

static void rect(struct page_of *p, const char *class, const double box[4])
{
	if (box[2] > 0 && box[3] > 0)
		svg_rect(&p->out, class, box, (struct kith_slice){ 0 });
}

/* The boxed part at the end of a bar that lies, */
static void draw_lying(struct page_of *p, const double box[4], double share,
		       uint64_t boxed, uint64_t all)
{
	double width = box[2] * share;
	double shut = all ? width * (double)boxed / (double)all : 0;
	const double open[4] = { box[0], box[1], width - shut, box[3] };
	const double close[4] = { box[0] + width - shut, box[1], shut,
				  box[3] };

	rect(p, "trail", box);
	rect(p, "open", open);
	rect(p, "boxed", close);
}

/* or on top of one that stands. */
static void draw_standing(struct page_of *p, const double box[4], double share,
			  uint64_t boxed, uint64_t all)
{
	double height = box[3] * share;
	double shut = all ? height * (double)boxed / (double)all : 0;
	double top = box[1] + box[3] - height;
	const double open[4] = { box[0], top + shut, box[2], height - shut };
	const double close[4] = { box[0], top, box[2], shut };

	rect(p, "open", open);
	rect(p, "boxed", close);
}

/* What the mouse shows, for what is drawn until end_hint. */
static void begin_hint(struct page_of *p, const char *text)
{
	kith_buf_text(&p->out, "<g><title>");
	svg_escape(&p->out, kith_text(text));
	kith_buf_text(&p->out, "</title>\n");
}

/* --- rows ----------------------------------------------------------------- */

static uint64_t most_of(const struct stats_table *t)
{
	uint64_t most = 0;

	for (size_t i = 0; i < t->count; i++)
		if (t->rows[i].sum.messages > most)
			most = t->rows[i].sum.messages;
	return most;
}

static void draw_row(struct page_of *p, enum stats_by by,
		     const struct stats_row *row, const struct panel *at,
		     uint64_t most)
{
	struct kith_buf label = { .limit = TEXT_BYTES_MAX };
	struct kith_buf cut = { .limit = TEXT_BYTES_MAX };
	struct svg_text how = { .at = { at->x + LABELS - 10,
					at->y + at->height / 2 },
				.anchor = 'e', .middle = true };
	const double box[4] = { at->x + LABELS, at->y + 4,
				at->width - LABELS - NUMBERS,
				at->height - 8 };
	char count[COUNT_BYTES], text[COUNT_BYTES + 16];
	const struct stats_sum *s = &row->sum;

	stats_put_label(p->l, by, row, &label);
	text_put_cut(&cut, kith_bytes(&label), svg_columns(LABELS - 10, FONT),
		     false);
	svg_text(&p->out, &how, kith_bytes(&cut));
	draw_lying(p, box, most ? (double)s->messages / (double)most : 0,
		   s->boxed, s->messages);
	how = (struct svg_text){ .at = { at->x + at->width - 44,
					 at->y + at->height / 2 },
				 .anchor = 'e', .middle = true };
	svg_say(&p->out, &how, grouped(s->messages, count));
	snprintf(text, sizeof(text), "%u %%",
		 percent(s->messages, p->l->s.all.messages));
	how.class = "faint";
	how.at[0] = at->x + at->width;
	svg_say(&p->out, &how, text);
	kith_buf_free(&label);
	kith_buf_free(&cut);
}

/* False: out of memory. */
static bool draw_rows(struct page_of *p, const struct panel *at,
		      enum stats_by by, size_t most_rows)
{
	const struct stats_table *t = &p->l->s.by[by];
	size_t *order = stats_order(&p->l->s, by), n;
	char text[96], count[COUNT_BYTES];

	if (!order)
		return false;
	n = stats_top(&p->l->s, by, order, most_rows);
	snprintf(text, sizeof(text), "By %s", stats_by_names[by]);
	draw_head(p, at, text);
	for (size_t i = 0; i < n; i++) {
		const struct panel row = { at->x,
					   at->y + 28 + (double)i * ROW,
					   at->width, ROW };

		draw_row(p, by, &t->rows[order[i]], &row, most_of(t));
	}
	snprintf(text, sizeof(text), "and %s more",
		 grouped(t->count - n, count));
	if (n < t->count)
		say(p, "faint", at->x + LABELS, at->y + 28 + (double)n * ROW +
		    17, 's', text);
	free(order);
	return true;
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

static void draw_grid(struct page_of *p, const struct panel *at, uint64_t step,
		      uint64_t top)
{
	char count[COUNT_BYTES];

	for (uint64_t n = 0; n <= top; n += step) {
		double y = at->y + at->height -
			   at->height * (double)n / (double)top;
		const double from[2] = { at->x, y };
		const double to[2] = { at->x + at->width, y };

		svg_line(&p->out, "grid", from, to);
		say(p, "faint", at->x - 8, y + 5, 'e', grouped(n, count));
	}
}

/* Columns side by side in the panel, whose left side is for numbers; hint: what
 * column i is called. */
static void draw_columns(struct page_of *p, const struct panel *at,
			 const struct column *c, size_t n,
			 void (*hint)(const void *arg, size_t i,
				      char out[static HINT_BYTES]),
			 const void *arg)
{
	uint64_t most = 1, step, top;
	double width = at->width / (double)n, gap = width > 6 ? 2 : width / 4;
	char text[HINT_BYTES];

	for (size_t i = 0; i < n; i++)
		most = c[i].messages > most ? c[i].messages : most;
	step = grid_step(most);
	top = (most + step - 1) / step * step;
	draw_grid(p, at, step, top);
	for (size_t i = 0; i < n; i++) {
		const double box[4] = { at->x + (double)i * width, at->y,
					width - gap, at->height };

		if (!c[i].messages)
			continue;
		hint(arg, i, text);
		begin_hint(p, text);
		draw_standing(p, box, (double)c[i].messages / (double)top,
			      c[i].boxed, c[i].messages);
		svg_group_end(&p->out);
	}
}

/* --- by size -------------------------------------------------------------- */

static void size_hint(const void *arg, size_t i, char out[static HINT_BYTES])
{
	const struct column *c = arg;
	char count[COUNT_BYTES];

	snprintf(out, HINT_BYTES, "%u to %u units: %s messages",
		 (unsigned)(i * STATS_UNITS_STEP),
		 (unsigned)((i + 1) * STATS_UNITS_STEP - 1),
		 grouped(c[i].messages, count));
}

/* The limit itself, 8192, stands with the last. */
static void draw_sizes(struct page_of *p, const struct panel *at)
{
	const struct panel area = { at->x + 56, at->y + 34, at->width - 56,
				    at->height - 60 };
	const struct stats_table *t = &p->l->s.by[STATS_SIZE];
	struct column c[SIZES] = { 0 };
	char text[COUNT_BYTES];

	for (size_t i = 0; i < t->count; i++) {
		size_t k = t->rows[i].key < SIZES ? (size_t)t->rows[i].key
						  : SIZES - 1;

		c[k].messages += t->rows[i].sum.messages;
		c[k].boxed += t->rows[i].sum.boxed;
	}
	draw_head(p, at, "By size, in units of the limit");
	draw_columns(p, &area, c, SIZES, size_hint, c);
	for (unsigned i = 0; i < MARKS; i++)
		say(p, "faint",
		    area.x + area.width * i / (MARKS - 1) -
			    (i == MARKS - 1 ? 2 : 0),
		    area.y + area.height + 20,
		    i == 0 ? 's' : i == MARKS - 1 ? 'e' : 'm',
		    grouped((uint64_t)i * SIZES * STATS_UNITS_STEP /
				    (MARKS - 1), text));
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
	char from[STATS_DAY_BYTES], to[STATS_DAY_BYTES], count[COUNT_BYTES];

	stats_put_day(d->first + i * d->per, from);
	stats_put_day(d->first + (i + 1) * d->per - 1, to);
	snprintf(out, HINT_BYTES, "%s%s%s: %s messages", from,
		 d->per > 1 ? " to " : "", d->per > 1 ? to : "",
		 grouped(d->c[i].messages, count));
}

static void gather_days(const struct stats_table *t, struct days *d)
{
	uint64_t last = 0, span;

	d->first = UINT64_MAX;
	for (size_t i = 0; i < t->count; i++) {
		uint64_t day = t->rows[i].key;

		if (day == STATS_NO_DAY)
			continue;
		d->first = day < d->first ? day : d->first;
		last = day > last ? day : last;
	}
	span = d->first <= last ? last - d->first + 1 : 1;
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
}

static void draw_days(struct page_of *p, const struct panel *at)
{
	const struct panel area = { at->x + 56, at->y + 34, at->width - 56,
				    at->height - 60 };
	struct days d = { .n = 0 };
	char day[STATS_DAY_BYTES], text[HINT_BYTES];

	gather_days(&p->l->s.by[STATS_DAY], &d);
	snprintf(text, sizeof(text), d.per == 1 ? "By day"
			: "By day, %llu days a column",
		 (unsigned long long)d.per);
	draw_head(p, at, text);
	if (d.first == UINT64_MAX)
		return;
	draw_columns(p, &area, d.c, d.n, day_hint, &d);
	for (unsigned i = 0; i < MARKS; i++) {
		uint64_t n = i * (d.n * d.per - 1) / (MARKS - 1);

		if (i && d.n * d.per < MARKS)
			break;
		stats_put_day(d.first + n, day);
		say(p, "faint", area.x + area.width * i / (MARKS - 1),
		    area.y + area.height + 20,
		    i == 0 ? 's' : i == MARKS - 1 ? 'e' : 'm', day);
	}
}

/* --- facts ---------------------------------------------------------------- */

static void draw_fact(struct page_of *p, const struct panel *at, size_t i,
		      const char *value, const char *what)
{
	double x = at->x + (double)(i % 2) * at->width / 2;
	double y = at->y + 52 + (double)(i / 2) * 60;

	say(p, "big", x, y, 's', value);
	say(p, "faint", x, y + 20, 's', what);
}

/* "2.3 hours" */
static void put_span(uint64_t ms, char out[static SPAN_BYTES])
{
	static const struct {
		double ms;
		const char *name;
	} units[] = { { 86400e3, "days" }, { 3600e3, "hours" },
		      { 60e3, "minutes" }, { 1e3, "seconds" } };
	char count[COUNT_BYTES];
	size_t i = 0;
	double n;

	while (i < 3 && (double)ms < 1.95 * units[i].ms)
		i++;
	n = (double)ms / units[i].ms;
	if (n < 9.95)
		snprintf(out, SPAN_BYTES, "%.1f %s", n, units[i].name);
	else
		snprintf(out, SPAN_BYTES, "%s %s",
			 grouped((uint64_t)(n + 0.5), count), units[i].name);
}

static void draw_facts(struct page_of *p, const struct panel *at)
{
	const struct stats_sum *s = &p->l->s.all;
	const struct quantiles *q = &p->l->s.late;
	char text[SPAN_BYTES], size[TEXT_SIZE_BYTES];

	draw_head(p, at, "In all");
	text_size(s->wire, size);
	draw_fact(p, at, 0, size, "as sent");
	text_size(s->canonical, size);
	draw_fact(p, at, 1, size, "as signed");
	snprintf(text, sizeof(text), "%u %%", percent(s->boxed, s->messages));
	draw_fact(p, at, 2, text, "of messages are boxed");
	snprintf(text, sizeof(text), "%.1f", stats_rate(&p->l->s, UINT64_MAX));
	draw_fact(p, at, 3, text, "messages a day");
	if (!q->count)
		return;
	put_span(quantiles_get(q, 0.5), text);
	draw_fact(p, at, 4, text, "until half had come");
	put_span(quantiles_get(q, 0.9), text);
	draw_fact(p, at, 5, text, "until 9 of 10 had");
}

/* --- the page ------------------------------------------------------------- */

static void put_title(const struct stats *s, struct kith_buf *out)
{
	char count[COUNT_BYTES], feeds[COUNT_BYTES];

	kith_buf_text(out, grouped(s->all.messages, count));
	kith_buf_text(out, s->all.messages == 1 ? " message of "
						: " messages of ");
	kith_buf_text(out, grouped(s->by[STATS_AUTHOR].count, feeds));
	kith_buf_text(out, s->by[STATS_AUTHOR].count == 1 ? " feed" : " feeds");
}

static void put_dates(const struct stats *s, struct kith_buf *out)
{
	char first[TEXT_TIME_BYTES], last[TEXT_TIME_BYTES], text[96];

	text_time(s->all.first_ms, first);
	text_time(s->all.last_ms, last);
	snprintf(text, sizeof(text), "written from %.10s to %.10s", first,
		 last);
	kith_buf_text(out, text);
}

static void draw_title(struct page_of *p, const struct kith_buf *title,
		       const struct kith_buf *dates)
{
	const double open[4] = { 780, 61, 12, 12 };
	const double shut[4] = { 868, 61, 12, 12 };
	struct svg_text how = { .class = "title", .at = { MARGIN, 46 },
				.anchor = 's' };

	svg_text(&p->out, &how, kith_bytes(title));
	how.class = "faint";
	how.at[1] = 72;
	svg_text(&p->out, &how, kith_bytes(dates));
	rect(p, "open", open);
	say(p, "faint", 798, 72, 's', "public");
	rect(p, "boxed", shut);
	say(p, "faint", 886, 72, 's', "boxed");
}

static bool draw_page(struct page_of *p)
{
	const double half = (WIDTH - 2 * MARGIN - 40) / 2;
	const struct panel days = { MARGIN, 104, WIDTH - 2 * MARGIN, 270 };
	const struct panel types = { MARGIN, 404, half, 0 };
	const struct panel authors = { WIDTH - MARGIN - half, 404, half, 0 };
	const struct panel sizes = { MARGIN, 696, half, 230 };
	const struct panel facts = { WIDTH - MARGIN - half, 696, half, 230 };

	draw_days(p, &days);
	draw_sizes(p, &sizes);
	draw_facts(p, &facts);
	return draw_rows(p, &types, STATS_TYPE, ROWS_ON_PAGE) &&
	       draw_rows(p, &authors, STATS_AUTHOR, ROWS_ON_PAGE);
}

static bool draw_one(struct page_of *p)
{
	const struct panel all = { MARGIN, 104, WIDTH - 2 * MARGIN, 460 };

	if (p->l->by == STATS_DAY)
		draw_days(p, &all);
	else if (p->l->by == STATS_SIZE)
		draw_sizes(p, &all);
	else
		return draw_rows(p, &all, p->l->by,
				 p->l->top < ROWS_ALONE ? (size_t)p->l->top
							: ROWS_ALONE);
	return true;
}

static double height_of(const struct stats_look *l)
{
	size_t rows;

	if (l->by == STATS_BYS)
		return 950;
	if (l->by == STATS_DAY || l->by == STATS_SIZE)
		return 590;
	rows = l->s.by[l->by].count;
	rows = rows < ROWS_ALONE ? rows : ROWS_ALONE;
	rows = rows < l->top ? rows : (size_t)l->top;
	return 104 + 28 + (double)(rows + 1) * ROW + MARGIN;
}

int stats_svg(struct stats_look *l)
{
	struct page_of p = { .l = l, .out = { .limit = PICTURE_BYTES_MAX } };
	struct kith_buf title = { .limit = TEXT_BYTES_MAX };
	struct kith_buf dates = { .limit = TEXT_BYTES_MAX };
	struct svg_head head = { .width = WIDTH, .height = height_of(l),
				 .light = light, .dark = dark };
	bool ok;

	if (!l->s.all.messages)
		return tool_fail(EXIT_NOT_FOUND, "there are no messages to "
				 "draw");
	put_title(&l->s, &title);
	put_dates(&l->s, &dates);
	head.title = kith_bytes(&title);
	head.description = kith_bytes(&dates);
	svg_begin(&p.out, &head);
	draw_title(&p, &title, &dates);
	ok = l->by == STATS_BYS ? draw_page(&p) : draw_one(&p);
	svg_end(&p.out);
	ok = ok && !p.out.err;
	if (ok)
		fwrite(p.out.p, 1, p.out.n, stdout);
	kith_buf_free(&p.out);
	kith_buf_free(&title);
	kith_buf_free(&dates);
	return ok ? EXIT_DONE : tool_fail(EXIT_FAILED, "out of memory");
}
