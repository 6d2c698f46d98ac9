/* kith stats: what the messages here are, by author, type, day, size, format
 * and who brought them. */
#include "tools/count/stats.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#include "src/store/local.h"
#include "src/views/search.h"
#include "tools/count/commands.h"
#include "tools/text/text.h"

enum { TOP_ON_PAGE = 8, REFUSALS_BYTES_MAX = 1 << 20, DAY_MS = 86400000,
       LABEL_BYTES = 64 };

const char *const stats_by_names[STATS_BYS] = {
	[STATS_AUTHOR] = "author", [STATS_TYPE] = "type",
	[STATS_DAY] = "day",	   [STATS_SIZE] = "size",
	[STATS_FORMAT] = "format", [STATS_PEER] = "peer",
};

/* --- order ---------------------------------------------------------------- */

static bool is_in_order_of_keys(enum stats_by by)
{
	return by == STATS_DAY || by == STATS_SIZE;
}

/* Texts tell types apart, whatever order they were met in. */
static int compare_keys(const struct stats *s, enum stats_by by,
			const struct stats_row *a, const struct stats_row *b)
{
	if (by == STATS_TYPE && a->key < s->type_count &&
	    b->key < s->type_count) {
		const struct stats_type *x = &s->types[a->key];
		const struct stats_type *y = &s->types[b->key];

		return strcmp(x->boxed ? x->boxed : x->text,
			      y->boxed ? y->boxed : y->text);
	}
	return (a->key > b->key) - (a->key < b->key);
}

static bool comes_before(const struct stats *s, enum stats_by by, size_t a,
			 size_t b)
{
	const struct stats_row *x = &s->by[by].rows[a];
	const struct stats_row *y = &s->by[by].rows[b];

	if (!is_in_order_of_keys(by) && x->sum.messages != y->sum.messages)
		return x->sum.messages > y->sum.messages;
	return compare_keys(s, by, x, y) < 0;
}

static void sift(const struct stats *s, enum stats_by by, size_t *heap,
		 size_t at, size_t n)
{
	for (size_t child; (child = 2 * at + 1) < n; at = child) {
		size_t moved = heap[at];

		if (child + 1 < n &&
		    comes_before(s, by, heap[child], heap[child + 1]))
			child++;
		if (!comes_before(s, by, moved, heap[child]))
			return;
		heap[at] = heap[child];
		heap[child] = moved;
	}
}

size_t *stats_order(const struct stats *s, enum stats_by by)
{
	size_t n = s->by[by].count;
	size_t *order = calloc(n + 1, sizeof(*order));

	for (size_t i = 0; order && i < n; i++)
		order[i] = i;
	for (size_t i = n / 2; order && i-- > 0;)
		sift(s, by, order, i, n);
	for (size_t i = n; order && i-- > 1;) {
		size_t last = order[0];

		order[0] = order[i];
		order[i] = last;
		sift(s, by, order, 0, i);
	}
	return order;
}

static int compare_down(const void *a, const void *b)
{
	uint64_t x = *(const uint64_t *)a, y = *(const uint64_t *)b;

	return (x < y) - (x > y);
}

/* Of rows in another order, those with the most messages stay; of as many, the
 * first. */
static size_t keep_heaviest(const struct stats_table *t, size_t *order,
			    uint64_t *counts, size_t n)
{
	size_t kept = 0, ties = n;

	for (size_t i = 0; i < t->count; i++)
		counts[i] = t->rows[i].sum.messages;
	qsort(counts, t->count, sizeof(*counts), compare_down);
	for (size_t i = 0; i < n; i++)
		ties -= counts[i] > counts[n - 1];
	for (size_t i = 0; i < t->count; i++) {
		uint64_t m = t->rows[order[i]].sum.messages;

		if (m > counts[n - 1] || (m == counts[n - 1] && ties)) {
			ties -= m == counts[n - 1];
			order[kept++] = order[i];
		}
	}
	return kept;
}

