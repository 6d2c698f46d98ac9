/*
 * kith diff --views: what falls out of the messages that two sources have, side
 * by side: who follows and blocks whom, and the names of feeds.
 *
 * Each is opened as --from opens it, one after the other: a store where it
 * lies, and of anything else one is made that is gone afterwards.
 */
#include "tools/look/diff.h"

#include <stdio.h>
#include <stdlib.h>

#include "feeds/list.h"
#include "feeds/ref.h"
#include "src/views/contacts.h"
#include "src/views/names.h"
#include "tools/print/record.h"
#include "tools/text/text.h"

/* One row of a view of one side: an edge, or a name. */
struct said {
	struct kith_feed_id feed;
	struct kith_feed_id of; /* of an edge; format NONE: it is a name */
	enum contact_edge edge;
	char *name;
};

struct folds {
	struct said *rows;
	size_t count, room;
};

/* --- gathering ------------------------------------------------------------ */

static bool add(struct folds *f, const struct said *row)
{
	struct said *more = list_room(f->rows, f->count, &f->room,
				      sizeof(*more));

	if (!more)
		return false;
	f->rows = more;
	f->rows[f->count++] = *row;
	return true;
}

static void folds_free(struct folds *f)
{
	for (size_t i = 0; i < f->count; i++)
		free(f->rows[i].name);
	free(f->rows);
}

static bool gather_contacts(struct folds *f, struct txn *t)
{
	struct contact c = { 0 };

	while (contacts_next(t, &c)) {
		const struct said row = { .feed = c.from, .of = c.to,
					  .edge = c.edge };

		if (!add(f, &row))
			return false;
	}
	return true;
}

/* The name that nobody in particular has for a feed. */
static bool gather_name(struct folds *f, struct txn *t, const struct viewer *v,
			const struct kith_feed_id *feed, struct kith_buf *name)
{
	struct said row = { .feed = *feed };

	kith_buf_reset(name);
	if (!name_of_feed(t, v, feed, name))
		return true;
	kith_buf_byte(name, '\0');
	row.name = name->err ? NULL : strdup((const char *)name->p);
	return row.name && add(f, &row);
}

/* A feed comes once for each name that it has. */
static bool gather_names(struct folds *f, struct txn *t, const struct viewer *v)
{
	struct kith_buf name = { .limit = NAME_BYTES_MAX + 1 };
	struct kith_feed_id feed;
	struct names n;
	bool room = true;

	names_start(&n, t, v, KITH_SLICE(""));
	while (room && names_next(&n, &feed, &name))
		room = gather_name(f, t, v, &feed, &name);
	kith_buf_free(&name);
	return room;
}

static int gather_in(struct folds *f, struct store *s)
{
	struct viewer v = { 0 };
	struct txn *t;
	bool all;

	if (store_read(s, &t))
		return tool_fail(EXIT_UNREADABLE, "the store cannot be read");
	all = !viewer_start(&v, t, NULL) && gather_contacts(f, t) &&
	      gather_names(f, t, &v);
	viewer_end(&v);
	if (txn_error(t))
		all = false;
	txn_end(t);
	return all ? EXIT_DONE : tool_fail(EXIT_FAILED, "the views cannot be "
					   "gathered: damage, or no memory");
}

/* By feed; its edges by whom they are to, and behind them its name. */
static int compare(const void *left, const void *right)
{
	const struct said *a = left, *b = right;
	int order = source_compare(&a->feed, &b->feed);

	return order ? order : source_compare(&a->of, &b->of);
}

static void settle(struct folds *f)
{
	size_t n = 0;

	if (f->count)
		qsort(f->rows, f->count, sizeof(*f->rows), compare);
	for (size_t i = 0; i < f->count; i++) {
		if (n && !compare(&f->rows[n - 1], &f->rows[i]))
			free(f->rows[i].name);
		else
			f->rows[n++] = f->rows[i];
	}
	f->count = n;
}

static int gather(struct folds *f, const struct tool *t, const char *name)
{
	struct tool side = { .home_path = t->home_path,
			     .json = t->json,
			     .command = t->command,
			     .from_text = name };
	int code = tool_open(&side, NEEDS_STORE | NEEDS_VIEWS);

	if (!code)
		code = gather_in(f, side.store);
	tool_close(&side);
	settle(f);
	return code;
}

/* --- telling -------------------------------------------------------------- */

static const char *word(const struct said *row, bool name)
{
	static const char *const edges[] = {
		[CONTACT_NONE] = "none",
		[CONTACT_FOLLOW] = "follow",
		[CONTACT_UNFOLLOW] = "unfollow",
		[CONTACT_BLOCK] = "block",
	};

	if (!row)
		return name ? "" : edges[CONTACT_NONE];
	return name ? row->name : edges[row->edge];
}

static void print_record(const struct said *any, const struct said *of[2])
{
	bool name = any->of.format == KITH_FORMAT_NONE;
	struct record r;

	record_begin(&r);
	record_text(&r, "view", name ? "names" : "contacts");
	record_feed(&r, "feed", &any->feed);
	if (!name)
		record_feed(&r, "of", &any->of);
	for (int i = 0; i < 2; i++)
		if (of[i] || !name)
			record_text(&r, i ? "b" : "a", word(of[i], name));
	record_end(&r);
}

static void print_line(const struct said *any, const struct said *of[2])
{
	bool name = any->of.format == KITH_FORMAT_NONE;
	char id[TEXT_SHORT_BYTES];

	text_short_feed(&any->feed, id);
	fputs(id, stdout);
	if (!name) {
		text_short_feed(&any->of, id);
		printf(" of %s", id);
	}
	fputs(name ? "  name" : "  contact", stdout);
	for (int i = 0; i < 2; i++) {
		printf("%s %c: ", i ? "," : "", i ? 'B' : 'A');
		text_print(stdout, kith_text(of[i] ? word(of[i], name)
						   : "none"));
	}
	putchar('\n');
}

static bool differs(const struct said *a, const struct said *b)
{
	if (!a || !b)
		return true;
	return a->name ? strcmp(a->name, b->name) != 0 : a->edge != b->edge;
}

/* The next row of either side, and of which sides it is; NULL at the end. */
static const struct said *next(const struct folds sides[2], size_t at[2],
			       const struct said *of[2])
{
	const struct said *a = NULL, *b = NULL;
	int order;

	if (at[0] < sides[0].count)
		a = &sides[0].rows[at[0]];
	if (at[1] < sides[1].count)
		b = &sides[1].rows[at[1]];
	order = !a ? 1 : !b ? -1 : compare(a, b);
	of[0] = order <= 0 ? a : NULL;
	of[1] = order >= 0 ? b : NULL;
	at[0] += of[0] != NULL;
	at[1] += of[1] != NULL;
	return of[0] ? of[0] : of[1];
}

static uint64_t tell(const struct tool *t, const struct folds sides[2])
{
	const struct said *of[2], *any;
	size_t at[2] = { 0, 0 };
	uint64_t different = 0;

	while ((any = next(sides, at, of)) != NULL) {
		if (!differs(of[0], of[1]))
			continue;
		different++;
		if (t->json)
			print_record(any, of);
		else
			print_line(any, of);
	}
	return different;
}

int diff_views(const struct tool *t, const char *const names[2],
	       uint64_t *different)
{
	struct folds sides[2] = { { 0 }, { 0 } };
	int code = EXIT_DONE;

	for (int i = 0; !code && i < 2; i++)
		code = gather(&sides[i], t, names[i]);
	if (!code)
		*different = tell(t, sides);
	for (int i = 0; i < 2; i++)
		folds_free(&sides[i]);
	return code;
}
