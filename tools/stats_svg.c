/* kith stats --svg: one page of charts, or one of them. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#include "tools/stats_draw.h"
#include "tools/text.h"

enum { PICTURE_BYTES_MAX = 16 << 20, TEXT_BYTES_MAX = 4096, ROWS_ON_PAGE = 8,
       ROWS_ALONE = 24, SPAN_BYTES = 48 };

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

/* --- words and numbers ---------------------------------------------------- */

const char *stats_grouped(uint64_t n, char out[static STATS_COUNT_BYTES])
{
	char digits[STATS_COUNT_BYTES];
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

void stats_say(struct stats_page *p, const char *class, double x, double y,
	       char anchor, const char *text)
{
	const struct svg_text how = { .class = class, .at = { x, y },
				      .anchor = anchor };

	svg_say(&p->out, &how, text);
}

void stats_draw_head(struct stats_page *p, const struct stats_panel *at,
		     const char *text)
{
	stats_say(p, "head", at->x, at->y + 16, 's', text);
}

void stats_draw_box(struct stats_page *p, const char *class,
		    const double box[4])
{
	if (box[2] > 0 && box[3] > 0)
		svg_rect(&p->out, class, box, (struct kith_slice){ 0 });
}

static unsigned percent(uint64_t part, uint64_t whole)
{
	return whole ? (unsigned)(100.0 * (double)part / (double)whole + 0.5)
		     : 0;
}

/* --- bars ----------------------------------------------------------------- */

/* The boxed part at its end. */
static void draw_lying(struct stats_page *p, const double box[4], double share,
		       uint64_t boxed, uint64_t all)
{
	double width = box[2] * share;
	double shut = all ? width * (double)boxed / (double)all : 0;
	const double open[4] = { box[0], box[1], width - shut, box[3] };
	const double close[4] = { box[0] + width - shut, box[1], shut,
				  box[3] };

	stats_draw_box(p, "trail", box);
	stats_draw_box(p, "open", open);
	stats_draw_box(p, "boxed", close);
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

static void draw_row(struct stats_page *p, enum stats_by by,
		     const struct stats_row *row, const struct stats_panel *at,
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
	char count[STATS_COUNT_BYTES], text[STATS_COUNT_BYTES + 16];
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
	svg_say(&p->out, &how, stats_grouped(s->messages, count));
	snprintf(text, sizeof(text), "%u %%",
		 percent(s->messages, p->l->s.all.messages));
	how.class = "faint";
	how.at[0] = at->x + at->width;
	svg_say(&p->out, &how, text);
	kith_buf_free(&label);
	kith_buf_free(&cut);
}

/* False: out of memory. */
static bool draw_rows(struct stats_page *p, const struct stats_panel *at,
		      enum stats_by by, size_t most_rows)
{
	const struct stats_table *t = &p->l->s.by[by];
	size_t *order = stats_order(&p->l->s, by), n;
	char text[96], count[STATS_COUNT_BYTES];

	if (!order)
		return false;
	n = stats_top(&p->l->s, by, order, most_rows);
	snprintf(text, sizeof(text), "By %s", stats_by_names[by]);
	stats_draw_head(p, at, text);
	for (size_t i = 0; i < n; i++) {
		const struct stats_panel row = { at->x,
					   at->y + 28 + (double)i * ROW,
					   at->width, ROW };

		draw_row(p, by, &t->rows[order[i]], &row, most_of(t));
	}
	snprintf(text, sizeof(text), "and %s more",
		 stats_grouped(t->count - n, count));
	if (n < t->count)
		stats_say(p, "faint", at->x + LABELS,
			  at->y + 28 + (double)n * ROW + 17, 's', text);
	free(order);
	return true;
}

/* --- facts ---------------------------------------------------------------- */

static void draw_fact(struct stats_page *p, const struct stats_panel *at,
		      size_t i, const char *value, const char *what)
{
	size_t line = i / 2;
	double x = at->x + (double)(i % 2) * at->width / 2;
	double y = at->y + 52 + (double)line * 60;

	stats_say(p, "big", x, y, 's', value);
	stats_say(p, "faint", x, y + 20, 's', what);
}

/* "2.3 hours" */
static void put_span(uint64_t ms, char out[static SPAN_BYTES])
{
	static const struct {
		double ms;
		const char *name;
	} units[] = { { 86400e3, "days" }, { 3600e3, "hours" },
		      { 60e3, "minutes" }, { 1e3, "seconds" } };
	char count[STATS_COUNT_BYTES];
	size_t i = 0;
	double n;

	while (i < 3 && (double)ms < 1.95 * units[i].ms)
		i++;
	n = (double)ms / units[i].ms;
	if (n < 9.95)
		snprintf(out, SPAN_BYTES, "%.1f %s", n, units[i].name);
	else
		snprintf(out, SPAN_BYTES, "%s %s",
			 stats_grouped((uint64_t)(n + 0.5), count),
			 units[i].name);
}

static void draw_facts(struct stats_page *p, const struct stats_panel *at)
{
	const struct stats_sum *s = &p->l->s.all;
	const struct quantiles *q = &p->l->s.late;
	char text[SPAN_BYTES], size[TEXT_SIZE_BYTES];

	stats_draw_head(p, at, "In all");
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
	char count[STATS_COUNT_BYTES], feeds[STATS_COUNT_BYTES];

	kith_buf_text(out, stats_grouped(s->all.messages, count));
	kith_buf_text(out, s->all.messages == 1 ? " message of "
						: " messages of ");
	kith_buf_text(out, stats_grouped(s->by[STATS_AUTHOR].count, feeds));
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

static void draw_title(struct stats_page *p, const struct kith_buf *title,
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
	stats_draw_box(p, "open", open);
	stats_say(p, "faint", 798, 72, 's', "public");
	stats_draw_box(p, "boxed", shut);
	stats_say(p, "faint", 886, 72, 's', "boxed");
}

static bool draw_page(struct stats_page *p)
{
	const double half = (WIDTH - 2 * MARGIN - 40) / 2;
	const struct stats_panel days = { MARGIN, 104, WIDTH - 2 * MARGIN,
					  270 };
	const struct stats_panel types = { MARGIN, 404, half, 0 };
	const struct stats_panel authors = { WIDTH - MARGIN - half, 404, half,
					     0 };
	const struct stats_panel sizes = { MARGIN, 696, half, 230 };
	const struct stats_panel facts = { WIDTH - MARGIN - half, 696, half,
					   230 };

	stats_draw_days(p, &days);
	stats_draw_sizes(p, &sizes);
	draw_facts(p, &facts);
	return draw_rows(p, &types, STATS_TYPE, ROWS_ON_PAGE) &&
	       draw_rows(p, &authors, STATS_AUTHOR, ROWS_ON_PAGE);
}

static bool draw_one(struct stats_page *p)
{
	const struct stats_panel all = { MARGIN, 104, WIDTH - 2 * MARGIN, 460 };

	if (p->l->by == STATS_DAY)
		stats_draw_days(p, &all);
	else if (p->l->by == STATS_SIZE)
		stats_draw_sizes(p, &all);
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
	struct stats_page p = { .l = l, .out = { .limit = PICTURE_BYTES_MAX } };
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