size_t stats_top(const struct stats *s, enum stats_by by, size_t *order,
		 uint64_t n)
{
	const struct stats_table *t = &s->by[by];
	uint64_t *counts;
	size_t kept = t->count;

	if (!n || n >= t->count)
		return n ? t->count : 0;
	if (!is_in_order_of_keys(by))
		return (size_t)n;
	counts = calloc(t->count, sizeof(*counts));
	if (counts)
		kept = keep_heaviest(t, order, counts, (size_t)n);
	free(counts);
	return kept;
}

/* --- labels --------------------------------------------------------------- */

/* The date of a day since 1970 in our calendar. */
void stats_put_day(uint64_t key, char out[static STATS_DAY_BYTES])
{
	uint64_t day = key + 719468, era, of_era, year, of_year, month;

	if (key == STATS_NO_DAY) {
		snprintf(out, STATS_DAY_BYTES, "-");
		return;
	}
	era = day / 146097;
	of_era = day % 146097;
	year = (of_era - of_era / 1460 + of_era / 36524 - of_era / 146096) /
	       365;
	of_year = of_era - (365 * year + year / 4 - year / 100);
	month = (5 * of_year + 2) / 153;
	year += era * 400 + (month >= 10);
	snprintf(out, STATS_DAY_BYTES, "%04u-%02u-%02u",
		 (unsigned)(year % 10000),
		 (unsigned)(month < 10 ? month + 3 : month - 9),
		 (unsigned)(of_year - (153 * month + 2) / 5 + 1));
}

static void put_feed(struct stats_look *l, const struct kith_feed_id *feed,
		     struct kith_buf *out)
{
	struct kith_buf name = { .limit = NAME_BYTES_MAX };

	if (name_of_feed(l->r->txn, &l->r->viewer, feed, &name))
		text_put(out, kith_bytes(&name));
	else
		person_put_short(out, feed);
	kith_buf_free(&name);
}

static void put_author(struct stats_look *l, uint64_t key,
		       struct kith_buf *out)
{
	struct feed_row feed;

	if (feed_by_number(l->r->txn, (uint32_t)key, &feed))
		put_feed(l, &feed.id, out);
	else
		kith_buf_text(out, "-");
}

static void put_peer(struct stats_look *l, uint64_t key, struct kith_buf *out)
{
	struct kith_feed_id peer;

	if (!key)
		kith_buf_text(out, "(here)");
	else if (key != PEER_UNKNOWN &&
		 peer_by_number(l->r->txn, (uint32_t)key, &peer))
		put_feed(l, &peer, out);
	else
		kith_buf_text(out, "(unknown)");
}

static void put_type(const struct stats *s, uint64_t key, struct kith_buf *out)
{
	const struct stats_type *t;

	if (key >= s->type_count) {
		kith_buf_text(out, "(other types)");
		return;
	}
	t = &s->types[key];
	if (t->boxed) {
		kith_buf_text(out, "(boxed, ");
		kith_buf_text(out, t->boxed);
		kith_buf_byte(out, ')');
	} else if (*t->text) {
		text_put(out, kith_text(t->text));
	} else {
		kith_buf_text(out, "(no type)");
	}
}

static const char *format_name(uint64_t key)
{
	static const char *const names[] = { "none", "classic",
					     "bendybutt-v1", "gabbygrove-v1",
					     "buttwoo-v1", "indexed-v1" };

	return key < sizeof(names) / sizeof(*names) ? names[key] : "unknown";
}

void stats_put_label(struct stats_look *l, enum stats_by by,
		     const struct stats_row *row, struct kith_buf *out)
{
	char text[LABEL_BYTES], day[STATS_DAY_BYTES];

	switch (by) {
	case STATS_AUTHOR:
		put_author(l, row->key, out);
		return;
	case STATS_PEER:
		put_peer(l, row->key, out);
		return;
	case STATS_TYPE:
		put_type(&l->s, row->key, out);
		return;
	case STATS_DAY:
		stats_put_day(row->key, day);
		kith_buf_text(out, day);
		return;
	case STATS_SIZE:
		snprintf(text, sizeof(text), "%u to %u units",
			 (unsigned)(row->key * STATS_UNITS_STEP),
			 (unsigned)((row->key + 1) * STATS_UNITS_STEP - 1));
		kith_buf_text(out, text);
		return;
	default:
		kith_buf_text(out, format_name(row->key));
	}
}

