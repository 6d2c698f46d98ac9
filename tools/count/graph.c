/* Who follows whom: as a list, a picture, or for other programs; and why a feed
 * is in reach. */
#include "tools/count/graph.h"

#include "feeds/ref.h"
#include "src/gossip/graph.h"
#include "tools/count/commands.h"
#include "tools/network.h"
#include "tools/text/text.h"
#include "tools/verbs.h"

enum { HOPS_MAX = 64 };

bool graph_put_name(struct graph_look *g, const struct kith_feed_id *feed,
		    struct kith_buf *out)
{
	struct kith_buf name = { .limit = NAME_BYTES_MAX };
	bool named = name_of_feed(g->r->txn, &g->r->viewer, feed, &name);

	if (named)
		text_put(out, kith_bytes(&name));
	else
		person_put_short(out, feed);
	kith_buf_free(&name);
	return named;
}

const char *graph_edge_name(enum contact_edge edge)
{
	return edge == CONTACT_BLOCK ? "block" : "follow";
}

/* --- what is asked for ---------------------------------------------------- */

static int read_kinds(struct tool *t, unsigned *out)
{
	const char *text = tool_option(t, 'e');

	if (!text || !strcmp(text, "follow"))
		*out = MAP_FOLLOWS;
	else if (!strcmp(text, "block"))
		*out = MAP_BLOCKS;
	else if (!strcmp(text, "all"))
		*out = MAP_FOLLOWS | MAP_BLOCKS;
	else
		return tool_fail(EXIT_MISUSED, "--edges is follow, block or "
				 "all, not \"%s\"", text);
	return EXIT_DONE;
}

/* So far do we replicate, as the home says where there is one. */
static int read_hops(struct tool *t, uint64_t *out)
{
	struct network network;
	int code;

	*out = NETWORK_HOPS;
	if (!t->home)
		return EXIT_DONE;
	code = network_read(t->home, &network);
	if (!code)
		*out = network.hops;
	return code;
}

static int read_choice(struct graph_look *g, bool picture)
{
	struct tool *t = g->r->tool;
	bool near = picture || tool_option(t, 'c') || tool_option(t, 'o');
	uint64_t hops = 0;
	int code = read_kinds(t, &g->choice.kinds);

	if (!code)
		code = read_hops(t, &hops);
	if (!code && !tool_number(t, 'o', hops, &hops))
		code = EXIT_MISUSED;
	g->choice.mutual = tool_option(t, 'm');
	g->choice.hops = near ? (int)(hops < HOPS_MAX ? hops : HOPS_MAX) : -1;
	return code;
}

static int find_centre(struct graph_look *g, uint32_t *out)
{
	const char *text = tool_option(g->r->tool, 'c');
	struct kith_feed_id id = g->r->viewer.self;
	int code = text ? reading_select(g->r, text, &id) : EXIT_DONE;

	*out = text || g->r->viewer.known ? map_find(&g->map, &id) : MAP_NONE;
	if (code || *out != MAP_NONE)
		return code;
	if (text)
		return tool_fail(EXIT_NOT_FOUND, "%s: nobody whose messages "
				 "are here follows or blocks it, and it says "
				 "nothing of others", text);
	*out = map_busiest(&g->map);
	g->guessed = *out != MAP_NONE;
	return EXIT_DONE;
}

static int read_map(struct graph_look *g)
{
	uint32_t centre;
	enum kith_err err = map_read(&g->map, g->r->txn);
	int code = EXIT_DONE;

	if (!err)
		code = find_centre(g, &centre);
	if (!err && !code && centre != MAP_NONE)
		err = map_centre(&g->map, g->r->txn, centre);
	return err ? tool_fail(err == KITH_ENOMEM ? EXIT_FAILED
						  : EXIT_UNREADABLE,
			       "the follow graph cannot be read: %s",
			       kith_strerror(err))
		   : code;
}

/* --- the forms ------------------------------------------------------------ */

static const struct form {
	int letter;
	const char *name;
	int (*print)(struct graph_look *g);
} forms[] = {
	{ 'd', "dot", graph_dot },
	{ 't', "tsv", graph_tsv },
	{ 's', "svg", graph_svg },
};

enum { FORMS = sizeof(forms) / sizeof(*forms) };

/* NULL: text, or records.  False, after an error text: several were asked
 * for. */
static bool choose_form(struct tool *t, const struct form **out)
{
	*out = NULL;
	for (size_t i = 0; i < FORMS; i++) {
		if (!tool_option(t, forms[i].letter))
			continue;
		if (*out || t->json) {
			tool_note("one form at a time: --%s, or %s%s",
				  forms[i].name, *out ? "--" : "",
				  *out ? (*out)->name : "--json");
			return false;
		}
		*out = &forms[i];
	}
	return true;
}

static int run(struct graph_look *g, const struct form *form)
{
	int code = read_choice(g, form && form->letter == 's');

	if (!code)
		code = read_map(g);
	if (code)
		return code;
	if (g->map.centre == MAP_NONE)
		g->choice.hops = -1;
	map_choose(&g->map, &g->choice);
	if (form)
		return form->print(g);
	return g->r->page.json ? graph_records(g) : graph_print(g);
}

static int show(struct tool *t)
{
	struct graph_look g = { .map.centre = MAP_NONE };
	const struct form *form;
	struct reading r;
	int code;

	if (!choose_form(t, &form))
		return EXIT_MISUSED;
	g.r = &r;
	code = reading_begin(&r, t, form != NULL);
	if (!code)
		code = run(&g, form);
	map_clear(&g.map);
	return reading_end(&r, code);
}

/* --- the verbs ------------------------------------------------------------ */

static int run_verb(struct tool *t, char **argv,
		    int (*verb)(struct graph_look *g, char **argv))
{
	struct graph_look g = { .map.centre = MAP_NONE };
	struct reading r;
	int code;

	g.r = &r;
	code = reading_begin(&r, t, false);
	if (!code)
		code = read_choice(&g, true);
	if (!code)
		code = verb(&g, argv);
	map_clear(&g.map);
	return reading_end(&r, code);
}

static int path(struct tool *t, int argc, char **argv)
{
	(void)argc;
	return run_verb(t, argv, graph_path);
}

static int why(struct tool *t, int argc, char **argv)
{
	(void)argc;
	return run_verb(t, argv, graph_why);
}

static int cut(struct tool *t, int argc, char **argv)
{
	(void)argc;
	return run_verb(t, argv, graph_cut);
}

const struct verb graph_verbs[] = {
	{ "path", "FEED FEED", "IC", 2, 2, path },
	{ "why", "FEED", "cIC", 1, 1, why },
	{ "cut", "FEED", "coIC", 1, 1, cut },
	{ .name = NULL },
};

int command_graph(struct tool *t, int argc, char **argv)
{
	return argc ? verbs_run(t, argc, argv) : show(t);
}
