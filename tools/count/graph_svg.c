/* kith graph --svg: the feeds on rings around the centre, one ring a hop. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#include "feeds/ref.h"
#include "src/gossip/graph.h"
#include "tools/count/graph_picture.h"
#include "tools/text/text.h"

enum { PICTURE_BYTES_MAX = 16 << 20, HUES = 4 };

#define TITLE_FONT 29.5 /* 27, and bold */

static const char light[] =
	".ground{fill:#fff}\n"
	"text{font:14px system-ui,-apple-system,\"Segoe UI\",\"DejaVu Sans\","
	"sans-serif;fill:#273444;stroke-linejoin:round}\n"
	".title{font-size:27px;font-weight:600}\n"
	".faint{fill:#5d6b7a}\n"
	".labels text{paint-order:stroke;stroke:#fff;stroke-width:4px}\n"
	".centre{font-weight:700;font-size:16px}\n"
	".ring{fill:none;stroke:#e9edf2}\n"
	"path,.key{fill:none;stroke-linecap:round}\n"
	".one{stroke:#7f8ea1;stroke-opacity:.34;stroke-width:.9}\n"
	".both{stroke:#3b7ddd;stroke-opacity:.55;stroke-width:1.4}\n"
	".way,.first{stroke:#e8772e;stroke-opacity:.7;stroke-width:1.5}\n"
	".block{stroke:#d6336c;stroke-opacity:.7;stroke-width:1.2;"
	"stroke-dasharray:5 4}\n"
	".key{stroke-width:2.2;stroke-opacity:1}\n"
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
	".out{fill:#14181f;stroke:#ff6b95}\n"
	".key{stroke-opacity:1}\n";

/* --- what is drawn -------------------------------------------------------- */

static void draw_rings(struct picture *p)
{
	const double centre[2] = { PICTURE_WIDTH / 2, p->centre_y };

	for (uint32_t k = 1; k <= p->layout.rings; k++)
		svg_circle(&p->out, "ring", centre, p->layout.radii[k],
			   (struct kith_slice){ 0 });
}

static const char *const strokes[STROKES] = {
	[STROKE_FIRST] = "first", [STROKE_ONE] = "one", [STROKE_BOTH] = "both",
	[STROKE_BLOCK] = "block", [STROKE_WAY] = "way",
};

static bool is_drawn_as(const struct picture *p, size_t edge, int stroke)
{
	return p->drawn[edge] && (int)picture_stroke(p, edge) == stroke;
}

/* Many lines over each other are drawn fainter. */
static void begin_strokes(struct picture *p, int stroke)
{
	static const size_t enough[STROKES] = {
		[STROKE_FIRST] = 6, [STROKE_ONE] = 250, [STROKE_BOTH] = 90,
		[STROKE_BLOCK] = 90, [STROKE_WAY] = 90,
	};
	size_t most = enough[stroke], n = 0;

	for (size_t i = 0; i < p->layout.edge_count; i++)
		n += is_drawn_as(p, i, stroke);
	kith_buf_text(&p->out, "<g class=\"");
	kith_buf_text(&p->out, strokes[stroke]);
	if (n > most) {
		kith_buf_text(&p->out, "\" opacity=\"");
		svg_number(&p->out, sqrt((double)most / (double)n));
	}
	kith_buf_text(&p->out, "\">\n");
}

static void draw_edges(struct picture *p)
{
	for (int s = 0; s < STROKES; s++) {
		begin_strokes(p, s);
		for (size_t i = 0; i < p->layout.edge_count; i++) {
			double at[4][2], moved[4][2];

			if (!is_drawn_as(p, i, s))
				continue;
			graph_layout_curve(&p->layout, &p->edges[i], at);
			for (int k = 0; k < 4; k++)
				picture_place(p, at[k], moved[k]);
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

	if (picture_feed(p, node)->hops < 0)
		return "out";
	return classes[ring < HUES ? ring : HUES];
}

/* "Ada @QO9... / 3 messages, follows 2, followed by 5" */
static void put_hint(struct picture *p, size_t node, struct kith_buf *out)
{
	const struct map_feed *f = picture_feed(p, node);
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
	struct kith_buf hint = { .limit = PICTURE_TEXT_BYTES_MAX };
	double at[2];

	svg_group(&p->out, NULL);
	for (size_t i = 0; i < p->layout.node_count; i++) {
		if (!p->nodes[i].shown)
			continue;
		kith_buf_reset(&hint);
		put_hint(p, i, &hint);
		picture_place(p, p->nodes[i].at, at);
		svg_circle(&p->out, class_of(p, i), at, picture_dot(p, i),
			   kith_bytes(&hint));
	}
	svg_group_end(&p->out);
	kith_buf_free(&hint);
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

/* "Left out for want of room: 12 feeds at 2 hops, 90 lines; ..."; nothing where
 * none are. */
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
			if (k == LAYOUT_RINGS_MAX)
				kith_buf_text(out, " or more");
		}
		before = ", ";
	}
	if (p->hidden) {
		kith_buf_text(out, before);
		put_count(out, p->hidden, "line");
		before = ", ";
	}
	if (*before == ',')
		kith_buf_text(out, "; of those whom fewest follow");
}

