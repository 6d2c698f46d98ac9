#include "tools/commands.h"

#include <stdlib.h>

#include "feeds/ref.h"
#include "src/gossip/graph.h"
#include "src/store/messages.h"
#include "src/store/proofs.h"
#include "src/views/contacts.h"
#include "tools/record.h"
#include "tools/text.h"

struct line {
	struct feed_row row;
	int hops;
};

struct lines {
	struct line *at;
	size_t n, room;
};

static const char *state_name(const struct line *l)
{
	static const char *const names[] = { "ok", "partial", "forked",
					     "blocked", "frozen" };

	if (l->hops == GRAPH_HOPS_BLOCKED)
		return "blocked";
	if (l->row.forgotten)
		return "forgotten";
	return l->row.last || !l->hops ? names[l->row.state] : "wanted";
}

static uint64_t messages_of(const struct feed_row *row)
{
	return row->last ? row->last - row->first + 1 : 0;
}

/* Orders that --sort knows; each puts the greatest first but hops. */
static int by_id(const struct line *a, const struct line *b)
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
	const struct line *x = a, *y = b;
	int order = -by_number(rank(x->hops), rank(y->hops));

	return order ? order : by_id(x, y);
}

static int by_bytes(const void *a, const void *b)
{
	const struct line *x = a, *y = b;
	int order = by_number(x->row.bytes, y->row.bytes);

	return order ? order : by_id(x, y);
}

static int by_messages(const void *a, const void *b)
{
	const struct line *x = a, *y = b;
	int order = by_number(messages_of(&x->row), messages_of(&y->row));

	return order ? order : by_id(x, y);
}

static int by_last(const void *a, const void *b)
{
	const struct line *x = a, *y = b;
	int order = (x->row.last_claimed < y->row.last_claimed) -
		    (x->row.last_claimed > y->row.last_claimed);

	return order ? order : by_id(x, y);
}

static const struct {
	const char *name;
	int (*compare)(const void *a, const void *b);
} orders[] = {
	{ "hops", by_hops },
	{ "bytes", by_bytes },
	{ "messages", by_messages },
	{ "last", by_last },
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

static bool add(struct lines *l, const struct line *line)
{
	struct line *more;

	if (l->n == l->room) {
		more = realloc(l->at, (l->room * 2 + 64) * sizeof(*more));
		if (!more)
			return false;
		l->at = more;
		l->room = l->room * 2 + 64;
	}
	l->at[l->n++] = *line;
	return true;
}

/* Feeds that we follow and have nothing of. */
static bool add_wanted(struct txn *txn, struct graph *g, struct lines *out)
{
	struct kith_feed_id id;
	struct line line;
	size_t at = 0;

	while (g && graph_next(g, 1, &at, &id, &line.hops))
		if (!feed_get(txn, &id, &line.row) && !add(out, &line))
			return false;
	return true;
}

static bool gather(struct txn *txn, struct graph *g, struct lines *out)
{
	struct line line;
	uint32_t number = 0;

	while (feed_next(txn, &number, &line.row)) {
		line.hops = g ? graph_hops(g, &line.row.id) : GRAPH_HOPS_FAR;
		if (proof_places(txn, &line.row.id).pair)
			line.row.state = FEED_FORKED;
		if (!add(out, &line))
			return false;
	}
	return add_wanted(txn, g, out);
}

static void print_line(const struct line *l)
{
	char id[KITH_REF_TEXT_BYTES], when[TEXT_TIME_BYTES];
	char size[TEXT_SIZE_BYTES], hops[16] = "-", range[48];

	kith_feed_print(&l->row.id, id);
	text_time(l->row.last_claimed, when);
	text_size(l->row.bytes, size);
	if (l->hops >= 0)
		snprintf(hops, sizeof(hops), "%d", l->hops);
	snprintf(range, sizeof(range), "%llu-%llu",
		 (unsigned long long)l->row.first,
		 (unsigned long long)l->row.last);
	printf("%-7s  %4s  %13s  %7s  %16s  %s\n", state_name(l), hops,
	       l->row.last ? range : "none", size, l->row.last ? when : "-",
	       id);
}

static void print_record(const struct line *l)
{
	struct record r;

	record_begin(&r);
	record_feed(&r, "feed", &l->row.id);
	record_text(&r, "state", state_name(l));
	record_uint(&r, "first", l->row.first);
	record_uint(&r, "seq", l->row.last);
	if (l->row.last) {
		record_msg(&r, "id", &l->row.last_id);
		record_number(&r, "ts", l->row.last_claimed);
	}
	record_uint(&r, "bytes", l->row.bytes);
	if (l->hops != GRAPH_HOPS_FAR)
		record_int(&r, "hops", l->hops);
	record_end(&r);
}

static int print_all(struct tool *t, struct lines *l)
{
	const char *option = tool_option(t, 's');
	const char *sort = option ? option : "hops";
	size_t i, n = sizeof(orders) / sizeof(*orders);

	for (i = 0; i < n && strcmp(orders[i].name, sort) != 0; i++)
		;
	if (i == n)
		return tool_fail(EXIT_MISUSED, "feeds are sorted by hops, "
				 "bytes, messages or last, not by %s", sort);
	if (l->n)
		qsort(l->at, l->n, sizeof(*l->at), orders[i].compare);
	if (!t->json && l->n)
		printf("%-7s  %4s  %13s  %7s  %16s  %s\n", "state", "hops",
		       "messages", "size", "last", "feed");
	for (size_t k = 0; k < l->n; k++)
		if (t->json)
			print_record(&l->at[k]);
		else
			print_line(&l->at[k]);
	return EXIT_DONE;
}

int command_feeds(struct tool *t, int argc, char **argv)
{
	struct lines l = { 0 };
	struct graph *g;
	struct txn *txn;
	int code;

	(void)argc;
	(void)argv;
	if (store_read(t->store, &txn))
		return tool_fail(EXIT_UNREADABLE, "the store cannot be read");
	g = make_graph(t, txn);
	code = gather(txn, g, &l) ? print_all(t, &l)
				  : tool_fail(EXIT_FAILED, "out of memory");
	txn_end(txn);
	graph_free(g);
	free(l.at);
	return code;
}
