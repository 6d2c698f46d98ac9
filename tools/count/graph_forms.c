/* kith graph for other programs: records, Graphviz, and tab separated. */
#include <stdio.h>

#include "feeds/ref.h"
#include "src/gossip/graph.h"
#include "tools/count/graph.h"
#include "tools/print/record.h"

enum { LINE_BYTES_MAX = 8192 };

/* --- records -------------------------------------------------------------- */

static void record_one(struct graph_look *g, const struct map_feed *f)
{
	struct record r;

	record_begin(&r);
	record_feed(&r, "feed", &f->id);
	reading_record_name(g->r, &r, &f->id);
	if (f->hops != GRAPH_HOPS_FAR)
		record_int(&r, "hops", f->hops);
	record_uint(&r, "messages", f->messages);
	record_uint(&r, "bytes", f->bytes);
	record_uint(&r, "follows", f->follows);
	record_uint(&r, "followers", f->followers);
	record_end(&r);
}

int graph_records(struct graph_look *g)
{
	const struct follow_map *m = &g->map;
	struct record r;

	for (size_t i = 0; i < m->feed_count; i++)
		if (m->feeds[i].shown)
			record_one(g, &m->feeds[i]);
	for (size_t i = 0; i < m->edge_count; i++) {
		const struct map_edge *e = &m->edges[i];

		if (!e->shown)
			continue;
		record_begin(&r);
		record_feed(&r, "from", &m->feeds[e->from].id);
		record_feed(&r, "to", &m->feeds[e->to].id);
		record_text(&r, "edge", graph_edge_name(e->edge));
		record_bool(&r, "mutual", e->mutual);
		record_uint(&r, "seq", e->sequence);
		record_end(&r);
	}
	return EXIT_DONE;
}

/* --- Graphviz ------------------------------------------------------------- */

/* Safe text in the quotes of DOT, where a backslash begins an escape. */
static void put_quoted(struct kith_buf *out, struct kith_slice text)
{
	kith_buf_byte(out, '"');
	for (size_t i = 0; i < text.n; i++) {
		if (text.p[i] == '"' || text.p[i] == '\\')
			kith_buf_byte(out, '\\');
		kith_buf_byte(out, text.p[i]);
	}
	kith_buf_byte(out, '"');
}

static void put_id(struct kith_buf *out, const struct kith_feed_id *id)
{
	char text[KITH_REF_TEXT_BYTES];

	kith_feed_print(id, text);
	put_quoted(out, kith_text(text));
}

static void print_line(struct kith_buf *line)
{
	kith_buf_byte(line, '\n');
	fwrite(line->p, 1, line->n, stdout);
	kith_buf_reset(line);
}

static void dot_feed(struct graph_look *g, const struct map_feed *f,
		     struct kith_buf *line)
{
	struct kith_buf name = { .limit = LINE_BYTES_MAX };

	graph_put_name(g, &f->id, &name);
	kith_buf_byte(line, '\t');
	put_id(line, &f->id);
	kith_buf_text(line, " [label=");
	put_quoted(line, kith_bytes(&name));
	if (f->hops >= 0) {
		kith_buf_text(line, ", hops=");
		kith_buf_int(line, f->hops);
	}
	kith_buf_text(line, ", messages=");
	kith_buf_uint(line, f->messages);
	kith_buf_text(line, "];");
	print_line(line);
	kith_buf_free(&name);
}

/* One line for both ways, where both say the same. */
static void dot_edge(const struct follow_map *m, const struct map_edge *e,
		     struct kith_buf *line)
{
	if (e->mutual && e->from > e->to)
		return;
	kith_buf_byte(line, '\t');
	put_id(line, &m->feeds[e->from].id);
	kith_buf_text(line, " -> ");
	put_id(line, &m->feeds[e->to].id);
	kith_buf_text(line, " [edge=");
	kith_buf_text(line, graph_edge_name(e->edge));
	if (e->mutual)
		kith_buf_text(line, ", dir=both");
	if (e->edge == CONTACT_BLOCK)
		kith_buf_text(line, ", color=red, style=dashed");
	kith_buf_text(line, "];");
	print_line(line);
}

int graph_dot(struct graph_look *g)
{
	struct kith_buf line = { .limit = LINE_BYTES_MAX };
	const struct follow_map *m = &g->map;

	puts("digraph kith {\n\toverlap=false;\n\tsplines=true;\n"
	     "\tnode [shape=box, style=rounded];");
	for (size_t i = 0; i < m->feed_count; i++)
		if (m->feeds[i].shown)
			dot_feed(g, &m->feeds[i], &line);
	for (size_t i = 0; i < m->edge_count; i++)
		if (m->edges[i].shown)
			dot_edge(m, &m->edges[i], &line);
	puts("}");
	kith_buf_free(&line);
	return EXIT_DONE;
}

/* --- tab separated -------------------------------------------------------- */

/* Names are safe text, in which no tab and no line end can stand. */
int graph_tsv(struct graph_look *g)
{
	struct kith_buf line = { .limit = LINE_BYTES_MAX };
	const struct follow_map *m = &g->map;
	char from[KITH_REF_TEXT_BYTES], to[KITH_REF_TEXT_BYTES];

	puts("from\tto\tedge\tmutual\tfrom_name\tto_name");
	for (size_t i = 0; i < m->edge_count; i++) {
		const struct map_edge *e = &m->edges[i];

		if (!e->shown)
			continue;
		kith_feed_print(&m->feeds[e->from].id, from);
		kith_feed_print(&m->feeds[e->to].id, to);
		printf("%s\t%s\t%s\t%s\t", from, to, graph_edge_name(e->edge),
		       e->mutual ? "true" : "false");
		graph_put_name(g, &m->feeds[e->from].id, &line);
		kith_buf_byte(&line, '\t');
		graph_put_name(g, &m->feeds[e->to].id, &line);
		print_line(&line);
	}
	kith_buf_free(&line);
	return EXIT_DONE;
}
