/* Which channels there are. */
#include "src/views/channels.h"

#include <stdlib.h>

#include "feeds/list.h"
#include "tools/print/reading.h"
#include "tools/print/record.h"
#include "tools/print/when.h"
#include "tools/read/commands.h"
#include "tools/text/text.h"

enum { LIMIT_DEFAULT = 50, NAME_COLUMNS = 32, LINE_BYTES_MAX = 4096,
       COUNT_COLUMNS = 6 };

struct rows_read {
	struct channel_row *at; /* owned */
	size_t n, room;
};

static bool add(struct rows_read *l, const struct channel_row *row)
{
	struct channel_row *more = list_room(l->at, l->n, &l->room,
					     sizeof(*more));

	if (!more)
		return false;
	l->at = more;
	l->at[l->n++] = *row;
	return true;
}

/* Ours first, then by the newest message. */
static int compare(const void *a, const void *b)
{
	const struct channel_row *x = a, *y = b;

	if (x->subscribed != y->subscribed)
		return x->subscribed ? -1 : 1;
	return posting_compare(&y->newest, &x->newest);
}

static void pad(struct kith_buf *line, size_t from, size_t columns)
{
	struct kith_slice s = { line->p + from, line->n - from };

	for (size_t n = wrap_width(s); n < columns; n++)
		kith_buf_byte(line, ' ');
}

static void print_row(struct reading *r, const struct channel_row *c)
{
	struct kith_buf line = { .limit = LINE_BYTES_MAX };
	char count[TEXT_COUNT_BYTES], when[WHEN_BYTES] = "-";

	style_begin(&line, STYLE_NAME);
	kith_buf_byte(&line, '#');
	text_put_cut(&line, channel_name(c), NAME_COLUMNS - 2, false);
	style_end(&line, STYLE_NAME);
	pad(&line, 0, NAME_COLUMNS);
	if (c->messages)
		when_put(r->page.now_ms, (double)c->newest.time_ms, when);
	text_count(c->messages, "message", count);
	for (size_t n = strspn(count, "0123456789"); n < COUNT_COLUMNS; n++)
		kith_buf_byte(&line, ' ');
	kith_buf_text(&line, count);
	kith_buf_text(&line, c->messages == 1 ? "   " : "  ");
	style_text(&line, STYLE_FAINT, when);
	if (c->subscribed)
		style_text(&line, STYLE_FAINT, "  subscribed");
	page_print_line(&r->page, kith_bytes(&line), r->page.columns);
	kith_buf_free(&line);
}

static void record_row(const struct channel_row *c)
{
	struct record to;

	record_begin(&to);
	record_string(&to, "channel", channel_name(c));
	record_uint(&to, "messages", c->messages);
	if (c->messages)
		record_uint(&to, "newest", c->newest.time_ms);
	record_bool(&to, "subscribed", c->subscribed);
	record_uint(&to, "followed", c->followed);
	record_end(&to);
}

static int print_all(struct reading *r, uint64_t limit)
{
	struct rows_read l = { 0 };
	struct channel_row row;
	struct channels c;
	bool ok = true;

	channels_start(&c, r->txn, &r->viewer);
	while (ok && channels_next(&c, &row))
		ok = add(&l, &row);
	if (ok && l.n)
		qsort(l.at, l.n, sizeof(*l.at), compare);
	for (size_t i = 0; ok && i < l.n && i < limit; i++)
		if (r->page.json)
			record_row(&l.at[i]);
		else
			print_row(r, &l.at[i]);
	if (ok && !l.n)
		reading_nothing(r, "no channels yet: a #word in a post makes "
				"one");
	free(l.at);
	return ok ? EXIT_DONE : tool_fail(EXIT_FAILED, "out of memory");
}

int command_channels(struct tool *t, int argc, char **argv)
{
	struct reading r;
	uint64_t limit;
	int code;

	(void)argc;
	(void)argv;
	if (!reading_limit(t, LIMIT_DEFAULT, &limit))
		return EXIT_MISUSED;
	code = reading_begin(&r, t, false);
	if (!code)
		code = print_all(&r, limit);
	return reading_end(&r, code);
}
