/* The causal order of a thread: protocol/13 section 3.1. */
#include <stdlib.h>

#include "feeds/json.h"
#include "feeds/list.h"
#include "src/views/content.h"
#include "src/views/thread_private.h"

enum { DEPTH_MAX = 32 };

/* --- the graph --- */

struct link {
	uint32_t from, to; /* to comes after from */
};

struct order {
	struct txn *txn;
	struct thread *thread;
	struct link *links; /* by from, once sorted */
	size_t link_count, link_room;
	uint32_t *first;    /* of each message in links, and their end */
	uint32_t *waits;    /* for so many */
	uint32_t *ready;    /* heap: least time and id first */
	size_t ready_count;
	uint32_t *place;    /* in the order, of each */
	uint32_t linking;   /* the message whose links are read */
	enum kith_err err;
};

static int compare_ids(const struct kith_msg_id *a, const struct kith_msg_id *b)
{
	if (a->format != b->format)
		return a->format < b->format ? -1 : 1;
	return memcmp(a->b, b->b, KITH_ID_BYTES);
}

static int compare_by_id(const void *a, const void *b)
{
	const struct thread_message *x = a, *y = b;

	return compare_ids(&x->id, &y->id);
}

/* Its number in messages, which are by id; count: it is not there. */
static uint32_t find(const struct thread *th, const struct kith_msg_id *id)
{
	const struct thread_message key = { .id = *id };
	const struct thread_message *m = NULL;

	if (th->count)
		m = bsearch(&key, th->messages, th->count, sizeof(key),
			    compare_by_id);
	return (uint32_t)(m ? (size_t)(m - th->messages) : th->count);
}

static void add_link(struct order *o, const struct kith_msg_id *to)
{
	uint32_t n = find(o->thread, to);
	struct link *more;

	if (n == o->thread->count || n == o->linking || o->err ||
	    o->link_count == THREAD_LINKS_MAX)
		return;
	more = list_room(o->links, o->link_count, &o->link_room, sizeof(*more));
	if (!more) {
		o->err = KITH_ENOMEM;
		return;
	}
	o->links = more;
	o->links[o->link_count++] = (struct link){ n, o->linking };
}

/* Adds each message id in a value: any string that is one. */
static void add_links(struct order *o, struct kith_slice value, int depth)
{
	struct kith_slice key, item;
	struct kith_msg_id id;
	size_t at = 0;

	if (depth == DEPTH_MAX)
		return;
	switch (json_kind(value)) {
	case JSON_KIND_STRING:
		if (!kith_msg_parse(json_plain(value), &id))
			add_link(o, &id);
		break;
	case JSON_KIND_ARRAY:
		while (json_next_element(value, &at, &item))
			add_links(o, item, depth + 1);
		break;
	case JSON_KIND_OBJECT:
		while (json_next_member(value, &at, &key, &item))
			add_links(o, item, depth + 1);
		break;
	default:
		break;
	}
}

static void add_links_of(struct order *o, const struct thread_message *m)
{
	add_link(o, &o->thread->root);
	add_links(o, json_get(m->canon, "previous"), 0);
	add_links(o, m->content, 0);
}

static int compare_links(const void *a, const void *b)
{
	const struct link *x = a, *y = b;

	if (x->from != y->from)
		return x->from < y->from ? -1 : 1;
	return (x->to > y->to) - (x->to < y->to);
}

static void drop_double_links(struct order *o)
{
	size_t kept = 0;

	if (!o->link_count)
		return;
	qsort(o->links, o->link_count, sizeof(*o->links), compare_links);
	for (size_t i = 0; i < o->link_count; i++)
		if (!i || compare_links(&o->links[i], &o->links[i - 1]))
			o->links[kept++] = o->links[i];
	o->link_count = kept;
}

static void read_links(struct order *o)
{
	struct thread *th = o->thread;
	uint32_t root = find(th, &th->root);
	size_t at = 0;

	for (o->linking = 0; o->linking < th->count; o->linking++)
		/* The root comes first, whatever it says. */
		if (o->linking != root)
			add_links_of(o, &th->messages[o->linking]);
	drop_double_links(o);
	for (uint32_t i = 0; i <= th->count; i++) {
		while (at < o->link_count && o->links[at].from < i)
			at++;
		o->first[i] = (uint32_t)at;
	}
	for (size_t i = 0; i < o->link_count; i++)
		o->waits[o->links[i].to]++;
	for (size_t i = 0; i < th->count; i++)
		th->messages[i].tip = o->first[i] == o->first[i + 1];
}

/* --- the ready queue --- */

static bool is_before(const struct order *o, uint32_t a, uint32_t b)
{
	const struct thread_message *m = o->thread->messages;

	/* They are by id. */
	return m[a].time_ms != m[b].time_ms ? m[a].time_ms < m[b].time_ms
					    : a < b;
}

static void push(struct order *o, uint32_t n)
{
	size_t i = o->ready_count++;

	for (; i && is_before(o, n, o->ready[(i - 1) / 2]); i = (i - 1) / 2)
		o->ready[i] = o->ready[(i - 1) / 2];
	o->ready[i] = n;
}

