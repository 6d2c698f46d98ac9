/* kith graph path, why and cut: the follows that lead to a feed, and what hangs
 * on one of them. */
#include <stdio.h>

#include "src/views/social.h"
#include "tools/count/graph.h"
#include "tools/print/record.h"
#include "tools/text/text.h"

enum { LINE_BYTES_MAX = 4096, PATH_HOPS = 64, NAME_COLUMNS = 30 };

/* --- steps ---------------------------------------------------------------- */

static const char *edge_word(enum contact_edge edge)
{
	return edge == CONTACT_BLOCK	? "blocks"
	       : edge == CONTACT_FOLLOW ? "follows"
					: "unfollowed";
}

static const char *edge_name(enum contact_edge edge)
{
	return edge == CONTACT_UNFOLLOW ? "unfollow" : graph_edge_name(edge);
}

static void record_step(const struct social_step *s)
{
	struct record r;

	record_begin(&r);
	record_feed(&r, "from", &s->from);
	record_feed(&r, "to", &s->to);
	record_text(&r, "edge", edge_name(s->edge));
	if (s->sequence)
		record_uint(&r, "seq", s->sequence);
	if (s->rx)
		record_uint(&r, "rx", s->rx);
	record_end(&r);
}

static bool is_viewer(const struct graph_look *g,
		      const struct kith_feed_id *id)
{
	return g->r->viewer.known && kith_feed_equal(id, &g->r->viewer.self);
}

/* "you follow Bob      message 12" */
static void print_step(struct graph_look *g, const struct social_step *s)
{
	struct kith_buf line = { .limit = LINE_BYTES_MAX };
	struct kith_buf where = { .limit = LINE_BYTES_MAX };
	bool you = is_viewer(g, &s->from);

	person_put(&g->r->people, &s->from, &line);
	kith_buf_byte(&line, ' ');
	kith_buf_text(&line, !you ? edge_word(s->edge)
			     : s->edge == CONTACT_UNFOLLOW
				     ? "unfollowed"
				     : graph_edge_name(s->edge));
	kith_buf_byte(&line, ' ');
	person_put(&g->r->people, &s->to, &line);
	style_begin(&where, STYLE_FAINT);
	person_put_short(&where, &s->from);
	kith_buf_byte(&where, ':');
	kith_buf_uint(&where, s->sequence);
	style_end(&where, STYLE_FAINT);
	page_print_sides(&g->r->page, kith_bytes(&line),
			 s->sequence ? kith_bytes(&where)
				     : (struct kith_slice){ 0 },
			 page_measure(&g->r->page));
	kith_buf_free(&line);
	kith_buf_free(&where);
}

static void show_steps(struct graph_look *g, const struct social_step *steps,
		       size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (g->r->page.json)
			record_step(&steps[i]);
		else
			print_step(g, &steps[i]);
}

static int memory_or_store(enum kith_err err)
{
	return err == KITH_ENOMEM
		       ? tool_fail(EXIT_FAILED, "out of memory")
		       : tool_fail(EXIT_UNREADABLE, "the follow graph cannot "
				   "be read: %s", kith_strerror(err));
}

/* Whose graph it is: --center, else ours. */
static int select_centre(struct graph_look *g, struct kith_feed_id *out)
{
	const char *text = tool_option(g->r->tool, 'c');

	if (text)
		return reading_select(g->r, text, out);
	*out = g->r->viewer.self;
	return g->r->viewer.known
		       ? EXIT_DONE
		       : tool_fail(EXIT_MISUSED, "there is no identity here: "
				   "--center says from whom the way is to "
				   "lead");
}

/* A name for a line of ours; borrowed until the next call with this room. */
static const char *called(struct graph_look *g, const struct kith_feed_id *id,
			  struct kith_buf *room)
{
	kith_buf_reset(room);
	graph_put_name(g, id, room);
	kith_buf_byte(room, '\0');
	return room->err ? "it" : (const char *)room->p;
}

/* --- path ----------------------------------------------------------------- */

static int no_path(struct graph_look *g, const struct kith_feed_id *from,
		   const struct kith_feed_id *to, const char *why)
{
	struct kith_buf a = { .limit = LINE_BYTES_MAX };
	struct kith_buf b = { .limit = LINE_BYTES_MAX };
	int code = tool_fail(EXIT_NOT_FOUND, "no follows lead from %s to %s%s",
			     called(g, from, &a), called(g, to, &b), why);

	kith_buf_free(&a);
	kith_buf_free(&b);
	return code;
}

