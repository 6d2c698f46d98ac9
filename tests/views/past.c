#include "tests/views/past.h"

#include <math.h>
#include <stdlib.h>

#include "feeds/json.h"

static bool read_link(struct kith_slice value, struct kith_ref *out)
{
	if (json_kind(value) == JSON_KIND_OBJECT)
		value = json_get(value, "link");
	return json_kind(value) == JSON_KIND_STRING &&
	       !kith_ref_parse(json_plain(value), out, NULL);
}

enum { PLACES_MAX = 256 };

static void add_place(struct said *s, struct kith_slice value)
{
	struct kith_ref ref;

	if (!read_link(value, &ref) || ref.kind != KITH_REF_MSG ||
	    s->place_count == PLACES_MAX)
		return;
	s->places = realloc(s->places,
			    (s->place_count + 1) * sizeof(*s->places));
	if (!s->places)
		abort();
	s->places[s->place_count++] = ref.msg;
}

/* branch is a link, an array of them, or an object with numbers. */
static void add_branches(struct said *s, struct kith_slice branch)
{
	struct kith_slice key, item;
	size_t at = 0;

	add_place(s, branch);
	if (json_kind(branch) == JSON_KIND_ARRAY)
		while (json_next_element(branch, &at, &item))
			add_place(s, item);
	if (json_kind(branch) == JSON_KIND_OBJECT &&
	    !json_get(branch, "link").n)
		while (json_next_member(branch, &at, &key, &item))
			add_place(s, item);
}

static bool next_tangle_root(struct kith_slice content, size_t *at,
			     struct kith_slice *root)
{
	struct kith_slice tangles = json_get(content, "tangles"), key, tangle;

	if (json_kind(tangles) != JSON_KIND_OBJECT ||
	    !json_next_member(tangles, at, &key, &tangle))
		return false;
	*root = json_is(key, "group") || json_is(key, "members") ||
				json_is(key, "epoch") ?
			(struct kith_slice){ 0 } :
			json_get(tangle, "root");
	return true;
}

static void read_places(struct said *s)
{
	struct kith_slice root;
	size_t at = 0;

	add_place(s, json_get(s->content, "root"));
	add_place(s, json_get(s->content, "fork"));
	add_branches(s, json_get(s->content, "branch"));
	while (next_tangle_root(s->content, &at, &root))
		add_place(s, root);
}

static void read_one(struct said *s, const struct message_row *row,
		     const struct feed_row *feed)
{
	double claimed = 0, received = (double)row->received_us / 1000;

	*s = (struct said){
		.author = feed->id,
		.feed_number = feed->number,
		.sequence = row->sequence,
		.rx = row->rx,
		.id = row->id,
		.canon = row->canon,
		.content = json_get(row->canon, "content"),
	};
	s->type = json_get(s->content, "type");
	if (!json_number(json_get(row->canon, "timestamp"), &claimed))
		claimed = 0;
	claimed = fmin(claimed, received);
	s->time_ms = claimed > 0 ? (uint64_t)claimed : 0;
	if (json_is(s->type, "about"))
		s->has_target = read_link(json_get(s->content, "about"),
					  &s->target);
	else if (json_is(s->type, "vote"))
		s->has_target = read_link(json_get(s->content, "vote"),
					  &s->target);
	s->is_contact = contact_read(s->content, &s->whom, &s->edge);
	if (!json_is(s->type, "vote"))
		read_places(s);
}

static int compare_ids(const void *a, const void *b, void *with)
{
	const struct said *all = with;

	return memcmp(all[*(const size_t *)a].id.b,
		      all[*(const size_t *)b].id.b, KITH_ID_BYTES);
}

static void *take(size_t n, size_t size)
{
	void *p = calloc(n + 1, size);

	if (!p)
		abort();
	return p;
}

/* So that the loops are no longer than need be. */
static void list(struct past *p)
{
	p->words = take(p->n, sizeof(*p->words));
	p->by_id = take(p->n, sizeof(*p->by_id));
	for (size_t i = 0; i < p->n; i++) {
		p->by_id[i] = i;
		p->all[i].first = true;
		for (size_t k = i; k-- && p->all[i].first;)
			p->all[i].first = p->all[k].feed_number !=
					  p->all[i].feed_number;
		if (p->all[i].has_target || p->all[i].is_contact)
			p->words[p->word_count++] = i;
	}
	qsort_r(p->by_id, p->n, sizeof(*p->by_id), compare_ids, p->all);
}