static void draw_words(struct picture *p)
{
	struct kith_buf text = { .limit = PICTURE_TEXT_BYTES_MAX };
	struct svg_text how = { .class = "title", .at = { 28, 46 },
				.anchor = 's' };
	struct kith_buf title = { .limit = PICTURE_TEXT_BYTES_MAX };

	put_title(p, &title);
	svg_put_cut(&text, kith_bytes(&title), PICTURE_WIDTH - 56, TITLE_FONT);
	svg_text(&p->out, &how, kith_bytes(&text));
	kith_buf_free(&title);
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
	struct svg_text how = { .class = "faint",
				.anchor = 's',
				.at = { *x, p->height - 26 },
				.middle = true };

	svg_say(&p->out, &how, text);
	*x += svg_width(kith_text(text), PICTURE_FONT) + 18;
}

static void draw_dot_key(struct picture *p, uint32_t ring, double *x)
{
	static const char *const classes[HUES + 1] = { "h0", "h1", "h2", "h3",
						       "h4" };
	const double at[2] = { *x + 6, p->height - 26 };
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

/* For what is drawn. */
static void draw_line_key(struct picture *p, const bool drawn[STROKES],
			  enum stroke stroke, const char *text, double *x)
{
	const double from[2] = { *x, p->height - 26 };
	const double to[2] = { *x + 24, p->height - 26 };
	char class[16];

	if (!drawn[stroke])
		return;
	snprintf(class, sizeof(class), "%s key", strokes[stroke]);
	svg_line(&p->out, class, from, to);
	*x += 31;
	end_entry(p, text, x);
}

static void draw_key(struct picture *p)
{
	bool drawn[STROKES] = { false };
	double x = 28;

	for (size_t i = 0; i < p->layout.edge_count; i++)
		drawn[picture_stroke(p, i)] |= p->drawn[i];
	drawn[STROKE_WAY] |= drawn[STROKE_FIRST];
	for (uint32_t k = 1; k <= p->layout.rings && k <= HUES; k++)
		draw_dot_key(p, k, &x);
	if (p->outside > HUES)
		draw_dot_key(p, p->outside, &x);
	draw_line_key(p, drawn, STROKE_WAY, "shortest way", &x);
	draw_line_key(p, drawn, STROKE_BOTH, "both follow", &x);
	draw_line_key(p, drawn, STROKE_ONE, "one follows", &x);
	draw_line_key(p, drawn, STROKE_BLOCK, "blocks", &x);
}

/* --- the whole ------------------------------------------------------------ */

static void draw(struct picture *p)
{
	struct kith_buf title = { .limit = PICTURE_TEXT_BYTES_MAX };
	struct kith_buf sums = { .limit = PICTURE_TEXT_BYTES_MAX };
	struct svg_head head = { .width = PICTURE_WIDTH,
				 .height = p->height,
				 .light = light,
				 .dark = dark };

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
	picture_draw_labels(p);
	draw_words(p);
	draw_key(p);
	svg_end(&p->out);
	kith_buf_free(&title);
	kith_buf_free(&sums);
}

int graph_svg(struct graph_look *g)
{
	struct picture p = { .g = g,
			     .out = { .limit = PICTURE_BYTES_MAX } };
	enum kith_err err;

	if (g->map.centre == MAP_NONE)
		return tool_fail(EXIT_NOT_FOUND, "there is nothing to draw: "
				 "nobody here follows anybody");
	err = picture_lay_out(&p);
	if (!err) {
		draw(&p);
		err = p.out.err;
	}
	if (!err)
		fwrite(p.out.p, 1, p.out.n, stdout);
	picture_clear(&p);
	return err ? tool_fail(EXIT_FAILED, "out of memory") : EXIT_DONE;
}
