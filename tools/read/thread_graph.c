#include "tools/read/thread_graph.h"

#include <stdio.h>
#include <stdlib.h>

#include "feeds/json.h"
#include "src/views/content.h"
#include "tools/print/post.h"
#include "tools/print/record.h"
#include "tools/print/show.h"

enum { FREE = -1, LINE_BYTES_MAX = 1 << 14 };

/* Nodes are messages by their place in the thread, and behind those what is
 * missing. */
struct node_id {
	struct kith_msg_id id;
	int node;
};

struct lanes {
	struct reading *r;
	const struct thread *th;
	struct node_id *by_id; /* of all nodes, sorted */
	size_t nodes;
	int wait[THREAD_LANES_MAX]; /* the node that a lane leads to, or FREE */
	size_t width;		    /* lanes up to the last one in use */
};

/* --- who answers what ----------------------------------------------------- */

static int compare_nodes(const void *a, const void *b)
{
	const struct node_id *x = a, *y = b;

	if (x->id.format != y->id.format)
		return x->id.format < y->id.format ? -1 : 1;
	return memcmp(x->id.b, y->id.b, KITH_ID_BYTES);
}

static bool index_nodes(struct lanes *l)
{
	const struct thread *th = l->th;

	l->nodes = th->count + th->missing_count;
	l->by_id = calloc(l->nodes + 1, sizeof(*l->by_id));
	if (!l->by_id)
		return false;
	for (size_t i = 0; i < l->nodes; i++) {
		l->by_id[i].node = (int)i;
		l->by_id[i].id = i < th->count
					 ? th->messages[i].id
					 : th->missing[i - th->count];
	}
	qsort(l->by_id, l->nodes, sizeof(*l->by_id), compare_nodes);
	return true;
}

static int find_node(const struct lanes *l, const struct kith_msg_id *id)
{
	const struct node_id key = { .id = *id };
	const struct node_id *found = bsearch(&key, l->by_id, l->nodes,
					      sizeof(key), compare_nodes);

	return found ? found->node : FREE;
}

struct parents {
	int node[THREAD_PARENTS_MAX];
	size_t n;
};

/* Only what stands before it, so that lines end; once each. */
static void add_parent(const struct lanes *l, int child,
		       const struct kith_msg_id *id, struct parents *out)
{
	int node = find_node(l, id);

	if (node == FREE || out->n == THREAD_PARENTS_MAX ||
	    (node >= child && (size_t)node < l->th->count))
		return;
	for (size_t i = 0; i < out->n; i++)
		if (out->node[i] == node)
			return;
	out->node[out->n++] = node;
}

static void add_list(const struct lanes *l, int child, struct kith_slice list,
		     struct parents *out)
{
	struct kith_slice item;
	struct kith_msg_id id;
	size_t at = 0;

	if (content_msg(list, &id))
		add_parent(l, child, &id, out);
	while (json_next_element(list, &at, &item))
		if (content_msg(item, &id))
			add_parent(l, child, &id, out);
}

/* What it says that it follows, by branch and tangles; else its root. */
static void find_parents(const struct lanes *l, int child, struct parents *out)
{
	struct kith_slice content = l->th->messages[child].content;
	struct kith_slice tangles = json_get(content, "tangles"), key, tangle;
	struct kith_msg_id root;
	size_t at = 0;

	out->n = 0;
	add_list(l, child, json_get(content, "branch"), out);
	while (json_next_member(tangles, &at, &key, &tangle))
		if (!json_is(key, "group"))
			add_list(l, child, json_get(tangle, "previous"), out);
	if (!out->n && content_root(content, &root))
		add_parent(l, child, &root, out);
	if (!out->n && content_msg(json_get(content, "fork"), &root))
		add_parent(l, child, &root, out);
}

/* --- lanes ---------------------------------------------------------------- */

static bool leads_to(const struct lanes *l, size_t lane, int node)
{
	return lane < l->width && l->wait[lane] == node;
}

static int lane_to(const struct lanes *l, int node)
{
	for (size_t i = 0; i < l->width; i++)
		if (l->wait[i] == node)
			return (int)i;
	return FREE;
}

