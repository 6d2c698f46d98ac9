/* kith graph for a person: how many are how far, and who is followed most. */
#include <stdio.h>
#include <stdlib.h>

#include "src/gossip/graph.h"
#include "tools/count/graph.h"
#include "tools/print/chart.h"
#include "tools/text/text.h"

enum { LINE_BYTES_MAX = 4096, LISTED = 12, RINGS = 10, NUMBERS_BYTES = 64 };

struct ring {
	uint64_t feeds, messages;
};

/* Feeds by hops, the last of them with those that are farther; then those out
 * of reach, and those blocked. */
struct rings {
	struct ring at[RINGS + 2];
	uint64_t most;
};

static struct ring *ring_of(struct rings *r, int hops)
{
	if (hops == GRAPH_HOPS_BLOCKED)
		return &r->at[RINGS + 1];
	if (hops < 0)
		return &r->at[RINGS];
	return &r->at[hops < RINGS ? hops : RINGS - 1];
}

static void count_rings(const struct follow_map *m, struct rings *r)
{
	for (size_t i = 0; i < m->feed_count; i++) {
		struct ring *ring = ring_of(r, m->feeds[i].hops);

		if (!m->feeds[i].shown)
			continue;
		ring->feeds++;
		ring->messages += m->feeds[i].messages;
		r->most = ring->feeds > r->most ? ring->feeds : r->most;
	}
}

static const char *numbers(uint64_t first, uint64_t second,
			   char out[static NUMBERS_BYTES])
{
	snprintf(out, NUMBERS_BYTES, "%10llu  %10llu",
		 (unsigned long long)first, (unsigned long long)second);
	return out;
}

static void print_line(struct graph_look *g, struct kith_buf *line)
{
	page_print_line(&g->r->page, kith_bytes(line), g->r->page.columns);
	kith_buf_reset(line);
}

static void print_ring(const struct chart *c, const char *name,
		       const struct ring *ring)
{
	char right[NUMBERS_BYTES];

	if (ring->feeds)
		chart_row(c, kith_text(name), ring->feeds,
			  numbers(ring->feeds, ring->messages, right));
}

static void print_rings(struct graph_look *g)
{
	struct rings r = { 0 };
	struct chart c;
	char name[32];

	count_rings(&g->map, &r);
	chart_start(&c, &g->r->page, r.most);
	putchar('\n');
	chart_head(&c, "hops", "     feeds    messages");
	for (int i = 0; i < RINGS; i++) {
		snprintf(name, sizeof(name), "%d%s", i,
			 !i		  ? ", the centre"
			 : i == RINGS - 1 ? " or more"
					  : "");
		print_ring(&c, name, &r.at[i]);
	}
	print_ring(&c, "out of reach", &r.at[RINGS]);
	print_ring(&c, "blocked", &r.at[RINGS + 1]);
}

/* Who is followed by most; of as many by id, as the feeds stand. */
static uint32_t next_followed(const struct follow_map *m, const bool *done)
{
	uint32_t best = MAP_NONE;

	for (uint32_t i = 0; i < m->feed_count; i++) {
		const struct map_feed *f = &m->feeds[i];

		if (f->shown && !done[i] && f->followers &&
		    (best == MAP_NONE ||
		     f->followers > m->feeds[best].followers))
			best = i;
	}
	return best;
}

static void print_followed(struct graph_look *g, const struct chart *c,
			   const struct map_feed *f)
{
	struct kith_buf name = { .limit = LINE_BYTES_MAX };
	char right[NUMBERS_BYTES];

	graph_put_name(g, &f->id, &name);
	chart_row(c, kith_bytes(&name), f->followers,
		  numbers(f->followers, f->messages, right));
	kith_buf_free(&name);
}

static int print_most_followed(struct graph_look *g)
{
	const struct follow_map *m = &g->map;
	bool *done = calloc(m->feed_count + 1, sizeof(*done));
	struct chart c = { .most = 0 };

	if (!done)
		return tool_fail(EXIT_FAILED, "out of memory");
	for (int i = 0; i < LISTED; i++) {
		uint32_t n = next_followed(m, done);

		if (n == MAP_NONE)
			break;
		if (!c.most) {
			chart_start(&c, &g->r->page, m->feeds[n].followers);
			putchar('\n');
			chart_head(&c, "most followed",
				   " followers    messages");
		}
		done[n] = true;
		print_followed(g, &c, &m->feeds[n]);
	}
	free(done);
	return EXIT_DONE;
}

static void put_count(struct kith_buf *out, uint64_t n, const char *thing)
{
	char text[TEXT_COUNT_BYTES];

	kith_buf_text(out, text_count(n, thing, text));
}

static void print_sums(struct graph_look *g)
{
	uint64_t feeds = 0, follows = 0, mutual = 0, blocks = 0;
	const struct follow_map *m = &g->map;
	struct kith_buf line = { .limit = LINE_BYTES_MAX };

	for (size_t i = 0; i < m->feed_count; i++)
		feeds += m->feeds[i].shown;
	for (size_t i = 0; i < m->edge_count; i++) {
		const struct map_edge *e = &m->edges[i];
		bool follow = e->edge == CONTACT_FOLLOW;

		follows += e->shown && follow;
		mutual += e->shown && follow && e->mutual;
		blocks += e->shown && !follow;
	}
	put_count(&line, feeds, "feed");
	kith_buf_text(&line, ", ");
	put_count(&line, follows, "follow");
	if (mutual) {
		kith_buf_text(&line, " (");
		put_count(&line, mutual / 2, "pair");
		kith_buf_text(&line, " both ways)");
	}
	if (blocks) {
		kith_buf_text(&line, ", ");
		put_count(&line, blocks, "block");
	}
	print_line(g, &line);
	kith_buf_free(&line);
}

int graph_print(struct graph_look *g)
{
	struct kith_buf line = { .limit = LINE_BYTES_MAX };

	if (!g->map.feed_count) {
		reading_nothing(g->r, "nothing is here yet, so nobody follows "
				"anybody");
		return EXIT_DONE;
	}
	if (g->map.centre != MAP_NONE) {
		style_text(&line, STYLE_FAINT, "around ");
		person_put(&g->r->people, &g->map.feeds[g->map.centre].id,
			   &line);
		if (g->guessed)
			style_text(&line, STYLE_FAINT, ", who has most follows "
				   "and followers here: --center says of "
				   "whom else");
		print_line(g, &line);
	}
	print_sums(g);
	if (g->map.centre != MAP_NONE)
		print_rings(g);
	kith_buf_free(&line);
	return print_most_followed(g);
}