/* --- the command ---------------------------------------------------------- */

static int read_by(const struct tool *t, enum stats_by *out)
{
	const char *text = tool_option(t, 'b');
	int by = 0;

	while (text && by < STATS_BYS && strcmp(stats_by_names[by], text) != 0)
		by++;
	if (text && by == STATS_BYS)
		return tool_fail(EXIT_MISUSED, "--by is author, type, day, "
				 "size, format or peer, not \"%s\"", text);
	*out = text ? (enum stats_by)by : STATS_BYS;
	return EXIT_DONE;
}

static int read_time(const struct tool *t, int letter, double *out)
{
	const char *text = tool_option(t, letter);
	uint64_t ms;

	if (!text)
		return EXIT_DONE;
	if (!search_time(kith_text(text), &ms))
		return tool_fail(EXIT_MISUSED, "--%s takes a day as "
				 "2026-11-21, a month, a year or a minute, "
				 "not \"%s\"", letter == 'S' ? "since"
							     : "until", text);
	*out = (double)ms;
	return EXIT_DONE;
}

/* What kithd says, where it runs. */
static void ask_kithd(struct stats_look *l)
{
	struct kith_slice reply;
	struct client *c;

	l->refusals.limit = REFUSALS_BYTES_MAX;
	if (!l->r->tool->home || tool_dial(l->r->tool, &c, NULL))
		return;
	if (!client_call(c, "kith.refusals", KITH_SLICE("[{\"gt\":"
			 "9007199254740991}]"), &reply, NULL))
		kith_buf_put(&l->refusals, reply);
	client_close(c);
}

/* Holds no transaction of the reading meanwhile, which would keep room that a
 * writer could use again. */
static int count(struct stats_look *l)
{
	struct tool *t = l->r->tool;
	struct kith_feed_id self = l->r->viewer.self;
	struct stats_range range = {
		.self = l->r->viewer.known ? &self : NULL,
		.keys = tool_option(t, 'p') ? t->keys : NULL,
	};
	enum kith_err err;
	int code = read_time(t, 'S', &range.since_ms);

	if (!code)
		code = read_time(t, 'U', &range.until_ms);
	if (code)
		return code;
	err = stats_count(&l->s, t->store, &range);
	if (err == KITH_EIO)
		return tool_damaged(err);
	return err ? tool_fail(EXIT_FAILED, "%s", kith_strerror(err))
		   : EXIT_DONE;
}

static int run(struct stats_look *l)
{
	struct tool *t = l->r->tool;
	int code = read_by(t, &l->by);

	if (!code && !tool_number(t, 'n', l->by == STATS_BYS ? TOP_ON_PAGE
							     : UINT64_MAX,
				  &l->top))
		code = EXIT_MISUSED;
	reading_pause(l->r);
	if (!code)
		code = count(l);
	if (!code && l->by == STATS_BYS)
		ask_kithd(l);
	if (!code)
		code = reading_resume(l->r);
	if (code)
		return code;
	if (tool_option(t, 's'))
		return stats_svg(l);
	return t->json ? stats_records(l) : stats_print(l);
}

int command_stats(struct tool *t, int argc, char **argv)
{
	struct stats_look *l = calloc(1, sizeof(*l));
	struct reading r;
	int code;

	(void)argc;
	(void)argv;
	if (!l)
		return tool_fail(EXIT_FAILED, "out of memory");
	if (tool_option(t, 's') && t->json) {
		free(l);
		return tool_fail(EXIT_MISUSED, "--svg is a picture, --json "
				 "are records: one of them");
	}
	l->r = &r;
	code = tool_option(t, 'p')
		       ? reading_begin_private(&r, t, tool_option(t, 's'))
		       : reading_begin(&r, t, tool_option(t, 's'));
	if (!code)
		code = run(l);
	stats_clear(&l->s);
	kith_buf_free(&l->refusals);
	free(l);
	return reading_end(&r, code);
}