/* A lane for node; the last one holds whatever has no room elsewhere. */
static size_t take_lane(struct lanes *l, int node)
{
	size_t i = 0;

	while (i < l->width && l->wait[i] != FREE)
		i++;
	if (i == THREAD_LANES_MAX)
		i--;
	l->wait[i] = node;
	if (i >= l->width)
		l->width = i + 1;
	return i;
}

static void shrink(struct lanes *l)
{
	while (l->width && l->wait[l->width - 1] == FREE)
		l->width--;
}

/* What a row has in one lane: lines to each of its four sides. */
enum { UP = 1, DOWN = 2, LEFT = 4, RIGHT = 8 };

static const char *line_of(unsigned sides)
{
	static const char *const lines[] = {
		[0] = " ",		       [UP] = "╵",
		[DOWN] = "╷",		       [UP | DOWN] = "│",
		[LEFT] = "─",		       [UP | LEFT] = "╯",
		[DOWN | LEFT] = "╮",	       [UP | DOWN | LEFT] = "┤",
		[RIGHT] = "─",		       [UP | RIGHT] = "╰",
		[DOWN | RIGHT] = "╭",	       [UP | DOWN | RIGHT] = "├",
		[LEFT | RIGHT] = "─",	       [UP | LEFT | RIGHT] = "┴",
		[DOWN | LEFT | RIGHT] = "┬",
		[UP | DOWN | LEFT | RIGHT] = "┼",
	};

	return lines[sides];
}

/* A row that joins the marked lanes, which all lie between first and last, to
 * each other: each has a line up where it was in use before, and down where it
 * will be. */
static void print_joint(const struct lanes *l, const unsigned *sides,
			size_t width)
{
	struct kith_buf line = { .limit = LINE_BYTES_MAX };

	for (size_t i = 0; i < width; i++) {
		kith_buf_text(&line, line_of(sides[i]));
		kith_buf_text(&line, sides[i] & RIGHT ? "─" : " ");
	}
	page_print_line(&l->r->page, kith_bytes(&line), l->r->page.columns);
	kith_buf_free(&line);
}

static void connect(unsigned *sides, size_t a, size_t b)
{
	size_t low = a < b ? a : b, high = a < b ? b : a;

	for (size_t i = low; i <= high; i++)
		sides[i] |= (i > low ? (unsigned)LEFT : 0u) |
			    (i < high ? (unsigned)RIGHT : 0u);
}

static void look_up_and_down(const struct lanes *l, unsigned *sides)
{
	for (size_t i = 0; i < l->width; i++)
		sides[i] = l->wait[i] == FREE ? 0 : UP | DOWN;
}

/* All lanes that lead to node become one; gives it. */
static size_t join(struct lanes *l, int node)
{
	unsigned sides[THREAD_LANES_MAX] = { 0 };
	int first = lane_to(l, node);
	bool joined = false;
	size_t width = l->width;

	if (first == FREE)
		return take_lane(l, node);
	look_up_and_down(l, sides);
	for (size_t i = (size_t)first + 1; i < l->width; i++) {
		if (!leads_to(l, i, node))
			continue;
		connect(sides, (size_t)first, i);
		sides[i] &= ~(unsigned)DOWN;
		l->wait[i] = FREE;
		joined = true;
	}
	if (joined)
		print_joint(l, sides, width);
	shrink(l);
	return (size_t)first;
}

/* The first that no lane leads to yet: its line goes straight on; FREE: there
 * is none. */
static int straight_on(const struct lanes *l, const struct parents *p)
{
	for (size_t i = 0; i < p->n; i++)
		if (lane_to(l, p->node[i]) == FREE)
			return p->node[i];
	return FREE;
}

/* From the lane of a message to those of what it answers. */
static void split(struct lanes *l, size_t lane, const struct parents *p)
{
	unsigned sides[THREAD_LANES_MAX] = { 0 };
	int on;

	l->wait[lane] = FREE;
	on = straight_on(l, p);
	l->wait[lane] = on;
	look_up_and_down(l, sides);
	sides[lane] = UP | (on == FREE ? 0u : (unsigned)DOWN);
	for (size_t i = 0; i < p->n; i++) {
		int to = lane_to(l, p->node[i]);

		if (p->node[i] == on)
			continue;
		if (to == FREE) {
			to = (int)take_lane(l, p->node[i]);
			sides[to] |= DOWN;
		}
		connect(sides, lane, (size_t)to);
	}
	if (p->n > 1 || (p->n && on == FREE))
		print_joint(l, sides, l->width > lane ? l->width : lane + 1);
	shrink(l);
}

