/* kith graph --svg: the feeds on rings around the centre, one ring a hop. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#include "feeds/ref.h"
#include "src/gossip/graph.h"
#include "tools/graph.h"
#include "tools/graph_layout.h"
#include "tools/svg.h"
#include "tools/text.h"

/* The drawing is 1000 units wide: a label's font of 14 is 11 pixels high where
 * that are 800 of them. */
enum { PICTURE_BYTES_MAX = 16 << 20, TEXT_BYTES_MAX = 4096, HUES = 4,
       LABEL_COLUMNS = 16, FEW = 16, CORNERS = 4 };

#define WIDTH 1000.0
#define HEIGHT 1140.0
#define CENTRE_Y 590.0
#define RADIUS 350.0
#define PITCH 15.5
#define GAP 100.0
#define FONT 14.0
#define DOT_LEAST 3.0
#define DOT_MOST 11.0
#define WAY_PULL 4.0 /* the way to a feed is rather short */
#define TO_DEGREES (180 / 3.14159265358979323846)

static const char light[] =
	".ground{fill:#fff}\n"
	"text{font:14px system-ui,-apple-system,\"Segoe UI\",\"DejaVu Sans\","
	"sans-serif;fill:#273444;stroke-linejoin:round}\n"
	".title{font-size:27px;font-weight:600}\n"
	".faint{fill:#5d6b7a}\n"
	".labels text{paint-order:stroke;stroke:#fff;stroke-width:3px}\n"
	".centre{font-weight:700;font-size:16px}\n"
	".ring{fill:none;stroke:#e9edf2}\n"
	"path,.key{fill:none;stroke-linecap:round}\n"
	".one{stroke:#7f8ea1;stroke-opacity:.34;stroke-width:.9}\n"
	".both{stroke:#3b7ddd;stroke-opacity:.55;stroke-width:1.4}\n"
	".way{stroke:#e8772e;stroke-opacity:.7;stroke-width:1.5}\n"
	".first{stroke:#e8772e;stroke-opacity:.3;stroke-width:1.2}\n"
	".block{stroke:#d6336c;stroke-opacity:.7;stroke-width:1.2;"
	"stroke-dasharray:5 4}\n"
	"circle{stroke:#fff;stroke-width:1.2}\n"
	".h0{fill:#e8590c}.h1{fill:#1c7ed6}.h2{fill:#0ca678}.h3{fill:#7048e8}"
	".h4{fill:#868e96}\n"
	".out{fill:#fff;stroke:#d6336c;stroke-width:1.8}\n";

static const char dark[] =
	".ground{fill:#14181f}\n"
	"text{fill:#dfe5ec}.faint{fill:#94a1b1}\n"
	".labels text{stroke:#14181f}\n"
	".ring{stroke:#252c37}\n"
	".one{stroke:#9fb0c5;stroke-opacity:.26}\n"
	".both{stroke:#5b9bff}\n"
	".way,.first{stroke:#ffa05c}\n"
	".block{stroke:#ff6b95}\n"
	"circle{stroke:#14181f}\n"
	".h0{fill:#ff922b}.h1{fill:#4dabf7}.h2{fill:#38d9a9}.h3{fill:#9f85ff}"
	".h4{fill:#adb5bd}\n"
	".out{fill:#14181f;stroke:#ff6b95}\n";

/* nodes and edges are those of the map that are shown there; node_of and
 * feed_of lead from the one to the other. */
struct picture {
	struct graph_look *g;
	struct layout layout;
	struct layout_node *nodes;
	struct layout_edge *edges;
	uint32_t *node_of, *feed_of, *edge_of;
	uint32_t outside; /* the ring of those out of reach; 0: there are none */
	uint64_t most;	  /* messages of one feed */
	bool level;	  /* labels are not turned */
	struct kith_buf out;
};

/* --- what is laid out ----------------------------------------------------- */

static uint64_t weight_of(const struct map_feed *f)
{
	uint64_t messages = f->messages < UINT32_MAX ? f->messages
						     : UINT32_MAX;

	return (uint64_t)f->followers << 32 | messages;
}