int graph_path(struct graph_look *g, char **argv)
{
	struct social_step steps[SOCIAL_STEPS_MAX];
	struct kith_feed_id from, to;
	struct social *s = NULL;
	size_t n = 0;
	int code = reading_select(g->r, argv[0], &from);
	enum kith_err err;

	if (!code)
		code = reading_select(g->r, argv[1], &to);
	if (code)
		return code;
	err = social_open(&s, g->r->txn, &from, PATH_HOPS);
	if (err)
		return memory_or_store(err);
	n = social_why(s, g->r->txn, &to, steps);
	show_steps(g, steps, n);
	if (!n && !kith_feed_equal(&from, &to))
		code = no_path(g, &from, &to, "");
	else if (n && steps[n - 1].edge != CONTACT_FOLLOW)
		code = no_path(g, &from, &to, ": the last word is nearer");
	social_close(s);
	return code;
}

/* --- why ------------------------------------------------------------------ */

static const char *state_of(int hops, int limit)
{
	if (hops == GRAPH_HOPS_BLOCKED)
		return "blocked";
	if (hops == GRAPH_HOPS_FAR)
		return "unreached";
	return hops <= limit ? "wanted" : "beyond";
}

static void say_why(struct graph_look *g, int hops, bool self)
{
	struct kith_buf line = { .limit = LINE_BYTES_MAX };
	char text[160];

	if (self)
		snprintf(text, sizeof(text), "it is the centre itself");
	else if (hops == GRAPH_HOPS_BLOCKED)
		snprintf(text, sizeof(text), "so it is blocked: not "
			 "replicated");
	else if (hops == GRAPH_HOPS_FAR)
		snprintf(text, sizeof(text), "so it is not replicated: no "
			 "follows that count lead there");
	else
		snprintf(text, sizeof(text), "so it is at %d hop%s, and %s: "
			 "up to %d are", hops, hops == 1 ? "" : "s",
			 hops <= g->choice.hops ? "replicated"
						: "not replicated",
			 g->choice.hops);
	style_text(&line, STYLE_FAINT, text);
	page_print_line(&g->r->page, kith_bytes(&line), g->r->page.columns);
	kith_buf_free(&line);
}

static void record_why(struct graph_look *g, const struct kith_feed_id *feed,
		       int hops)
{
	struct record r;

	record_begin(&r);
	record_feed(&r, "feed", feed);
	record_text(&r, "state", state_of(hops, g->choice.hops));
	if (hops >= 0)
		record_int(&r, "hops", hops);
	record_end(&r);
}

int graph_why(struct graph_look *g, char **argv)
{
	struct social_step steps[SOCIAL_STEPS_MAX];
	struct kith_feed_id centre, feed;
	struct social *s = NULL;
	int code = select_centre(g, &centre), hops;
	enum kith_err err;

	if (!code)
		code = reading_select(g->r, argv[0], &feed);
	if (code)
		return code;
	err = social_open(&s, g->r->txn, &centre, PATH_HOPS);
	if (err)
		return memory_or_store(err);
	hops = social_hops(s, &feed);
	show_steps(g, steps, social_why(s, g->r->txn, &feed, steps));
	if (g->r->page.json)
		record_why(g, &feed, hops);
	else
		say_why(g, hops, kith_feed_equal(&feed, &centre));
	social_close(s);
	return hops >= 0 && hops <= g->choice.hops ? EXIT_DONE : EXIT_FAILED;
}

/* --- cut ------------------------------------------------------------------ */

/* What one unfollow changes. */
struct cut {
	struct graph_look *g;
	struct graph *before, *after;
	struct kith_feed_id from, to;
	uint64_t dropped, farther, messages, bytes;
};

/* The follow that is taken away: the centre's own, else the one that gives the
 * feed its hops. */
static int find_follow(struct cut *c, const struct kith_feed_id *centre)
{
	enum contact_edge edge;

	c->from = *centre;
	if (graph_get(c->before, centre, &c->to) == CONTACT_FOLLOW)
		return EXIT_DONE;
	if (graph_because(c->before, &c->to, &c->from, &edge) &&
	    edge == CONTACT_FOLLOW)
		return EXIT_DONE;
	return no_path(c->g, centre, &c->to, ", so none can be cut");
}

static void put_holdings(struct cut *c, const struct kith_feed_id *feed,
			 struct feed_row *row)
{
	if (!feed_get(c->g->r->txn, feed, row) || !row->last)
		*row = (struct feed_row){ .id = *feed };
}

