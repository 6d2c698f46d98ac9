/* kith stats --svg: one page of charts, or one of them. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#include "tools/count/stats_draw.h"
#include "tools/text/text.h"

enum { PICTURE_BYTES_MAX = 16 << 20, TEXT_BYTES_MAX = 4096, ROWS_ON_PAGE = 8,
       ROWS_ALONE = 24 };

#define WIDTH 1000.0
#define MARGIN 28.0
#define FONT 14.0
#define ROW 27.0
#define HEAD 28.0 /* of a chart, above its rows */
#define LABELS_MOST 158.0 /* for what rows are called */
#define BESIDE 12.0 /* between that and a bar, and a bar and its number */
#define PERCENT 54.0
#define COLUMNS_TOP 104.0
#define ROWS_TOP 404.0
#define BELOW 230.0 /* what stands below rows takes so much */

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

/* Rows of one chart: n of order, and how much room each part of them has. */
struct lines {
	enum stats_by by;
	size_t *order, n;
	uint64_t most;
	double labels, numbers;
};

static const struct stats_row *line_row(const struct stats_page *p,
					const struct lines *l, size_t i)
{
	return &p->l->s.by[l->by].rows[l->order[i]];
}

static void put_label(const struct stats_page *p, const struct lines *l,
		      size_t i, struct kith_buf *out)
{
	struct kith_buf label = { .limit = TEXT_BYTES_MAX };

	stats_put_label(p->l, l->by, line_row(p, l, i), &label);
	svg_put_cut(out, kith_bytes(&label), LABELS_MOST, FONT);
	kith_buf_free(&label);
}

/* No wider than what stands there. */
static void measure_lines(const struct stats_page *p, struct lines *l)
{
	struct kith_buf label = { .limit = TEXT_BYTES_MAX };
	char count[STATS_COUNT_BYTES];

	l->most = stats_most(&p->l->s.by[l->by]);
	l->labels = 0;
	for (size_t i = 0; i < l->n; i++) {
		kith_buf_reset(&label);
		put_label(p, l, i, &label);
		l->labels = fmax(l->labels, svg_width(kith_bytes(&label),
						      FONT));
	}
	l->labels += BESIDE;
	l->numbers = svg_width(kith_text(stats_grouped(l->most, count)),
			       FONT) + BESIDE + PERCENT;
	kith_buf_free(&label);
}

static void draw_row(struct stats_page *p, const struct lines *l, size_t i,
		     const struct stats_panel *at)
{
	const struct stats_sum *s = &line_row(p, l, i)->sum;
	struct kith_buf label = { .limit = TEXT_BYTES_MAX };
	struct svg_text how = { .at = { at->x + l->labels - BESIDE,
					at->y + at->height / 2 },
				.anchor = 'e', .middle = true };
	const double box[4] = { at->x + l->labels, at->y + 4,
				at->width - l->labels - l->numbers,
				at->height - 8 };
	char count[STATS_COUNT_BYTES], text[STATS_COUNT_BYTES + 16];

	put_label(p, l, i, &label);
	svg_text(&p->out, &how, kith_bytes(&label));
	draw_lying(p, box,
		   l->most ? (double)s->messages / (double)l->most : 0,
		   s->boxed, s->messages);
	how.at[0] = at->x + at->width - PERCENT;
	svg_say(&p->out, &how, stats_grouped(s->messages, count));
	snprintf(text, sizeof(text), "%u %%",
		 stats_percent(s->messages, p->l->s.all.messages));
	how.class = "faint";
	how.at[0] = at->x + at->width;
	svg_say(&p->out, &how, text);
	kith_buf_free(&label);
}

/* False: out of memory. */
static bool draw_rows(struct stats_page *p, const struct stats_panel *at,
		      enum stats_by by, size_t most_rows)
{
	size_t count = p->l->s.by[by].count;
	struct lines l = { .by = by, .order = stats_order(&p->l->s, by) };
	char text[96], more[STATS_COUNT_BYTES];

	if (!l.order)
		return false;
	l.n = stats_top(&p->l->s, by, l.order, most_rows);
	measure_lines(p, &l);
	snprintf(text, sizeof(text), "By %s", stats_by_names[by]);
	stats_draw_head(p, at, text);
	for (size_t i = 0; i < l.n; i++) {
		const struct stats_panel row = { at->x,
					   at->y + HEAD + (double)i * ROW,
					   at->width, ROW };

		draw_row(p, &l, i, &row);
	}
	snprintf(text, sizeof(text), "and %s more",
		 stats_grouped(count - l.n, more));
	if (l.n < count)
		stats_say(p, "faint", at->x + l.labels,
			  at->y + HEAD + (double)l.n * ROW + 17, 's', text);
	free(l.order);
	return true;
}

