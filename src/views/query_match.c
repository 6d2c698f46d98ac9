/* Filters as predicates: what every filter says of one message. */
#include "feeds/json.h"
#include "src/views/query_private.h"

bool filter_is_escaped(const struct filter *f)
{
	for (size_t i = 0; i < f->text.n; i++)
		if (f->text.p[i] < 0x20 || f->text.p[i] == '"' ||
		    f->text.p[i] == '\\')
			return true;
	return !f->text.n;
}

static bool is_type(const struct filter *f, const struct view_message *m)
{
	struct kith_slice type = json_get(m->content, "type");
	struct kith_buf text = { .limit = KITH_MSG_CANON_BYTES_MAX };
	bool equal;

	if (!filter_is_escaped(f))
		return kith_equal(json_plain(type), f->text);
	equal = json_unescape(type, &text) &&
		kith_equal(kith_bytes(&text), f->text);
	kith_buf_free(&text);
	return equal;
}

static bool is_in_channel(const struct filter *f, const struct view_message *m)
{
	struct link_walk w;
	struct link l;

	link_walk_start(&w, m->content);
	while (link_walk_next(&w, &l))
		if (l.channel && l.name_bytes == f->text.n &&
		    !memcmp(l.name, f->text.p, f->text.n))
			return true;
	return false;
}

bool ref_equal(const struct kith_ref *a, const struct kith_ref *b)
{
	if (a->kind != b->kind)
		return false;
	switch (a->kind) {
	case KITH_REF_FEED:
		return kith_feed_equal(&a->feed, &b->feed);
	case KITH_REF_MSG:
		return kith_msg_equal(&a->msg, &b->msg);
	default:
		return !memcmp(a->blob.b, b->blob.b, KITH_ID_BYTES);
	}
}

static bool links_to(const struct filter *f, const struct view_message *m)
{
	struct link_walk w;
	struct link l;

	link_walk_start(&w, m->content);
	if (f->relation != ANY_RELATION)
		link_walk_only(&w, (enum relation)f->relation);
	while (link_walk_next(&w, &l))
		if (!l.channel && ref_equal(&l.ref, &f->ref) &&
		    (f->relation == ANY_RELATION ||
		     (int)l.relation == f->relation))
			return true;
	return false;
}

bool range_holds(const struct filter *f, const struct view_message *m)
{
	double key = place_of(f->key, m).key;

	return (f->low_open ? key > f->low : key >= f->low) &&
	       (f->high_open ? key < f->high : key <= f->high);
}

static bool one_matches(const struct query_run *r, const struct filter *f,
			const struct view_message *m)
{
	switch (f->kind) {
	case FILTER_AUTHOR:
		return kith_feed_equal(&m->author, &f->author);
	case FILTER_TYPE:
		return is_type(f, m);
	case FILTER_CHANNEL:
		return is_in_channel(f, m);
	case FILTER_LINK:
		return links_to(f, m);
	case FILTER_PRIVATE:
		return f->yes == (m->boxed.n || json_kind(m->content) ==
							JSON_KIND_STRING);
	case FILTER_HOPS:
		return reach_has(&f->reach, &m->author);
	case FILTER_TEXT:
		return r->helpers->matches(r->helpers->arg, m, f->text);
	default:
		return range_holds(f, m);
	}
}

bool filter_matches(const struct query_run *r, const struct filter *f,
		    const struct view_message *m, bool all)
{
	const struct filter *inside = f->first;

	if (!all && f->proven)
		return true;
	switch (f->kind) {
	case FILTER_AND:
		while (inside && filter_matches(r, inside, m, all))
			inside = inside->next;
		return !inside;
	case FILTER_OR:
		while (inside && !filter_matches(r, inside, m, all))
			inside = inside->next;
		return inside;
	case FILTER_NOT:
		return !filter_matches(r, inside, m, true);
	default:
		return one_matches(r, f, m);
	}
}
