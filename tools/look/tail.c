/* kith tail: what comes in, as it comes; or what is refused, and why. */
#include <stdio.h>

#include "feeds/json.h"
#include "tools/look/commands.h"
#include "tools/look/listing.h"
#include "tools/text/text.h"

enum { BEFORE = 10, WHY_COLUMNS_MIN = 24, VERDICT_COLUMNS = 8,
       WAIT_FOR_EVER = -1 };

/* --- what was refused ----------------------------------------------------- */

static bool wants(const struct selection *of, struct kith_slice item)
{
	struct kith_feed_id feed;

	if (of->kind == SELECT_ALL)
		return true;
	return !kith_feed_parse(json_plain(json_get(item, "feed")), &feed) &&
	       kith_feed_equal(&feed, &of->feed.id);
}

static void record_id(struct record *r, const char *name,
		      struct kith_slice value)
{
	struct kith_feed_id id;

	if (!kith_feed_parse(json_plain(value), &id))
		record_feed(r, name, &id);
}

static void record_refusal(const struct listing *l, struct kith_slice item)
{
	uint64_t seq, missed;
	struct record r;

	list_record(&l->list, &r);
	if (json_uint(json_get(item, "missed"), &missed)) {
		record_uint(&r, "missed", missed);
		record_end(&r);
		return;
	}
	record_id(&r, "feed", json_get(item, "feed"));
	if (json_uint(json_get(item, "seq"), &seq) && seq)
		record_uint(&r, "seq", seq);
	record_json(&r, "received", json_get(item, "at"));
	record_id(&r, "peer", json_get(item, "peer"));
	record_json(&r, "state", json_get(item, "state"));
	record_json(&r, "problem", json_get(item, "problem"));
	record_end(&r);
}

static void put_id(const struct listing *l, struct kith_slice value,
		   const char *unknown, char out[static KITH_REF_TEXT_BYTES])
{
	struct kith_feed_id id;

	if (kith_feed_parse(json_plain(value), &id))
		snprintf(out, KITH_REF_TEXT_BYTES, "%s", unknown);
	else
		ids_feed(l->list.ids, &id, out);
}

static void print_missed(uint64_t n)
{
	char text[TEXT_COUNT_BYTES];

	printf("(%s before are not kept)\n", text_count(n, "refusal", text));
}

static void print_refusal(const struct listing *l, struct kith_slice item)
{
	char feed[KITH_REF_TEXT_BYTES], peer[KITH_REF_TEXT_BYTES];
	struct kith_buf why = { .limit = 1 << 12 };
	char when[TEXT_TIME_BYTES], verdict[16];
	uint64_t seq = 0, missed;
	double ms = 0;
	size_t taken;

	if (json_uint(json_get(item, "missed"), &missed)) {
		print_missed(missed);
		return;
	}
	if (!json_number(json_get(item, "at"), &ms) ||
	    !json_unescape(json_get(item, "problem"), &why)) {
		kith_buf_free(&why);
		return;
	}
	if (!json_uint(json_get(item, "seq"), &seq))
		seq = 0; /* it could not be read */
	text_time(ms, when);
	put_id(l, json_get(item, "feed"), "unknown", feed);
	put_id(l, json_get(item, "peer"), "no peer", peer);
	snprintf(verdict, sizeof(verdict), "%.*s",
		 (int)json_plain(json_get(item, "state")).n,
		 (const char *)json_plain(json_get(item, "state")).p);
	taken = (size_t)printf("%s  ", when);
	printf("%s:%llu  from %s  ", feed, (unsigned long long)seq, peer);
	taken += text_width(kith_text(feed)) + text_width(kith_text(peer)) + 30;
	text_print_cut(stdout, kith_text(verdict), VERDICT_COLUMNS, true);
	printf("  ");
	text_print_cut(stdout, kith_bytes(&why),
		       l->page.columns > taken + WHY_COLUMNS_MIN
			       ? l->page.columns - taken : WHY_COLUMNS_MIN,
		       false);
	putchar('\n');
	fflush(stdout);
	kith_buf_free(&why);
}

static int open_refusals(struct tool *t, bool ends)
{
	struct kith_error e = { 0 };
	int code = tool_open(t, NEEDS_DAEMON);
	enum kith_err err;

	if (code)
		return code;
	err = client_source(t->daemon, "kith.refused",
			    ends ? KITH_SLICE("[{}]")
				 : KITH_SLICE("[{\"live\":true}]"), &e);
	return err ? tool_explain(&e, err) : EXIT_DONE;
}

/* Those that kithd still knows, and those that come. */
static int tail_refused(struct listing *l, const struct selection *of,
			bool ends)
{
	struct tool *t = l->tool;
	struct kith_error e = { 0 };
	struct kith_slice item;
	enum kith_err err;
	int code = open_refusals(t, ends);

	if (code)
		return code;
	while (!(err = client_next(t->daemon, WAIT_FOR_EVER, &item, &e))) {
		if (!wants(of, item))
			continue;
		if (t->json)
			record_refusal(l, item);
		else
			print_refusal(l, item);
	}
	if (err == KITH_ENOENT && ends)
		return EXIT_DONE;
	return tool_fail(EXIT_FAILED, "kithd went away%s%s", *e.text ? ": " : "",
			 e.text);
}

/* --- the command ---------------------------------------------------------- */

/* Nothing of a feed need be here where all of it was refused. */
static int choose(const struct tool *t, const char *text,
		  struct selection *out)
{
	struct kith_feed_id feed;

	if (!tool_option(t, 'x') || kith_feed_parse(kith_text(text), &feed))
		return select_for(t, text, out);
	*out = (struct selection){ .kind = SELECT_FEED, .feed.id = feed };
	return EXIT_DONE;
}

int command_tail(struct tool *t, int argc, char **argv)
{
	struct selection of = select_all;
	bool ends = tool_option(t, 'e');
	struct listing l;
	int code = argc ? choose(t, argv[0], &of) : EXIT_DONE;

	if (!code && (of.kind == SELECT_MESSAGE || of.range))
		code = tool_fail(EXIT_MISUSED, "tail is of everything, or of a "
				 "feed, not of %s", argv[0]);
	if (code)
		return code;
	code = listing_begin(&l, t, BEFORE, true);
	l.show.by = of.kind == SELECT_ALL;
	if (!code && l.list.reverse)
		code = tool_fail(EXIT_MISUSED, "what comes in comes in its "
				 "order: it cannot be reversed");
	if (!code)
		code = tool_option(t, 'x') ? tail_refused(&l, &of, ends)
					   : listing_run(&l, &of, !ends);
	return listing_end(&l, code);
}