void past_read(struct past *p, struct txn *t)
{
	struct message_row row = { 0 };
	struct feed_row feed;
	size_t room = 0;

	*p = (struct past){ 0 };
	while (message_from(t, row.rx + 1, &row)) {
		if (p->n == room) {
			room = room ? 2 * room : 64;
			p->all = realloc(p->all, room * sizeof(*p->all));
			if (!p->all)
				abort();
		}
		if (!feed_by_number(t, row.feed_number, &feed))
			abort();
		read_one(&p->all[p->n++], &row, &feed);
	}
	list(p);
}

void past_clear(struct past *p)
{
	for (size_t i = 0; i < p->n; i++)
		free(p->all[i].places);
	free(p->all);
	free(p->words);
	free(p->by_id);
}

const struct said *past_find(const struct past *p,
			     const struct kith_msg_id *id)
{
	size_t low = 0, high = p->n;

	while (low < high) {
		size_t middle = low + (high - low) / 2;
		const struct said *s = &p->all[p->by_id[middle]];
		int order = memcmp(s->id.b, id->b, KITH_ID_BYTES);

		if (!order)
			return kith_msg_equal(&s->id, id) ? s : NULL;
		if (order < 0)
			low = middle + 1;
		else
			high = middle;
	}
	return NULL;
}

enum contact_edge past_edge(const struct past *p,
			    const struct kith_feed_id *from,
			    const struct kith_feed_id *to)
{
	enum contact_edge edge = CONTACT_NONE;
	uint64_t newest = 0;

	for (size_t i = 0; i < p->word_count; i++) {
		const struct said *s = &p->all[p->words[i]];

		if (s->is_contact && s->sequence > newest &&
		    kith_feed_equal(&s->author, from) &&
		    kith_feed_equal(&s->whom, to)) {
			newest = s->sequence;
			edge = s->edge;
		}
	}
	return edge;
}

bool past_hides(const struct past *p, const struct kith_feed_id *viewer,
		const struct kith_feed_id *author)
{
	return viewer && !kith_feed_equal(viewer, author) &&
	       past_edge(p, viewer, author) == CONTACT_BLOCK;
}

bool past_ref_equal(const struct kith_ref *a, const struct kith_ref *b)
{
	if (a->kind != b->kind)
		return false;
	if (a->kind == KITH_REF_FEED)
		return kith_feed_equal(&a->feed, &b->feed);
	if (a->kind == KITH_REF_MSG)
		return kith_msg_equal(&a->msg, &b->msg);
	return !memcmp(a->blob.b, b->blob.b, KITH_ID_BYTES);
}

const struct said *past_word(const struct past *p, const char *type,
			     const struct kith_feed_id *author,
			     const struct kith_ref *target,
			     const char *member)
{
	const struct said *newest = NULL;

	for (size_t i = 0; i < p->word_count; i++) {
		const struct said *s = &p->all[p->words[i]];

		if (s->has_target && kith_feed_equal(&s->author, author) &&
		    past_ref_equal(&s->target, target) &&
		    json_is(s->type, type) &&
		    (!member || json_get(s->content, member).n) &&
		    (!newest || s->sequence > newest->sequence))
			newest = s;
	}
	return newest;
}

bool past_hangs_on(const struct said *m, const struct kith_msg_id *id)
{
	for (size_t i = 0; i < m->place_count; i++)
		if (kith_msg_equal(&m->places[i], id))
			return true;
	return false;
}

bool past_root(const struct said *m, struct kith_msg_id *out)
{
	struct kith_slice root;
	struct kith_ref ref;
	size_t at = 0;

	if (read_link(json_get(m->content, "root"), &ref) &&
	    ref.kind == KITH_REF_MSG) {
		*out = ref.msg;
		return true;
	}
	while (next_tangle_root(m->content, &at, &root))
		if (read_link(root, &ref) && ref.kind == KITH_REF_MSG) {
			*out = ref.msg;
			return true;
		}
	return false;
}

/* By the text: the id in quotes, but not as the name of a member. */
bool past_links_to(const struct said *m, const struct kith_msg_id *id)
{
	char text[KITH_REF_TEXT_BYTES + 2] = "\"";
	size_t n;

	kith_msg_print(id, text + 1);
	n = strlen(text);
	text[n++] = '"';
	for (size_t i = 0; i + n < m->canon.n; i++)
		if (m->canon.p[i] == '"' && !memcmp(m->canon.p + i, text, n) &&
		    m->canon.p[i + n] != ':')
			return true;
	return false;
}