/* Blocks lead to feeds out of reach: they have a ring of their own. */
static uint32_t ring_for_outside(const struct follow_map *m)
{
	int last = 0;
	bool any = false;

	for (size_t i = 0; i < m->feed_count; i++) {
		if (!m->feeds[i].shown)
			continue;
		any |= m->feeds[i].hops < 0;
		last = m->feeds[i].hops > last ? m->feeds[i].hops : last;
	}
	return any ? (uint32_t)last + 1 : 0;
}

static void add_nodes(struct picture *p)
{
	const struct follow_map *m = &p->g->map;
	size_t n = 0;

	p->outside = ring_for_outside(m);
	for (uint32_t i = 0; i < m->feed_count; i++) {
		const struct map_feed *f = &m->feeds[i];

		p->node_of[i] = MAP_NONE;
		if (!f->shown)
			continue;
		p->node_of[i] = (uint32_t)n;
		p->feed_of[n] = i;
		p->nodes[n++] = (struct layout_node){
			.ring = f->hops < 0 ? p->outside : (uint32_t)f->hops,
			.weight = weight_of(f),
		};
		p->most = f->messages > p->most ? f->messages : p->most;
	}
	p->layout.node_count = n;
}

static void add_edges(struct picture *p)
{
	const struct follow_map *m = &p->g->map;
	size_t n = 0;

	for (uint32_t i = 0; i < m->edge_count; i++) {
		const struct map_edge *e = &m->edges[i];

		if (!e->shown)
			continue;
		p->edge_of[n] = i;
		p->edges[n++] = (struct layout_edge){
			p->node_of[e->from], p->node_of[e->to],
			m->feeds[e->to].because == i ? WAY_PULL : 1
		};
	}
	p->layout.edge_count = n;
}

static enum kith_err lay_out(struct picture *p)
{
	size_t feeds = p->g->map.feed_count + 1;
	size_t edges = p->g->map.edge_count + 1;

	p->nodes = calloc(feeds, sizeof(*p->nodes));
	p->node_of = calloc(feeds, sizeof(*p->node_of));
	p->feed_of = calloc(feeds, sizeof(*p->feed_of));
	p->edges = calloc(edges, sizeof(*p->edges));
	p->edge_of = calloc(edges, sizeof(*p->edge_of));
	if (!p->nodes || !p->node_of || !p->feed_of || !p->edges ||
	    !p->edge_of)
		return KITH_ENOMEM;
	add_nodes(p);
	add_edges(p);
	p->layout.nodes = p->nodes;
	p->layout.edges = p->edges;
	return graph_layout(&p->layout);
}

static void clear(struct picture *p)
{
	free(p->nodes);
	free(p->node_of);
	free(p->feed_of);
	free(p->edges);
	free(p->edge_of);
	kith_buf_free(&p->out);
}

/* --- places --------------------------------------------------------------- */

static const struct map_feed *feed_at(const struct picture *p, size_t node)
{
	return &p->g->map.feeds[p->feed_of[node]];
}

static void place(const double at[2], double out[static 2])
{
	out[0] = WIDTH / 2 + at[0];
	out[1] = CENTRE_Y + at[1];
}

/* By its messages; neighbours on a ring do not touch. */
static double dot_of(const struct picture *p, size_t node)
{
	uint32_t ring = p->nodes[node].ring;
	double share = p->most ? (double)feed_at(p, node)->messages /
					 (double)p->most
			       : 0;
	double size = DOT_LEAST + (DOT_MOST - DOT_LEAST) * sqrt(share);
	double most = DOT_MOST;

	if (!ring)
		return DOT_MOST;
	if (p->layout.shown[ring] > 1)
		most = sin(3.1416 / (double)p->layout.shown[ring]) *
		       p->layout.radii[ring] - 0.6;
	return size < most ? size : most;
}

static size_t label_columns(const struct picture *p, uint32_t ring)
{
	double room = ring < p->layout.rings
			      ? p->layout.radii[ring + 1] -
					p->layout.radii[ring] - 30
			      : WIDTH / 2 - p->layout.radii[ring] - 18;
	size_t columns = svg_columns(room, FONT);

	return columns < LABEL_COLUMNS ? columns : LABEL_COLUMNS;
}