static void record_cut(struct cut *c, const struct feed_row *row, int before,
		       int after)
{
	struct record r;

	record_begin(&r);
	record_feed(&r, "feed", &row->id);
	reading_record_name(c->g->r, &r, &row->id);
	record_text(&r, "state", after < 0 || after > c->g->choice.hops
					 ? "dropped"
					 : "farther");
	record_int(&r, "hops", before);
	if (after >= 0)
		record_int(&r, "then", after);
	record_uint(&r, "messages", feed_held(row));
	record_uint(&r, "bytes", row->bytes);
	record_end(&r);
}

static void print_cut(struct cut *c, const struct feed_row *row, int before,
		      int after)
{
	struct kith_buf line = { .limit = LINE_BYTES_MAX };
	char size[TEXT_SIZE_BYTES], text[120], then[32] = "drops out";

	if (after >= 0 && after <= c->g->choice.hops)
		snprintf(then, sizeof(then), "then at %d", after);
	text_size(row->bytes, size);
	kith_buf_reset(&line);
	style_begin(&line, STYLE_NAME);
	text_put_cut(&line,
		     kith_text(person_name(&c->g->r->people, &row->id)),
		     NAME_COLUMNS, true);
	style_end(&line, STYLE_NAME);
	snprintf(text, sizeof(text), "  %4d  %-10s  %8llu  %8s  ", before,
		 then, (unsigned long long)feed_held(row), size);
	kith_buf_text(&line, text);
	person_put_short(&line, &row->id);
	page_print_line(&c->g->r->page, kith_bytes(&line),
			c->g->r->page.columns);
	kith_buf_free(&line);
}

static void show_cut(struct cut *c, const struct kith_feed_id *feed,
		     int before, int after)
{
	bool dropped = after < 0 || after > c->g->choice.hops;
	struct feed_row row;

	put_holdings(c, feed, &row);
	if (dropped) {
		c->dropped++;
		c->messages += feed_held(&row);
		c->bytes += row.bytes;
	} else {
		c->farther++;
	}
	if (c->g->r->page.json)
		record_cut(c, &row, before, after);
	else
		print_cut(c, &row, before, after);
}

static void say_cut(struct cut *c)
{
	struct kith_buf a = { .limit = LINE_BYTES_MAX };
	struct kith_buf b = { .limit = LINE_BYTES_MAX };
	char feeds[TEXT_COUNT_BYTES], messages[TEXT_COUNT_BYTES];
	char size[TEXT_SIZE_BYTES];

	text_size(c->bytes, size);
	printf("without the follow of %s by %s: %s with %s, %s, would drop "
	       "out", called(c->g, &c->to, &a),
	       is_viewer(c->g, &c->from) ? "you" : called(c->g, &c->from, &b),
	       text_count(c->dropped, "feed", feeds),
	       text_count(c->messages, "message", messages), size);
	if (c->farther)
		printf("; %s would be farther",
		       text_count(c->farther, "feed", feeds));
	putchar('\n');
	kith_buf_free(&a);
	kith_buf_free(&b);
}

static void compare(struct cut *c)
{
	struct kith_feed_id feed;
	size_t at = 0;
	int before, after;

	if (!c->g->r->page.json)
		printf("%-*s  %4s  %-10s  %8s  %8s\n", NAME_COLUMNS, "feed",
		       "hops", "", "messages", "size");
	while (graph_next(c->before, c->g->choice.hops, &at, &feed, &before)) {
		after = graph_hops(c->after, &feed);
		if (after != before)
			show_cut(c, &feed, before, after);
	}
	if (!c->g->r->page.json)
		say_cut(c);
}

static int run_cut(struct cut *c, const struct kith_feed_id *centre)
{
	enum kith_err err = KITH_ENOMEM;
	int code;

	c->before = graph_new(centre);
	c->after = graph_new(centre);
	if (c->before && c->after)
		err = social_graph(c->g->r->txn, c->before);
	if (!err)
		err = social_graph(c->g->r->txn, c->after);
	if (err)
		return memory_or_store(err);
	code = find_follow(c, centre);
	if (code)
		return code;
	err = graph_set(c->after, &c->from, &c->to, CONTACT_UNFOLLOW);
	if (err)
		return memory_or_store(err);
	compare(c);
	return EXIT_DONE;
}

int graph_cut(struct graph_look *g, char **argv)
{
	struct cut c = { .g = g };
	struct kith_feed_id centre;
	int code = select_centre(g, &centre);

	if (!code)
		code = reading_select(g->r, argv[0], &c.to);
	if (!code)
		code = run_cut(&c, &centre);
	graph_free(c.before);
	graph_free(c.after);
	return code;
}
