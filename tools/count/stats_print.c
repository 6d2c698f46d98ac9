/* kith stats for a person. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#include "feeds/json.h"
#include "tools/count/stats.h"
#include "tools/print/chart.h"
#include "tools/text/text.h"

enum { LINE_BYTES_MAX = 8192, RIGHT_BYTES = 96, LABEL_COLUMNS = 12,
       REASONS_SHOWN = 12, COLUMNS_OF_TIME = 56 };

/* --- facts ---------------------------------------------------------------- */

static void print_fact(const struct stats_look *l, const char *label,
		       const char *text)
{
	struct kith_buf line = { .limit = LINE_BYTES_MAX };

	style_begin(&line, STYLE_FAINT);
	text_put_cut(&line, kith_text(label), LABEL_COLUMNS, true);
	style_end(&line, STYLE_FAINT);
	text_put(&line, kith_text(text));
	page_print_line(&l->r->page, kith_bytes(&line), l->r->page.columns);
	kith_buf_free(&line);
}

static void print_bytes(const struct stats_look *l, const char *label,
			uint64_t bytes, const char *what)
{
	char size[TEXT_SIZE_BYTES], text[RIGHT_BYTES];

	text_size(bytes, size);
	snprintf(text, sizeof(text), "%-8s  %s", size, what);
	print_fact(l, label, text);
}

static void print_boxed(const struct stats_look *l)
{
	const struct stats_sum *s = &l->s.all;
	char size[TEXT_SIZE_BYTES], text[RIGHT_BYTES];

	text_size(s->boxed_wire, size);
	snprintf(text, sizeof(text), "%-8s  %llu private messages, %u %% of "
		 "all", size, (unsigned long long)s->boxed,
		 stats_percent(s->boxed, s->messages));
	print_fact(l, "boxed", text);
}

static void print_rates(const struct stats_look *l)
{
	char text[RIGHT_BYTES];

	snprintf(text, sizeof(text), "%.1f  in the last week %.1f, in the "
		 "last month %.1f", stats_rate(&l->s, UINT64_MAX),
		 stats_rate(&l->s, 7), stats_rate(&l->s, 30));
	print_fact(l, "a day", text);
}

static void print_latency(const struct stats_look *l)
{
	const struct quantiles *q = &l->s.late;
	char a[STATS_SPAN_BYTES], b[STATS_SPAN_BYTES], c[STATS_SPAN_BYTES];
	char text[256];

	if (!q->count)
		return;
	snprintf(text, sizeof(text), "half in %s, 90 %% in %s, 99 %% in %s",
		 stats_span(quantiles_get(q, 0.5), a),
		 stats_span(quantiles_get(q, 0.9), b),
		 stats_span(quantiles_get(q, 0.99), c));
	print_fact(l, "came", text);
	if (!l->s.ahead)
		return;
	snprintf(text, sizeof(text), "%llu claim to be written later than "
		 "they came", (unsigned long long)l->s.ahead);
	print_fact(l, "", text);
}

static void print_sums(const struct stats_look *l)
{
	const struct stats_sum *s = &l->s.all;
	char messages[TEXT_COUNT_BYTES], feeds[TEXT_COUNT_BYTES];
	char dates[STATS_DATES_BYTES], text[256];

	snprintf(text, sizeof(text), "%s of %s, written %s",
		 text_count(s->messages, "message", messages),
		 text_count(l->s.by[STATS_AUTHOR].count, "feed", feeds),
		 stats_dates(&l->s, dates));
	puts(text);
	print_bytes(l, "wire", s->wire, "as sent");
	print_bytes(l, "canonical", s->canonical, "as signed");
	print_bytes(l, "stored", s->stored, "in the log, before its indexes");
	print_boxed(l);
	print_rates(l);
	print_latency(l);
}

/* --- refusals ------------------------------------------------------------- */

static uint64_t number(struct kith_slice object, const char *name)
{
	uint64_t n;

	return json_uint(json_get(object, name), &n) ? n : 0;
}

static void print_reason(const struct stats_look *l, struct kith_slice reason)
{
	struct kith_slice why = json_plain(json_get(reason, "problem"));
	struct kith_slice state = json_plain(json_get(reason, "state"));
	char text[256];

	snprintf(text, sizeof(text), "%8llu  %.*s: %.*s",
		 (unsigned long long)number(reason, "messages"), (int)state.n,
		 (const char *)state.p, (int)why.n, (const char *)why.p);
	print_fact(l, "", text);
}

