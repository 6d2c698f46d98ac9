#include "tools/look/feeds.h"

#include <stdlib.h>

#include "feeds/list.h"
#include "src/gossip/graph.h"
#include "src/store/messages.h"
#include "src/store/proofs.h"
#include "src/views/contacts.h"
#include "src/views/names.h"
#include "tools/look/commands.h"
#include "tools/print/list.h"
#include "tools/print/page.h"
#include "tools/print/show.h"
#include "tools/text/text.h"

enum { WHERE_MAX = 16, NAME_COLUMNS = 20, FIXED_COLUMNS = 59,
       WHOLE_COLUMNS = 136 /* with whole ids */ };

struct lines {
	struct feed_line *at;
	size_t n, room;
};

/* How they are printed. */
struct printing {
	struct tool *tool;
	struct txn *txn;
	struct viewer viewer;
	struct list list;
	struct page page;
	struct feed_where where[WHERE_MAX];
	size_t where_count;
};

const char *feed_state_name(const struct feed_line *l)
{
	static const char *const names[] = { "ok", "partial", "forked",
					     "blocked", "frozen" };

	if (l->hops == GRAPH_HOPS_BLOCKED)
		return "blocked";
	if (l->row.forgotten)
		return "forgotten";
	if (l->row.state == FEED_OK && l->stuck)
		return "stuck";
	return l->row.last || !l->hops ? names[l->row.state] : "wanted";
}

/* Orders that --sort knows; each puts the greatest first but hops. */
static int by_id(const struct feed_line *a, const struct feed_line *b)
{
	return memcmp(a->row.id.b, b->row.id.b, KITH_ID_BYTES);
}

static int by_number(uint64_t a, uint64_t b)
{
	return (a < b) - (a > b);
}

static unsigned rank(int hops)
{
	return hops >= 0 ? (unsigned)hops : hops == GRAPH_HOPS_FAR ? 1u << 30
								    : 1u << 31;
}

static int by_hops(const void *a, const void *b)
{
	const struct feed_line *x = a, *y = b;
	int order = -by_number(rank(x->hops), rank(y->hops));

	return order ? order : by_id(x, y);
}

static int by_bytes(const void *a, const void *b)
{
	const struct feed_line *x = a, *y = b;
	int order = by_number(x->row.bytes, y->row.bytes);

	return order ? order : by_id(x, y);
}

static int by_messages(const void *a, const void *b)
{
	const struct feed_line *x = a, *y = b;
	int order = by_number(feed_held(&x->row), feed_held(&y->row));

	return order ? order : by_id(x, y);
}

static int by_last(const void *a, const void *b)
{
	const struct feed_line *x = a, *y = b;
	int order = (x->row.last_claimed < y->row.last_claimed) -
		    (x->row.last_claimed > y->row.last_claimed);

	return order ? order : by_id(x, y);
}

static int by_state(const void *a, const void *b)
{
	const struct feed_line *x = a, *y = b;
	int order = strcmp(feed_state_name(x), feed_state_name(y));

	return order ? order : by_hops(a, b);
}

static int by_key(const void *a, const void *b)
{
	return by_id(a, b);
}

static const struct {
	const char *name;
	int (*compare)(const void *a, const void *b);
} orders[] = {
	{ "hops", by_hops },
	{ "bytes", by_bytes },
	{ "messages", by_messages },
	{ "last", by_last },
	{ "state", by_state },
	{ "id", by_key },
};

/* The follow graph around us; NULL: no identity, or out of memory. */
static struct graph *make_graph(struct tool *t, struct txn *txn)
{
	struct kith_feed_id self;
	struct graph *g = NULL;
	struct contact c = { 0 };

	if (!home_identity(t->home, &self, NULL))
		g = graph_new(&self);
	while (g && contacts_next(txn, &c))
		if (graph_set(g, &c.from, &c.to, c.edge))
			break;
	return g;
}

static bool add(struct lines *l, const struct feed_line *line)
{
	struct feed_line *more = list_room(l->at, l->n, &l->room,
					   sizeof(*more));

	if (!more)
		return false;
	l->at = more;
	l->at[l->n++] = *line;
	return true;
}

/* Feeds that we follow and have nothing of. */
static bool add_wanted(struct txn *txn, struct graph *g, struct lines *out)
{
	struct kith_feed_id id;
	struct feed_line line;
	size_t at = 0;

	line.stuck = false;
	while (g && graph_next(g, 1, &at, &id, &line.hops))
		if (!feed_get(txn, &id, &line.row) && !add(out, &line))
			return false;
	return true;
}

static bool gather(struct txn *txn, struct graph *g, struct lines *out)
{
	struct proof_places places;
	struct feed_line line;
	uint32_t number = 0;

	while (feed_next(txn, &number, &line.row)) {
		line.hops = g ? graph_hops(g, &line.row.id) : GRAPH_HOPS_FAR;
		places = proof_places(txn, &line.row.id);
		line.stuck = places.branch;
		if (places.pair)
			line.row.state = FEED_FORKED;
		if (!add(out, &line))
			return false;
	}
	return add_wanted(txn, g, out);
}

/* --- output --------------------------------------------------------------- */

/* What a terminal leaves for the name. */
static size_t name_columns(const struct printing *p, size_t id_columns)
{
	size_t taken = FIXED_COLUMNS + id_columns + 2;

	if (!p->page.terminal || p->page.columns >= taken + NAME_COLUMNS)
		return NAME_COLUMNS;
	return p->page.columns > taken ? p->page.columns - taken : 1;
}

