#include "tools/chart.h"

#include "tools/text.h"

enum { LINE_BYTES_MAX = 8192, LABEL_COLUMNS = 24, BAR_COLUMNS_MIN = 6,
       BETWEEN = 2 };

void chart_start(struct chart *c, const struct page *page, uint64_t most)
{
	*c = (struct chart){ .page = page, .style = bars_style(),
			     .label_columns = LABEL_COLUMNS, .most = most };
}

static size_t bar_columns(const struct chart *c, const char *right)
{
	size_t others = c->label_columns + text_width(kith_text(right)) +
			2 * BETWEEN;
	size_t all = page_measure(c->page);

	return all > others + BAR_COLUMNS_MIN ? all - others
					      : BAR_COLUMNS_MIN;
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

	style_begin(&line, STYLE_HEADING);
	text_put_cut(&line, kith_text(what),
		     c->label_columns + BETWEEN + bar_columns(c, right), true);
	style_end(&line, STYLE_HEADING);
	between(&line);
	style_text(&line, STYLE_FAINT, right);
	print(c, &line);
}

void chart_row(const struct chart *c, struct kith_slice label, uint64_t value,
	       const char *right)
{
	struct kith_buf line = { .limit = LINE_BYTES_MAX };

	text_put_cut(&line, label, c->label_columns, true);
	between(&line);
	style_begin(&line, STYLE_LINK);
	bars_put(&line, c->style, value, c->most, bar_columns(c, right), true);
	style_end(&line, STYLE_LINK);
	between(&line);
	kith_buf_text(&line, right);
	print(c, &line);
}