static void print_refusals(const struct stats_look *l)
{
	struct kith_slice said = kith_bytes(&l->refusals), reason;
	size_t at = 0;
	char text[TEXT_COUNT_BYTES + 64], count[TEXT_COUNT_BYTES];

	if (!said.n)
		return;
	snprintf(text, sizeof(text), "%s, since kithd was started",
		 text_count(number(said, "count"), "message", count));
	print_fact(l, "refused", text);
	for (int i = 0; i < REASONS_SHOWN &&
			json_next_element(json_get(said, "reasons"), &at,
					  &reason); i++)
		print_reason(l, reason);
}

/* --- charts --------------------------------------------------------------- */

static void put_right(const struct stats_look *l, const struct stats_sum *s,
		      char out[static RIGHT_BYTES])
{
	char size[TEXT_SIZE_BYTES];

	text_size(s->wire, size);
	snprintf(out, RIGHT_BYTES, "%9llu  %3u %%  %8s",
		 (unsigned long long)s->messages,
		 stats_percent(s->messages, l->s.all.messages), size);
}

static int print_chart(struct stats_look *l, enum stats_by by)
{
	const struct stats_table *t = &l->s.by[by];
	struct kith_buf label = { .limit = LINE_BYTES_MAX };
	size_t *order = stats_order(&l->s, by), n;
	char right[RIGHT_BYTES], head[RIGHT_BYTES];
	struct chart c;

	if (!order)
		return tool_fail(EXIT_FAILED, "out of memory");
	n = stats_top(&l->s, by, order, l->top);
	chart_start(&c, &l->r->page, stats_most(t));
	snprintf(head, sizeof(head), "by %s", stats_by_names[by]);
	chart_head(&c, head, " messages             size");
	for (size_t i = 0; i < n; i++) {
		const struct stats_row *row = &t->rows[order[i]];

		kith_buf_reset(&label);
		stats_put_label(l, by, row, &label);
		put_right(l, &row->sum, right);
		chart_row(&c, kith_bytes(&label), row->sum.messages, right);
	}
	if (n < t->count)
		printf("and %zu more: --by %s lists all\n", t->count - n,
		       stats_by_names[by]);
	kith_buf_free(&label);
	free(order);
	return EXIT_DONE;
}

/* All days on one line, however many: a column each, or for as many as
 * needed. */
static void print_time(struct stats_look *l)
{
	const struct stats_table *t = &l->s.by[STATS_DAY];
	uint64_t columns[COLUMNS_OF_TIME] = { 0 }, first, last, per;
	struct kith_buf line = { .limit = LINE_BYTES_MAX };
	char from[STATS_DAY_BYTES], to[STATS_DAY_BYTES];

	if (!stats_days(&l->s, &first, &last) || first == last)
		return;
	per = (last - first) / COLUMNS_OF_TIME + 1;
	for (size_t i = 0; i < t->count; i++)
		if (t->rows[i].key != STATS_NO_DAY)
			columns[(t->rows[i].key - first) / per] +=
				t->rows[i].sum.messages;
	stats_put_day(first, from);
	stats_put_day(last, to);
	kith_buf_text(&line, from);
	kith_buf_text(&line, "  ");
	style_begin(&line, STYLE_CODE);
	bars_put_line(&line, bars_style(), columns,
		      (size_t)((last - first) / per + 1));
	style_end(&line, STYLE_CODE);
	kith_buf_text(&line, "  ");
	kith_buf_text(&line, to);
	putchar('\n');
	page_print_line(&l->r->page, kith_bytes(&line), l->r->page.columns);
	kith_buf_free(&line);
}

int stats_print(struct stats_look *l)
{
	static const enum stats_by on_page[] = { STATS_TYPE, STATS_AUTHOR,
						 STATS_SIZE };
	enum { CHARTS = sizeof(on_page) / sizeof(*on_page) };
	int code = EXIT_DONE;

	if (!l->s.all.messages) {
		reading_nothing(l->r, "there are no messages to count");
		return EXIT_DONE;
	}
	if (l->by != STATS_BYS)
		return print_chart(l, l->by);
	print_sums(l);
	print_refusals(l);
	print_time(l);
	for (size_t i = 0; !code && i < CHARTS; i++) {
		if (on_page[i] == STATS_SIZE)
			l->top = UINT64_MAX;
		putchar('\n');
		code = print_chart(l, on_page[i]);
	}
	return code;
}