static void put_label(struct picture *p, size_t node, struct kith_buf *out)
{
	struct kith_buf name = { .limit = TEXT_BYTES_MAX };

	graph_put_name(p->g, &feed_at(p, node)->id, &name);
	text_put_cut(out, kith_bytes(&name),
		     label_columns(p, p->nodes[node].ring), false);
	kith_buf_free(&name);
}

/* --- labels that are not turned ------------------------------------------- */

/* Beside its dot, on the side that looks away from the centre. */
static void place_level(const struct picture *p, size_t node,
			struct svg_text *out)
{
	double dot = dot_of(p, node), across = sin(p->nodes[node].angle);
	bool down = p->nodes[node].at[1] > 0;

	place(p->nodes[node].at, out->at);
	out->middle = true;
	out->turned = 0;
	if (fabs(across) < 0.35) {
		out->anchor = 'm';
		out->at[1] += down ? dot + 11 : -dot - 11;
		return;
	}
	out->anchor = across > 0 ? 's' : 'e';
	out->at[0] += across > 0 ? dot + 5 : -dot - 5;
}

/* Left, top, right, bottom of a label. */
static void box_of(struct picture *p, size_t node, double out[static CORNERS])
{
	struct kith_buf text = { .limit = TEXT_BYTES_MAX };
	struct svg_text how = { 0 };
	double width;

	put_label(p, node, &text);
	width = (double)text_width(kith_bytes(&text)) * FONT * SVG_CHAR_WIDTH;
	place_level(p, node, &how);
	out[0] = how.at[0] - (how.anchor == 'm'	  ? width / 2
			      : how.anchor == 'e' ? width
						  : 0);
	out[1] = how.at[1] - FONT * 0.6;
	out[2] = out[0] + width;
	out[3] = how.at[1] + FONT * 0.6;
	kith_buf_free(&text);
}

static bool overlap(const double a[CORNERS], const double b[CORNERS])
{
	return a[0] < b[2] && b[0] < a[2] && a[1] < b[3] && b[1] < a[3];
}

static bool is_free(struct picture *p, size_t node, const double box[CORNERS])
{
	for (size_t i = 0; i < p->layout.node_count; i++) {
		double other[CORNERS], at[2], dot;

		if (!p->nodes[i].shown || i == node)
			continue;
		place(p->nodes[i].at, at);
		dot = dot_of(p, i);
		other[0] = at[0] - dot;
		other[1] = at[1] - dot;
		other[2] = at[0] + dot;
		other[3] = at[1] + dot;
		if (overlap(box, other))
			return false;
		if (!p->nodes[i].ring || i < node)
			continue;
		box_of(p, i, other);
		if (overlap(box, other))
			return false;
	}
	return box[0] > 4 && box[2] < WIDTH - 4;
}

/* A few are read best so; many would lie over each other. */
static bool can_be_level(struct picture *p)
{
	size_t shown = 0;

	for (uint32_t k = 0; k <= p->layout.rings; k++)
		shown += p->layout.shown[k];
	if (shown > FEW)
		return false;
	for (size_t i = 0; i < p->layout.node_count; i++) {
		double box[CORNERS];

		if (!p->nodes[i].shown || !p->nodes[i].ring)
			continue;
		box_of(p, i, box);
		if (!is_free(p, i, box))
			return false;
	}
	return true;
}

/* --- what is drawn -------------------------------------------------------- */

static void draw_rings(struct picture *p)
{
	static const double centre[2] = { WIDTH / 2, CENTRE_Y };

	for (uint32_t k = 1; k <= p->layout.rings; k++)
		svg_circle(&p->out, "ring", centre, p->layout.radii[k],
			   (struct kith_slice){ 0 });
}

/* FIRST: from the centre, of which there are many and none says much. */
enum stroke { STROKE_FIRST, STROKE_ONE, STROKE_BOTH, STROKE_BLOCK, STROKE_WAY,
	      STROKES };