/* What the rows of a table take, with the line of those left out. */
static double rows_height(const struct stats_look *l, enum stats_by by,
			  size_t most_rows)
{
	size_t n = l->s.by[by].count;

	return HEAD + ROW * (double)(n > most_rows ? most_rows + 1 : n);
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

static void draw_facts(struct stats_page *p, const struct stats_panel *at)
{
	const struct stats_sum *s = &p->l->s.all;
	const struct quantiles *q = &p->l->s.late;
	char text[STATS_SPAN_BYTES], size[TEXT_SIZE_BYTES];

	stats_draw_head(p, at, "In all");
	text_size(s->wire, size);
	draw_fact(p, at, 0, size, "as sent");
	text_size(s->canonical, size);
	draw_fact(p, at, 1, size, "as signed");
	snprintf(text, sizeof(text), "%u %%",
		 stats_percent(s->boxed, s->messages));
	draw_fact(p, at, 2, text, "of messages are boxed");
	snprintf(text, sizeof(text), "%.1f", stats_rate(&p->l->s, UINT64_MAX));
	draw_fact(p, at, 3, text, "messages a day");
	if (!q->count)
		return;
	draw_fact(p, at, 4, stats_span(quantiles_get(q, 0.5), text),
		  "until half had come");
	draw_fact(p, at, 5, stats_span(quantiles_get(q, 0.9), text),
		  "until 9 of 10 had");
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

static void draw_title(struct stats_page *p, const struct kith_buf *title,
		       const struct kith_buf *dates)
{
	const double open[4] = { 814, 61, 12, 12 };
	const double shut[4] = { 902, 61, 12, 12 };
	struct svg_text how = { .class = "title", .at = { MARGIN, 46 },
				.anchor = 's' };

	svg_text(&p->out, &how, kith_bytes(title));
	how.class = "faint";
	how.at[1] = 72;
	svg_text(&p->out, &how, kith_bytes(dates));
	stats_draw_box(p, "open", open);
	stats_say(p, "faint", 832, 72, 's', "public");
	stats_draw_box(p, "boxed", shut);
	stats_say(p, "faint", 920, 72, 's', "boxed");
}

/* Where what stands below the rows begins. */
static double below_rows(const struct stats_look *l)
{
	return ROWS_TOP + 24 +
	       fmax(rows_height(l, STATS_TYPE, ROWS_ON_PAGE),
		    rows_height(l, STATS_AUTHOR, ROWS_ON_PAGE));
}

static bool draw_page(struct stats_page *p)
{
	const double half = (WIDTH - 2 * MARGIN - 40) / 2;
	const double right = WIDTH - MARGIN - half, below = below_rows(p->l);
	const struct stats_panel days = { MARGIN, COLUMNS_TOP,
					  WIDTH - 2 * MARGIN, 270 };
	const struct stats_panel types = { MARGIN, ROWS_TOP, half, 0 };
	const struct stats_panel authors = { right, ROWS_TOP, half, 0 };
	const struct stats_panel sizes = { MARGIN, below, half, BELOW };
	const struct stats_panel facts = { right, below, half, BELOW };

	stats_draw_days(p, &days);
	stats_draw_sizes(p, &sizes);
	draw_facts(p, &facts);
	return draw_rows(p, &types, STATS_TYPE, ROWS_ON_PAGE) &&
	       draw_rows(p, &authors, STATS_AUTHOR, ROWS_ON_PAGE);
}

static size_t rows_alone(const struct stats_look *l)
{
	return l->top < ROWS_ALONE ? (size_t)l->top : ROWS_ALONE;
}

static bool draw_one(struct stats_page *p)
{
	const struct stats_panel all = { MARGIN, COLUMNS_TOP,
					 WIDTH - 2 * MARGIN, 460 };

	if (p->l->by == STATS_DAY)
		stats_draw_days(p, &all);
	else if (p->l->by == STATS_SIZE)
		stats_draw_sizes(p, &all);
	else
		return draw_rows(p, &all, p->l->by, rows_alone(p->l));
	return true;
}

static double height_of(const struct stats_look *l)
{
	if (l->by == STATS_BYS)
		return below_rows(l) + BELOW + MARGIN;
	if (l->by == STATS_DAY || l->by == STATS_SIZE)
		return 590;
	return COLUMNS_TOP + rows_height(l, l->by, rows_alone(l)) + MARGIN;
}

int stats_svg(struct stats_look *l)
{
	struct stats_page p = { .l = l, .out = { .limit = PICTURE_BYTES_MAX } };
	struct kith_buf title = { .limit = TEXT_BYTES_MAX };
	struct kith_buf dates = { .limit = TEXT_BYTES_MAX };
	struct svg_head head = { .width = WIDTH, .height = height_of(l),
				 .light = light, .dark = dark };
	char text[STATS_DATES_BYTES];
	bool ok;

	if (!l->s.all.messages)
		return tool_fail(EXIT_NOT_FOUND, "there are no messages to "
				 "draw");
	put_title(&l->s, &title);
	kith_buf_text(&dates, "written ");
	kith_buf_text(&dates, stats_dates(&l->s, text));
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
