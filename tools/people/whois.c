/* Who is called so. */
#include "src/views/names.h"

#include <stdio.h>

#include "feeds/ref.h"
#include "src/views/social.h"
#include "tools/people/commands.h"
#include "tools/print/reading.h"
#include "tools/print/record.h"
#include "tools/text/text.h"

enum { NAME_COLUMNS = 28, FAR_COLUMNS = 12, LINE_BYTES_MAX = 1024,
       LIMIT_DEFAULT = 50, HOPS_MAX = 3, HOPS_BYTES = 24 };

/* How far away a feed is, in words. */
static const char *far(struct social *s, const struct kith_feed_id *feed,
		       char out[static HOPS_BYTES])
{
	int hops = s ? social_hops(s, feed) : GRAPH_HOPS_FAR;

	if (hops > 1) {
		snprintf(out, HOPS_BYTES, "%d hops away", hops);
		return out;
	}
	return hops == 0		     ? "you"
	       : hops == 1		     ? "you follow"
	       : hops == GRAPH_HOPS_BLOCKED ? "you block"
					    : "far away";
}

static void print_row(struct reading *r, struct social *s,
		      const struct kith_feed_id *feed, struct kith_slice name)
{
	struct kith_buf line = { .limit = LINE_BYTES_MAX };
	struct kith_buf id = { .limit = LINE_BYTES_MAX };
	char text[KITH_REF_TEXT_BYTES], hops[HOPS_BYTES];

	style_begin(&line, STYLE_NAME);
	text_put_cut(&line, name, NAME_COLUMNS, true);
	style_end(&line, STYLE_NAME);
	kith_buf_text(&line, "  ");
	style_begin(&line, STYLE_FAINT);
	text_put_cut(&line, kith_text(far(s, feed, hops)), FAR_COLUMNS, true);
	style_end(&line, STYLE_FAINT);
	kith_buf_text(&line, "  ");
	kith_feed_print(feed, text);
	/* The whole id where there is room. */
	if (wrap_width(kith_bytes(&line)) + strlen(text) > r->page.columns)
		person_put_short(&id, feed);
	else
		kith_buf_text(&id, text);
	kith_buf_put(&line, kith_bytes(&id));
	page_print_line(&r->page, kith_bytes(&line), r->page.columns);
	kith_buf_free(&line);
	kith_buf_free(&id);
}

static void record_row(struct social *s, const struct kith_feed_id *feed,
		       struct kith_slice name)
{
	struct record to;
	int hops = s ? social_hops(s, feed) : GRAPH_HOPS_FAR;

	record_begin(&to);
	record_feed(&to, "feed", feed);
	record_string(&to, "name", name);
	if (hops != GRAPH_HOPS_FAR)
		record_int(&to, "hops", hops);
	record_end(&to);
}

static void show(struct reading *r, struct social *s,
		 const struct kith_feed_id *feed, struct kith_slice name)
{
	if (r->page.json)
		record_row(s, feed, name);
	else
		print_row(r, s, feed, name);
}

/* Those whose name begins so; gives how many. */
static uint64_t walk(struct reading *r, struct social *s, const char *text,
		     uint64_t limit)
{
	struct kith_buf name = { .limit = NAME_BYTES_MAX };
	struct kith_feed_id feed, last = { 0 };
	struct names n;
	uint64_t shown = 0;

	names_start(&n, r->txn, &r->viewer, kith_text(text));
	while (shown < limit && names_next(&n, &feed, &name)) {
		if (kith_feed_equal(&feed, &last))
			continue;
		last = feed;
		show(r, s, &feed, kith_bytes(&name));
		shown++;
	}
	kith_buf_free(&name);
	return shown;
}

static int find(struct reading *r, const char *text, uint64_t limit)
{
	struct social *s = NULL;
	struct kith_feed_id id;
	uint64_t shown;

	if (r->viewer.known &&
	    social_open(&s, r->txn, &r->viewer.self, HOPS_MAX))
		return tool_fail(EXIT_FAILED, "out of memory");
	shown = walk(r, s, *text == '@' ? text + 1 : text, limit);
	if (!shown && !kith_feed_parse(kith_text(text), &id)) {
		show(r, s, &id, kith_text(person_name(&r->people, &id)));
		shown++;
	}
	social_close(s);
	if (shown)
		return EXIT_DONE;
	return tool_fail(EXIT_NOT_FOUND, "nobody here has a name that begins "
			 "with %s; `kith feeds` lists all feeds", text);
}

int command_whois(struct tool *t, int argc, char **argv)
{
	struct reading r;
	uint64_t limit;
	int code;

	(void)argc;
	if (!reading_limit(t, LIMIT_DEFAULT, &limit))
		return EXIT_MISUSED;
	code = reading_begin(&r, t, false);
	if (!code)
		code = find(&r, argv[0], limit);
	return reading_end(&r, code);
}