static enum stroke stroke_of(const struct picture *p, size_t edge)
{
	const struct follow_map *m = &p->g->map;
	const struct map_edge *e = &m->edges[p->edge_of[edge]];

	if (e->edge == CONTACT_BLOCK)
		return STROKE_BLOCK;
	if (m->feeds[e->to].because == p->edge_of[edge])
		return e->from == m->centre ? STROKE_FIRST : STROKE_WAY;
	return e->mutual ? STROKE_BOTH : STROKE_ONE;
}

/* Of two edges that say the same both ways, one is drawn; and none beside the
 * one that is the way. */
static bool is_drawn(const struct picture *p, size_t edge)
{
	const struct follow_map *m = &p->g->map;
	const struct layout_edge *e = &p->edges[edge];
	uint32_t n = p->edge_of[edge];
	uint32_t back = m->feeds[m->edges[n].from].because;

	if (!p->nodes[e->from].shown || !p->nodes[e->to].shown)
		return false;
	if (!m->edges[n].mutual || m->feeds[m->edges[n].to].because == n)
		return true;
	if (back != MAP_NONE && m->edges[back].from == m->edges[n].to)
		return false;
	return e->from < e->to;
}

static void draw_edges(struct picture *p)
{
	static const char *const classes[STROKES] = { "first", "one", "both",
						      "block", "way" };

	for (int s = 0; s < STROKES; s++) {
		svg_group(&p->out, classes[s]);
		for (size_t i = 0; i < p->layout.edge_count; i++) {
			double at[4][2], moved[4][2];

			if ((int)stroke_of(p, i) != s || !is_drawn(p, i))
				continue;
			graph_layout_curve(&p->layout, &p->edges[i], at);
			for (int k = 0; k < 4; k++)
				place(at[k], moved[k]);
			svg_curve(&p->out, moved);
		}
		svg_group_end(&p->out);
	}
}

static const char *class_of(const struct picture *p, size_t node)
{
	static const char *const classes[HUES + 1] = { "h0", "h1", "h2", "h3",
						       "h4" };
	uint32_t ring = p->nodes[node].ring;

	if (feed_at(p, node)->hops < 0)
		return "out";
	return classes[ring < HUES ? ring : HUES];
}

/* "Ada @QO9... / 3 messages, follows 2, followed by 5" */
static void put_hint(struct picture *p, size_t node, struct kith_buf *out)
{
	const struct map_feed *f = feed_at(p, node);
	char id[KITH_REF_TEXT_BYTES], more[160];

	kith_feed_print(&f->id, id);
	if (graph_put_name(p->g, &f->id, out)) {
		kith_buf_byte(out, ' ');
		kith_buf_text(out, id);
	} else {
		kith_buf_reset(out);
		kith_buf_text(out, id);
	}
	snprintf(more, sizeof(more), ": %llu message%s, follows %u, followed "
		 "by %u", (unsigned long long)f->messages,
		 f->messages == 1 ? "" : "s", (unsigned)f->follows,
		 (unsigned)f->followers);
	kith_buf_text(out, more);
}

static void draw_dots(struct picture *p)
{
	struct kith_buf hint = { .limit = TEXT_BYTES_MAX };
	double at[2];

	svg_group(&p->out, NULL);
	for (size_t i = 0; i < p->layout.node_count; i++) {
		if (!p->nodes[i].shown)
			continue;
		kith_buf_reset(&hint);
		put_hint(p, i, &hint);
		place(p->nodes[i].at, at);
		svg_circle(&p->out, class_of(p, i), at, dot_of(p, i),
			   kith_bytes(&hint));
	}
	svg_group_end(&p->out);
	kith_buf_free(&hint);
}

/* Outwards along the ray, and never on its head. */
static void place_turned(const struct picture *p, size_t node,
			 struct svg_text *out)
{
	double angle = p->nodes[node].angle * TO_DEGREES;
	double away = p->layout.radii[p->nodes[node].ring] +
		      dot_of(p, node) + 5;
	const double at[2] = { away * sin(p->nodes[node].angle),
			       -away * cos(p->nodes[node].angle) };

