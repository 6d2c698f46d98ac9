/* One line an event; and the same as a sequence diagram. */
#include "tools/wire/dissect.h"

#include <stdio.h>

#include "tools/text/text.h"

enum { WORDS = 160, ELSEWHERE_COLUMNS = 4096, /* of a pipe: not cut */
       DIAGRAM_COLUMNS_MAX = 120, TIME_COLUMNS = 12 };

int dissect_begin(struct dissection *d)
{
	(void)d;
	return EXIT_DONE;
}

bool dissect_is_alert(const struct heard *h)
{
	if (h->what == HEARD_FAILED || h->what == HEARD_GAP ||
	    h->what == HEARD_LOST)
		return true;
	return h->event && (h->event->what == DISSECT_ERROR ||
			    h->event->what == DISSECT_BROKEN);
}

void dissect_print_line(struct dissection *d, bool alert)
{
	struct kith_buf line = { .limit = d->line.limit };
	size_t columns = d->page.terminal ? d->page.columns
					  : ELSEWHERE_COLUMNS;

	if (alert)
		style_begin(&line, STYLE_ALERT);
	kith_buf_put(&line, kith_bytes(&d->line));
	if (alert)
		style_end(&line, STYLE_ALERT);
	page_print_line(&d->page, kith_bytes(&line), columns);
	kith_buf_free(&line);
	kith_buf_reset(&d->line);
}

static const char *arrow(const struct heard *h)
{
	if (!h->conn || h->what == HEARD_KEYS)
		return " ";
	return h->dir == DISSECT_OUT ? "→" : "←";
}

static void show_line(struct dissection *d, const struct heard *h)
{
	char time[DISSECT_TIME_BYTES], head[96];

	dissect_time(d, h->time_us, time);
	if (h->conn)
		snprintf(head, sizeof(head), "%6llu %12s %3lu %s %-4s ",
			 (unsigned long long)h->number, time,
			 (unsigned long)h->conn->number, arrow(h),
			 dissect_layer(h));
	else
		snprintf(head, sizeof(head), "%6llu %12s   - %s %-4s ",
			 (unsigned long long)h->number, time, arrow(h),
			 dissect_layer(h));
	kith_buf_text(&d->line, head);
	dissect_put_words(d, h, WORDS, &d->line);
	dissect_print_line(d, dissect_is_alert(h));
}

const struct dissect_view dissect_list = { .begin = dissect_begin,
					   .show = show_line };

/* --- the diagram ---------------------------------------------------------- */

static void repeat(struct kith_buf *out, const char *what, size_t n)
{
	while (n--)
		kith_buf_text(out, what);
}

/* Columns between the two bars. */
static size_t between(const struct dissection *d)
{
	size_t n = d->page.columns;

	if (n > DIAGRAM_COLUMNS_MAX)
		n = DIAGRAM_COLUMNS_MAX;
	return n - TIME_COLUMNS - 9;
}

/* ── words ─────▶, or ◀── words ───── */
static void put_arrow(struct dissection *d, const struct heard *h,
		      struct kith_slice words, size_t room)
{
	bool out = h->dir == DISSECT_OUT;
	size_t width = text_width(words);
	size_t rest = room > width + 5 ? room - width - 5 : 0;

	kith_buf_text(&d->line, out ? "── " : "◀─ ");
	kith_buf_put(&d->line, words);
	kith_buf_byte(&d->line, ' ');
	repeat(&d->line, "─", rest);
	kith_buf_text(&d->line, out ? "▶" : "─");
}

static void put_between(struct dissection *d, const struct heard *h,
			struct kith_slice words, size_t room)
{
	size_t width = text_width(words);

	if (h->event) {
		put_arrow(d, h, words, room);
		return;
	}
	kith_buf_byte(&d->line, ' ');
	kith_buf_put(&d->line, words);
	repeat(&d->line, " ", room > width + 1 ? room - width - 1 : 0);
}

static void show_arrow(struct dissection *d, const struct heard *h)
{
	struct kith_buf words = { .limit = d->line.limit };
	struct kith_buf cut = { .limit = d->line.limit };
	size_t room = between(d);
	char time[DISSECT_TIME_BYTES], head[64];

	dissect_time(d, h->time_us, time);
	snprintf(head, sizeof(head), "%*s %3lu │", TIME_COLUMNS, time,
		 h->conn ? (unsigned long)h->conn->number : 0);
	dissect_put_words(d, h, room, &words);
	text_put_cut(&cut, kith_bytes(&words), room - 5, false);
	kith_buf_text(&d->line, head);
	put_between(d, h, kith_bytes(&cut), room);
	kith_buf_text(&d->line, "│");
	dissect_print_line(d, dissect_is_alert(h));
	kith_buf_free(&words);
	kith_buf_free(&cut);
}

static int begin_diagram(struct dissection *d)
{
	size_t room = between(d);

	if (room < 20)
		return EXIT_DONE;
	repeat(&d->line, " ", TIME_COLUMNS + 3);
	kith_buf_text(&d->line, "here");
	repeat(&d->line, " ", room - 4);
	kith_buf_text(&d->line, "there");
	dissect_print_line(d, false);
	return EXIT_DONE;
}

const struct dissect_view dissect_flow = { .letter = 'F',
					   .begin = begin_diagram,
					   .show = show_arrow };
