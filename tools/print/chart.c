#include "tools/print/chart.h"

#include "tools/text/text.h"

enum { LINE_BYTES_MAX = 8192, LABEL_COLUMNS = 24, LABEL_COLUMNS_MIN = 14,
       LABEL_COLUMNS_LEAST = 8, BAR_COLUMNS_MIN = 6, BETWEEN = 2 };

void chart_start(struct chart *c, const struct page *page, uint64_t most)
{
	*c = (struct chart){ .page = page, .style = bars_style(),
			     .label_columns = LABEL_COLUMNS, .most = most };
}

/* What there is room for.  On a narrow terminal labels are cut first; then
 * there are no bars: numbers say more. */
struct widths {
	size_t label, bar; /* bar 0: none */
};

static struct widths widths_of(const struct chart *c, const char *right)
{
	size_t all = page_measure(c->page);
	size_t numbers = text_width(kith_text(right)) + BETWEEN;
	size_t room = all > numbers ? all - numbers : 0;
	struct widths w = { c->label_columns, 0 };

	if (room >= w.label + BETWEEN + BAR_COLUMNS_MIN)
		w.bar = room - w.label - BETWEEN;
	else if (room >= LABEL_COLUMNS_MIN + BETWEEN + BAR_COLUMNS_MIN)
		w = (struct widths){ room - BETWEEN - BAR_COLUMNS_MIN,
				     BAR_COLUMNS_MIN };
	else if (room < w.label)
		w.label = room > LABEL_COLUMNS_LEAST ? room
						     : LABEL_COLUMNS_LEAST;
	return w;
}

static void between(struct kith_buf *line)
{
	for (int i = 0; i < BETWEEN; i++)
		kith_buf_byte(line, ' ');
}

static void print(const struct chart *c, struct kith_buf *line)
{
	page_print_line(c->page, kith_bytes(line), c->page->columns);
	kith_buf_free(line);
}

void chart_head(const struct chart *c, const char *what, const char *right)
{
	struct kith_buf line = { .limit = LINE_BYTES_MAX };
	struct widths w = widths_of(c, right);

	style_begin(&line, STYLE_HEADING);
	text_put_cut(&line, kith_text(what),
		     w.label + (w.bar ? BETWEEN + w.bar : 0), true);
	style_end(&line, STYLE_HEADING);
	between(&line);
	style_text(&line, STYLE_FAINT, right);
	print(c, &line);
}

void chart_row(const struct chart *c, struct kith_slice label, uint64_t value,
	       const char *right)
{
	struct kith_buf line = { .limit = LINE_BYTES_MAX };
	struct widths w = widths_of(c, right);

	text_put_cut(&line, label, w.label, true);
	between(&line);
	if (w.bar) {
		style_begin(&line, STYLE_CODE);
		bars_put(&line, c->style, value, c->most, w.bar, true);
		style_end(&line, STYLE_CODE);
		between(&line);
	}
	kith_buf_text(&line, right);
	print(c, &line);
}