	place(at, out->at);
	out->middle = true;
	out->anchor = angle <= 180 ? 's' : 'e';
	out->turned = angle <= 180 ? angle - 90 : angle - 270;
}

static void draw_labels(struct picture *p)
{
	struct kith_buf text = { .limit = TEXT_BYTES_MAX };

	svg_group(&p->out, "labels");
	for (size_t i = 0; i < p->layout.node_count; i++) {
		struct svg_text how = { 0 };

		if (!p->nodes[i].shown)
			continue;
		if (!p->nodes[i].ring) {
			how = (struct svg_text){ .class = "centre",
						 .at = { WIDTH / 2,
							 CENTRE_Y + 29 },
						 .anchor = 'm' };
		} else if (p->level) {
			place_level(p, i, &how);
		} else {
			place_turned(p, i, &how);
		}
		kith_buf_reset(&text);
		put_label(p, i, &text);
		svg_text(&p->out, &how, kith_bytes(&text));
	}
	svg_group_end(&p->out);
	kith_buf_free(&text);
}

/* --- words ---------------------------------------------------------------- */

static void put_count(struct kith_buf *out, uint64_t n, const char *thing)
{
	char text[TEXT_COUNT_BYTES];

	kith_buf_text(out, text_count(n, thing, text));
}

static void put_title(struct picture *p, struct kith_buf *out)
{
	const struct follow_map *m = &p->g->map;

	kith_buf_text(out, p->g->choice.kinds == MAP_BLOCKS
				   ? "Who blocks whom around "
				   : "Who follows whom around ");
	graph_put_name(p->g, &m->feeds[m->centre].id, out);
}

static void put_sums(struct picture *p, struct kith_buf *out)
{
	uint64_t feeds = 0, follows = 0, mutual = 0, blocks = 0;
	const struct follow_map *m = &p->g->map;

	for (uint32_t k = 0; k <= p->layout.rings; k++)
		feeds += p->layout.shown[k];
	for (size_t i = 0; i < p->layout.edge_count; i++) {
		const struct map_edge *e = &m->edges[p->edge_of[i]];
		bool follow = e->edge == CONTACT_FOLLOW;

		if (!p->nodes[p->edges[i].from].shown ||
		    !p->nodes[p->edges[i].to].shown)
			continue;
		follows += follow;
		mutual += follow && e->mutual;
		blocks += !follow;
	}
	put_count(out, feeds, "feed");
	kith_buf_text(out, ", ");
	put_count(out, follows, "follow");
	if (mutual) {
		kith_buf_text(out, " (");
		put_count(out, mutual / 2, "pair");
		kith_buf_text(out, " both ways)");
	}
	if (blocks) {
		kith_buf_text(out, ", ");
		put_count(out, blocks, "block");
	}
}

/* "Left out for want of room: 12 feeds at 2 hops, ..."; nothing where none
 * are. */
static void put_left_out(const struct picture *p, struct kith_buf *out)
{
	const char *before = "Left out for want of room: ";

	for (uint32_t k = 1; k <= p->layout.rings; k++) {
		if (!p->layout.left_out[k])
			continue;
		kith_buf_text(out, before);
		put_count(out, p->layout.left_out[k], "feed");
		if (k == p->outside) {
			kith_buf_text(out, " out of reach");
		} else {
			kith_buf_text(out, " at ");
			put_count(out, k, "hop");
		}
		before = ", ";
	}
	if (*before == ',')
		kith_buf_text(out, "; those whom fewest follow");
}

static void draw_words(struct picture *p)
{
	struct kith_buf text = { .limit = TEXT_BYTES_MAX };
	struct svg_text how = { .class = "title", .at = { 28, 46 },
				.anchor = 's' };

	put_title(p, &text);
	svg_text(&p->out, &how, kith_bytes(&text));
	kith_buf_reset(&text);
	put_sums(p, &text);
	how = (struct svg_text){ .class = "faint", .at = { 28, 72 },
				 .anchor = 's' };
	svg_text(&p->out, &how, kith_bytes(&text));
	kith_buf_reset(&text);
	put_left_out(p, &text);
	how.at[1] = 94;
	if (text.n)
		svg_text(&p->out, &how, kith_bytes(&text));
	kith_buf_free(&text);
}