static uint32_t pop(struct order *o)
{
	uint32_t top = o->ready[0], last = o->ready[--o->ready_count];
	size_t i = 0, child;

	while ((child = 2 * i + 1) < o->ready_count) {
		if (child + 1 < o->ready_count &&
		    is_before(o, o->ready[child + 1], o->ready[child]))
			child++;
		if (!is_before(o, o->ready[child], last))
			break;
		o->ready[i] = o->ready[child];
		i = child;
	}
	o->ready[i] = last;
	return top;
}

/* Loops cannot be: a link holds the hash of what it names.  Were one there, its
 * messages would come last. */
static void sort(struct order *o)
{
	size_t count = o->thread->count;
	uint32_t done = 0;

	for (uint32_t i = 0; i < count; i++)
		if (!o->waits[i])
			push(o, i);
	for (uint32_t i = 0; i < count; i++)
		o->place[i] = UINT32_MAX;
	while (o->ready_count) {
		uint32_t n = pop(o);

		o->place[n] = done++;
		for (size_t i = o->first[n]; i < o->first[n + 1]; i++)
			if (!--o->waits[o->links[i].to])
				push(o, o->links[i].to);
	}
	for (uint32_t i = 0; i < count; i++)
		if (o->place[i] == UINT32_MAX)
			o->place[i] = done++;
}

/* --- what each answers --- */

static void add_missing(struct thread *th, const struct kith_msg_id *id)
{
	for (size_t i = 0; i < th->missing_count; i++)
		if (kith_msg_equal(&th->missing[i], id))
			return;
	th->missing[th->missing_count++] = *id;
}

static void find_missing(struct order *o, struct content_places *places)
{
	struct message_row row;
	struct kith_msg_id id;

	while (o->thread->missing_count < THREAD_MISSING_MAX &&
	       content_next_place(places, &id))
		if (find(o->thread, &id) == o->thread->count &&
		    !message_by_id(o->txn, &id, &row))
			add_missing(o->thread, &id);
}

/* The message that reply names, by the client that wrote it; else the root. */
static uint32_t find_parent(struct order *o,
			    const struct content_places *places)
{
	struct kith_slice reply = places->reply, key, value;
	const struct thread *th = o->thread;
	struct kith_msg_id id;
	size_t at = 0;
	uint32_t n;

	if (json_kind(reply) == JSON_KIND_OBJECT)
		while (json_next_member(reply, &at, &key, &value))
			if (!kith_msg_parse(json_plain(key), &id) &&
			    (n = find(th, &id)) != th->count)
				return n;
	if (content_places_root(places, &id) && (n = find(th, &id)) != th->count)
		return n;
	return find(th, &th->root);
}

static void read_places(struct order *o)
{
	struct thread *th = o->thread;

	for (uint32_t i = 0; i < th->count; i++) {
		struct thread_message *m = &th->messages[i];
		struct content_places places;
		struct kith_msg_id fork;
		uint32_t parent;

		content_places(m->content, &places);
		m->fork = content_msg(places.fork, &fork);
		find_missing(o, &places);
		parent = kith_msg_equal(&m->id, &th->root) ?
				 (uint32_t)th->count :
				 find_parent(o, &places);
		/* A parent that comes later is none. */
		if (parent != th->count && o->place[parent] < o->place[i])
			m->parent = (int32_t)o->place[parent];
	}
}

static enum kith_err arrange(struct order *o)
{
	struct thread *th = o->thread;
	struct thread_message *sorted =
		malloc((th->count + 1) * sizeof(*sorted));

	if (!sorted)
		return KITH_ENOMEM;
	for (size_t i = 0; i < th->count; i++)
		sorted[o->place[i]] = th->messages[i];
	free(th->messages);
	th->messages = sorted;
	for (size_t i = 0; i < th->count; i++)
		if (sorted[i].parent != THREAD_NONE)
			sorted[i].depth = sorted[sorted[i].parent].depth + 1;
	return KITH_OK;
}

enum kith_err thread_order(struct txn *t, struct thread *th)
{
	struct order o = { .txn = t, .thread = th };
	size_t room = th->count + 1;

	o.first = calloc(room, sizeof(*o.first));
	o.waits = calloc(room, sizeof(*o.waits));
	o.ready = calloc(room, sizeof(*o.ready));
	o.place = calloc(room, sizeof(*o.place));
	th->missing = calloc(THREAD_MISSING_MAX, sizeof(*th->missing));
	if (!o.first || !o.waits || !o.ready || !o.place || !th->missing)
		o.err = KITH_ENOMEM;
	if (!o.err) {
		if (th->count)
			qsort(th->messages, th->count, sizeof(*th->messages),
			      compare_by_id);
		read_links(&o);
	}
	if (!o.err) {
		sort(&o);
		read_places(&o);
		o.err = arrange(&o);
	}
	free(o.links);
	free(o.first);
	free(o.waits);
	free(o.ready);
	free(o.place);
	return o.err;
}
