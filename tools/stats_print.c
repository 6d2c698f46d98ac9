/* kith stats for a person. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#include "feeds/json.h"
#include "tools/chart.h"
#include "tools/stats.h"
#include "tools/text.h"

enum { LINE_BYTES_MAX = 8192, RIGHT_BYTES = 96, LABEL_COLUMNS = 12,
       SPAN_BYTES = 48, REASONS_SHOWN = 12, COLUMNS_OF_TIME = 56 };

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

static unsigned percent(uint64_t part, uint64_t whole)
{
	return whole ? (unsigned)(100.0 * (double)part / (double)whole + 0.5)
		     : 0;
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
		 percent(s->boxed, s->messages));
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

/* "3 hours": one number, as far as it matters. */
static const char *span(uint64_t ms, char out[static SPAN_BYTES])
{
	static const struct {
		double ms;
		const char *name;
	} units[] = { { 86400e3, "day" }, { 3600e3, "hour" },
		      { 60e3, "minute" }, { 1e3, "second" } };

	for (size_t i = 0; i < sizeof(units) / sizeof(*units); i++) {
		double n = (double)ms / units[i].ms;

		if (n < 1.95)
			continue;
		snprintf(out, SPAN_BYTES, n < 9.95 ? "%.1f %ss" : "%.0f %ss",
			 n, units[i].name);
		return out;
	}
	snprintf(out, SPAN_BYTES, "%llu ms", (unsigned long long)ms);
	return out;
}

static void print_latency(const struct stats_look *l)
{
	const struct quantiles *q = &l->s.late;
	char a[SPAN_BYTES], b[SPAN_BYTES], c[SPAN_BYTES], text[256];

	if (!q->count)
		return;
	snprintf(text, sizeof(text), "half in %s, 9 of 10 in %s, 99 of 100 "
		 "in %s",
		 span(quantiles_get(q, 0.5), a),
		 span(quantiles_get(q, 0.9), b),
		 span(quantiles_get(q, 0.99), c));
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
	char first[TEXT_TIME_BYTES], last[TEXT_TIME_BYTES], text[256];

	text_time(s->first_ms, first);
	text_time(s->last_ms, last);
	snprintf(text, sizeof(text), "%s of %s, written from %.10s to %.10s",
		 text_count(s->messages, "message", messages),
		 text_count(l->s.by[STATS_AUTHOR].count, "feed", feeds), first,
		 last);
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
		 percent(s->messages, l->s.all.messages), size);
}

static uint64_t most_of(const struct stats_table *t)
{
	uint64_t most = 0;

	for (size_t i = 0; i < t->count; i++)
		if (t->rows[i].sum.messages > most)
			most = t->rows[i].sum.messages;
	return most;
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
	chart_start(&c, &l->r->page, most_of(t));
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

static void span_days(const struct stats_table *t, uint64_t *first,
		      uint64_t *last)
{
	*first = UINT64_MAX;
	*last = 0;
	for (size_t i = 0; i < t->count; i++) {
		if (t->rows[i].key == STATS_NO_DAY)
			continue;
		*first = t->rows[i].key < *first ? t->rows[i].key : *first;
		*last = t->rows[i].key > *last ? t->rows[i].key : *last;
	}
}

/* All days on one line, however many: a column each, or for as many as
 * needed. */
static void print_time(struct stats_look *l)
{
	const struct stats_table *t = &l->s.by[STATS_DAY];
	uint64_t columns[COLUMNS_OF_TIME] = { 0 }, first, last, per;
	struct kith_buf line = { .limit = LINE_BYTES_MAX };
	char from[STATS_DAY_BYTES], to[STATS_DAY_BYTES];

	span_days(t, &first, &last);
	if (first >= last)
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
	style_begin(&line, STYLE_LINK);
	bars_put_line(&line, bars_style(), columns,
		      (size_t)((last - first) / per + 1));
	style_end(&line, STYLE_LINK);
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