/* --- the key -------------------------------------------------------------- */

/* The next entry begins at *x. */
static void end_entry(struct picture *p, const char *text, double *x)
{
	struct svg_text how = { .class = "faint", .anchor = 's',
				.at = { *x, HEIGHT - 26 }, .middle = true };

	svg_say(&p->out, &how, text);
	*x += (double)text_width(kith_text(text)) * FONT * SVG_CHAR_WIDTH + 22;
}

static void draw_dot_key(struct picture *p, uint32_t ring, double *x)
{
	static const char *const classes[HUES + 1] = { "h0", "h1", "h2", "h3",
						       "h4" };
	const double at[2] = { *x + 6, HEIGHT - 26 };
	char text[TEXT_COUNT_BYTES];
	bool out = ring == p->outside;

	svg_circle(&p->out, out ? "out" : classes[ring < HUES ? ring : HUES],
		   at, 6, (struct kith_slice){ 0 });
	*x += 18;
	if (out)
		end_entry(p, "out of reach", x);
	else
		end_entry(p, text_count(ring, "hop", text), x);
}

static void draw_line_key(struct picture *p, const char *class,
			  const char *text, double *x)
{
	const double from[2] = { *x, HEIGHT - 26 };
	const double to[2] = { *x + 24, HEIGHT - 26 };

	svg_line(&p->out, class, from, to);
	*x += 31;
	end_entry(p, text, x);
}

static void draw_key(struct picture *p)
{
	double x = 28;

	for (uint32_t k = 1; k <= p->layout.rings && k <= HUES; k++)
		draw_dot_key(p, k, &x);
	if (p->outside > HUES)
		draw_dot_key(p, p->outside, &x);
	if (p->g->choice.kinds & MAP_FOLLOWS) {
		draw_line_key(p, "way", "first way", &x);
		draw_line_key(p, "both", "both follow", &x);
		if (!p->g->choice.mutual)
			draw_line_key(p, "one", "one follows", &x);
	}
	if (p->g->choice.kinds & MAP_BLOCKS)
		draw_line_key(p, "block", "blocks", &x);
}

/* --- the whole ------------------------------------------------------------ */

static void draw(struct picture *p)
{
	struct kith_buf title = { .limit = TEXT_BYTES_MAX };
	struct kith_buf sums = { .limit = TEXT_BYTES_MAX };
	struct svg_head head = { .width = WIDTH, .height = HEIGHT,
				 .light = light, .dark = dark };

	put_title(p, &title);
	put_sums(p, &sums);
	kith_buf_text(&sums, ", each feed on a ring by its hops from the "
			     "centre, the larger the more messages of it are "
			     "here.");
	head.title = kith_bytes(&title);
	head.description = kith_bytes(&sums);
	svg_begin(&p->out, &head);
	draw_rings(p);
	draw_edges(p);
	draw_dots(p);
	draw_labels(p);
	draw_words(p);
	draw_key(p);
	svg_end(&p->out);
	kith_buf_free(&title);
	kith_buf_free(&sums);
}

int graph_svg(struct graph_look *g)
{
	struct picture p = { .g = g,
			     .layout = { .radius = RADIUS, .pitch = PITCH,
					 .gap = GAP },
			     .out = { .limit = PICTURE_BYTES_MAX } };
	enum kith_err err;

	if (g->map.centre == MAP_NONE)
		return tool_fail(EXIT_NOT_FOUND, "there is nothing to draw: "
				 "nobody here follows anybody");
	err = lay_out(&p);
	if (!err) {
		p.level = can_be_level(&p);
		draw(&p);
		err = p.out.err;
	}
	if (!err)
		fwrite(p.out.p, 1, p.out.n, stdout);
	clear(&p);
	return err ? tool_fail(EXIT_FAILED, "out of memory") : EXIT_DONE;
}
