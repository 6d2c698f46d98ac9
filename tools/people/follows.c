/* Whom a feed follows or blocks, and who does that to it. */
#include <stdio.h>
#include <stdlib.h>

#include "feeds/list.h"
#include "src/views/social.h"
#include "tools/people/commands.h"
#include "tools/print/reading.h"
#include "tools/print/record.h"
#include "tools/print/when.h"
#include "tools/text/text.h"

enum { NAME_COLUMNS = 30, BACK_COLUMNS = 12, LINE_BYTES_MAX = 1024 };

/* One at the other end of an edge. */
struct other {
	struct kith_feed_id feed;
	bool mutual;
	uint8_t fold[NAME_BYTES_MAX];
	size_t fold_bytes;
};

struct others {
	struct reading *r;
	struct kith_feed_id of;
	enum contact_edge edge;
	bool inwards; /* who says it of the feed */
	struct other *at; /* owned */
	size_t n, room;
};

static bool has_edge(struct txn *t, const struct kith_feed_id *from,
		     const struct kith_feed_id *to, enum contact_edge edge)
{
	struct contact c = { .from = *from, .to = *to };

	return contacts_get(t, &c) && c.edge == edge;
}

static bool add(struct others *l, const struct kith_feed_id *feed)
{
	struct other *more = list_room(l->at, l->n, &l->room, sizeof(*more));
	const char *name;

	if (!more)
		return false;
	l->at = more;
	more = &l->at[l->n++];
	more->feed = *feed;
	more->mutual = l->inwards ? has_edge(l->r->txn, &l->of, feed, l->edge)
				  : has_edge(l->r->txn, feed, &l->of, l->edge);
	name = person_name(&l->r->people, feed);
	more->fold_bytes = name_fold(kith_text(name), more->fold);
	return true;
}

static bool gather(struct others *l)
{
	struct contact c = { .from = l->of };
	struct kith_feed_id who;
	struct followers f;
	bool ok = true;

	if (l->inwards) {
		followers_start(&f, l->r->txn, &l->r->viewer, &l->of, l->edge);
		while (ok && followers_next(&f, &who))
			ok = add(l, &who);
		followers_end(&f);
		return ok;
	}
	while (ok && contacts_of(l->r->txn, &c))
		if (c.edge == l->edge && !kith_feed_equal(&c.to, &l->of))
			ok = add(l, &c.to);
	return ok;
}

/* By name; those without one last, by id. */
static int compare(const void *a, const void *b)
{
	const struct other *x = a, *y = b;
	size_t n = x->fold_bytes < y->fold_bytes ? x->fold_bytes
						 : y->fold_bytes;
	int order = n ? memcmp(x->fold, y->fold, n) : 0;

	if (!x->fold_bytes != !y->fold_bytes)
		return x->fold_bytes ? -1 : 1;
	if (!order && x->fold_bytes != y->fold_bytes)
		return x->fold_bytes < y->fold_bytes ? -1 : 1;
	return order ? order : memcmp(x->feed.b, y->feed.b, KITH_ID_BYTES);
}

static void pad(struct kith_buf *line, size_t columns)
{
	for (size_t n = wrap_width(kith_bytes(line)); n < columns; n++)
		kith_buf_byte(line, ' ');
}

static void print_row(struct others *l, const struct other *o)
{
	struct kith_buf line = { .limit = LINE_BYTES_MAX };
	struct kith_buf id = { .limit = LINE_BYTES_MAX };
	struct feed_row feed;
	char when[WHEN_BYTES];

	style_begin(&line, STYLE_NAME);
	text_put_cut(&line, kith_text(person_name(&l->r->people, &o->feed)),
		     NAME_COLUMNS, true);
	style_end(&line, STYLE_NAME);
	kith_buf_text(&line, "  ");
	style_text(&line, STYLE_FAINT, o->mutual ? "mutual" : "");
	pad(&line, NAME_COLUMNS + BACK_COLUMNS);
	if (feed_get(l->r->txn, &o->feed, &feed) && feed.last)
		when_put(l->r->page.now_ms, feed.last_claimed, when);
	else
		snprintf(when, sizeof(when), "nothing here yet");
	style_text(&line, STYLE_FAINT, when);
	style_begin(&id, STYLE_FAINT);
	person_put_short(&id, &o->feed);
	style_end(&id, STYLE_FAINT);
	page_print_sides(&l->r->page, kith_bytes(&line), kith_bytes(&id),
			 page_measure(&l->r->page));
	kith_buf_free(&line);
	kith_buf_free(&id);
}

static void record_row(struct others *l, const struct other *o)
{
	struct feed_row feed;
	struct record to;

	record_begin(&to);
	record_feed(&to, "feed", &o->feed);
	reading_record_name(l->r, &to, &o->feed);
	record_text(&to, "edge", l->edge == CONTACT_BLOCK ? "block"
							  : "follow");
	record_bool(&to, "mutual", o->mutual);
	if (feed_get(l->r->txn, &o->feed, &feed) && feed.last) {
		record_uint(&to, "seq", feed.last);
		record_number(&to, "ts", feed.last_claimed);
	}
	record_end(&to);
}

static void explain_nothing(struct others *l)
{
	bool own = l->r->viewer.known &&
		   kith_feed_equal(&l->of, &l->r->viewer.self);
	struct kith_buf name = { .limit = LINE_BYTES_MAX };

	person_put_short(&name, &l->of);
	kith_buf_byte(&name, 0);
	if (l->edge == CONTACT_BLOCK)
		reading_nothing(l->r, "nobody %s %s", l->inwards ?
				"is known to block" : "is blocked by",
				own ? "you" : (const char *)name.p);
	else if (l->inwards)
		reading_nothing(l->r, "nobody is known to follow %s", own ?
				"you: tell your friends the id that `kith id` "
				"prints" : (const char *)name.p);
	else if (own)
		reading_nothing(l->r, "nobody followed yet: kith follow FEED");
	else
		reading_nothing(l->r, "%s follows nobody that is known here",
				(const char *)name.p);
	kith_buf_free(&name);
}

static int print_all(struct others *l)
{
	if (!gather(l))
		return tool_fail(EXIT_FAILED, "out of memory");
	if (l->n)
		qsort(l->at, l->n, sizeof(*l->at), compare);
	for (size_t i = 0; i < l->n; i++)
		if (l->r->page.json)
			record_row(l, &l->at[i]);
		else
			print_row(l, &l->at[i]);
	if (!l->n)
		explain_nothing(l);
	return EXIT_DONE;
}

static int run(struct reading *r, const char *text)
{
	struct tool *t = r->tool;
	struct others l = {
		.r = r,
		.of = r->viewer.self,
		.edge = tool_option(t, 'b') ? CONTACT_BLOCK : CONTACT_FOLLOW,
		.inwards = tool_option(t, 'r'),
	};
	int code = EXIT_DONE;

	if (text)
		code = reading_select(r, text, &l.of);
	else if (!r->viewer.known)
		code = tool_lacks(t, "identity");
	if (!code)
		code = print_all(&l);
	free(l.at);
	return code;
}

int command_follows(struct tool *t, int argc, char **argv)
{
	struct reading r;
	int code = reading_begin(&r, t, false);

	if (!code)
		code = run(&r, argc ? argv[0] : NULL);
	return reading_end(&r, code);
}