/* --- rows ----------------------------------------------------------------- */

static void put_lanes(const struct lanes *l, size_t own, const char *mark,
		      struct kith_buf *out)
{
	for (size_t i = 0; i < l->width; i++) {
		kith_buf_text(out, i == own	       ? mark
				   : l->wait[i] == FREE ? " "
							: "│");
		kith_buf_byte(out, ' ');
	}
}

static void print_message(struct lanes *l, int node, size_t lane)
{
	const struct thread_message *of = &l->th->messages[node];
	struct kith_buf left = { .limit = LINE_BYTES_MAX };
	struct message_row row;
	struct view_message m;

	put_lanes(l, lane, of->tip ? "◆" : "●", &left);
	if (of->tip)
		style_text(&left, STYLE_STRONG, "head  ");
	if (reading_message(l->r, of->rx, &row, &m))
		post_print_line(l->r, &m, kith_bytes(&left));
	kith_buf_free(&left);
}

static void print_missing(struct lanes *l, int node, size_t lane)
{
	const struct kith_msg_id *id =
		&l->th->missing[(size_t)node - l->th->count];
	struct kith_buf line = { .limit = LINE_BYTES_MAX };

	put_lanes(l, lane, "○", &line);
	style_text(&line, STYLE_ALERT, "not here: ");
	person_put_msg(l->r->txn, id, &line);
	page_print_line(&l->r->page, kith_bytes(&line), l->r->page.columns);
	kith_buf_free(&line);
}

static void print_lanes(struct lanes *l)
{
	struct parents parents;
	size_t lane;

	for (size_t i = l->th->count; i-- > 0;) {
		find_parents(l, (int)i, &parents);
		lane = join(l, (int)i);
		print_message(l, (int)i, lane);
		split(l, lane, &parents);
	}
	for (size_t i = l->th->count; i < l->nodes; i++) {
		lane = join(l, (int)i);
		print_missing(l, (int)i, lane);
		l->wait[lane] = FREE;
		shrink(l);
	}
}

/* --- records -------------------------------------------------------------- */

static void put_parents(const struct lanes *l, const struct parents *p,
			struct kith_buf *out)
{
	char id[KITH_REF_TEXT_BYTES];
	size_t count = l->th->count;

	kith_buf_byte(out, '[');
	for (size_t i = 0; i < p->n; i++) {
		size_t n = (size_t)p->node[i];

		kith_msg_print(n < count ? &l->th->messages[n].id
					 : &l->th->missing[n - count], id);
		kith_buf_text(out, i ? "," : "");
		json_put_text(out, id);
	}
	kith_buf_byte(out, ']');
}

static void record_message(const struct lanes *l, int node)
{
	const struct thread_message *of = &l->th->messages[node];
	struct kith_buf list = { .limit = LINE_BYTES_MAX };
	struct parents parents;
	struct message_row row;
	struct view_message m;
	struct record to;

	if (!reading_message(l->r, of->rx, &row, &m))
		return;
	find_parents(l, node, &parents);
	put_parents(l, &parents, &list);
	record_begin(&to);
	show_record(&to, l->r->txn, &m, true);
	reading_record_name(l->r, &to, &m.author);
	record_json(&to, "after", kith_bytes(&list));
	record_bool(&to, "head", of->tip);
	record_end(&to);
	kith_buf_free(&list);
}

static void record_missing(const struct kith_msg_id *id)
{
	struct record to;

	record_begin(&to);
	record_msg(&to, "missing", id);
	record_end(&to);
}

static void record_all(const struct lanes *l)
{
	for (size_t i = 0; i < l->th->missing_count; i++)
		record_missing(&l->th->missing[i]);
	for (size_t i = 0; i < l->th->count; i++)
		record_message(l, (int)i);
}

enum kith_err thread_graph_print(struct reading *r, const struct thread *th)
{
	struct lanes l = { .r = r, .th = th };

	if (!index_nodes(&l))
		return KITH_ENOMEM;
	if (r->page.json)
		record_all(&l);
	else
		print_lanes(&l);
	free(l.by_id);
	return KITH_OK;
}