static void print_line(struct printing *p, const struct feed_line *l)
{
	char id[KITH_REF_TEXT_BYTES], when[TEXT_TIME_BYTES];
	char size[TEXT_SIZE_BYTES], hops[16] = "-", range[48];
	struct kith_buf name = { .limit = NAME_BYTES_MAX };

	ids_feed(p->list.ids, &l->row.id, id);
	text_time(l->row.last_claimed, when);
	text_size(l->row.bytes, size);
	if (l->hops >= 0)
		snprintf(hops, sizeof(hops), "%d", l->hops);
	snprintf(range, sizeof(range), "%llu-%llu",
		 (unsigned long long)l->row.first,
		 (unsigned long long)l->row.last);
	printf("%-9s  %4s  %13s  %7s  %16s  %s", feed_state_name(l), hops,
	       l->row.last ? range : "none", size, l->row.last ? when : "-",
	       id);
	if (name_of_feed(p->txn, &p->viewer, &l->row.id, &name)) {
		printf("  ");
		text_print_cut(stdout, kith_bytes(&name),
			       name_columns(p, text_width(kith_text(id))),
			       false);
	}
	putchar('\n');
	kith_buf_free(&name);
}

static void print_record(struct printing *p, const struct feed_line *l)
{
	struct kith_buf name = { .limit = NAME_BYTES_MAX };
	struct record r;

	list_record(&p->list, &r);
	record_feed(&r, "feed", &l->row.id);
	record_text(&r, "state", feed_state_name(l));
	record_uint(&r, "first", l->row.first);
	record_uint(&r, "seq", l->row.last);
	if (l->row.last) {
		record_msg(&r, "id", &l->row.last_id);
		record_number(&r, "ts", l->row.last_claimed);
	}
	record_uint(&r, "bytes", l->row.bytes);
	if (l->hops != GRAPH_HOPS_FAR)
		record_int(&r, "hops", l->hops);
	record_text(&r, "format", show_format(l->row.id.format));
	if (name_of_feed(p->txn, &p->viewer, &l->row.id, &name))
		record_string(&r, "name", kith_bytes(&name));
	record_end(&r);
	kith_buf_free(&name);
}

static bool is_wanted(const struct printing *p, const struct feed_line *l)
{
	for (size_t i = 0; i < p->where_count; i++)
		if (!feed_where_holds(&p->where[i], l))
			return false;
	return true;
}

static void print_lines(struct printing *p, const struct lines *l)
{
	uint64_t shown = 0;

	for (size_t i = 0; i < l->n && shown < p->list.limit; i++) {
		const struct feed_line *line =
			&l->at[p->list.reverse ? l->n - 1 - i : i];

		if (!is_wanted(p, line))
			continue;
		if (!shown++ && !p->tool->json)
			printf("%-9s  %4s  %13s  %7s  %16s  %s\n", "state",
			       "hops", "messages", "size", "last", "feed");
		if (p->tool->json)
			print_record(p, line);
		else
			print_line(p, line);
	}
}

static int print_all(struct printing *p, struct lines *l)
{
	const char *option = tool_option(p->tool, 's');
	const char *sort = option ? option : "hops";
	size_t i, n = sizeof(orders) / sizeof(*orders);

	for (i = 0; i < n && strcmp(orders[i].name, sort) != 0; i++)
		;
	if (i == n)
		return tool_fail(EXIT_MISUSED, "feeds are sorted by hops, "
				 "bytes, messages, last, state or id, not by "
				 "%s", sort);
	if (l->n)
		qsort(l->at, l->n, sizeof(*l->at), orders[i].compare);
	print_lines(p, l);
	return EXIT_DONE;
}

/* --- the command ---------------------------------------------------------- */

static bool read_where(struct printing *p)
{
	const struct tool *t = p->tool;

	for (size_t i = 0; i < t->chosen_count; i++) {
		if (t->chosen[i].letter != 'w')
			continue;
		if (p->where_count == WHERE_MAX) {
			tool_fail(EXIT_MISUSED, "at most %d conditions",
				  WHERE_MAX);
			return false;
		}
		if (!feed_where_read(t->chosen[i].value,
				     &p->where[p->where_count++]))
			return false;
	}
	return true;
}

static int look(struct printing *p)
{
	struct kith_feed_id self;
	bool known = !home_identity(p->tool->home, &self, NULL);

	if (store_read(p->tool->store, &p->txn))
		return tool_fail(EXIT_UNREADABLE, "the store cannot be read");
	return viewer_start(&p->viewer, p->txn, known ? &self : NULL)
		       ? tool_fail(EXIT_FAILED, "out of memory")
		       : EXIT_DONE;
}

static int print_feeds(struct printing *p)
{
	struct graph *g = make_graph(p->tool, p->txn);
	struct lines l = { 0 };
	int code = gather(p->txn, g, &l)
			   ? print_all(p, &l)
			   : tool_fail(EXIT_FAILED, "out of memory");

	graph_free(g);
	free(l.at);
	return code;
}

int command_feeds(struct tool *t, int argc, char **argv)
{
	struct printing p = { .tool = t };
	int code;

	(void)argc;
	(void)argv;
	if (!list_read(&p.list, t, UINT64_MAX, IDS_FULL) || !read_where(&p))
		return EXIT_MISUSED;
	code = look(&p);
	if (!code)
		code = page_begin(&p.page, t, false);
	list_fit(&p.list, t, &p.page, WHOLE_COLUMNS);
	if (!code)
		code = print_feeds(&p);
	viewer_end(&p.viewer);
	txn_end(p.txn);
	return page_end(&p.page, code);
}
