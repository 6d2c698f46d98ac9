/* links, compiled onto queries: protocol/08 section 5. */
#include <stdlib.h>

#include "feeds/json.h"
#include "feeds/ref.h"
#include "src/daemon/args.h"
#include "src/daemon/daemon.h"
#include "src/daemon/methods.h"
#include "src/views/link_walk.h"

enum { ANY_KIND = -1, TEXT_BYTES_MAX = 128 };

/* What is asked of one end of a link. */
struct end {
	bool exact;
	struct kith_ref ref;
	int kind; /* enum kith_ref_kind, or ANY_KIND */
};

struct links_source {
	struct query_source source;
	struct end from, to;
	char rel[TEXT_BYTES_MAX]; /* empty: any */
	bool keys, values, meta;
};

struct found_link {
	struct kith_slice member, dest;
};

/* A string that is an id, or the link of an object. */
static struct kith_slice link_text(struct kith_slice value)
{
	if (json_kind(value) == JSON_KIND_OBJECT)
		value = json_get(value, "link");
	return json_plain(value);
}

static bool is_end(const struct end *e, struct kith_slice text)
{
	struct kith_ref ref;

	if (!text.n || kith_ref_parse(text, &ref, NULL))
		return false;
	if (!e->exact)
		return e->kind == ANY_KIND || (int)ref.kind == e->kind;
	if (ref.kind != e->ref.kind)
		return false;
	switch (ref.kind) {
	case KITH_REF_FEED:
		return kith_feed_equal(&ref.feed, &e->ref.feed);
	case KITH_REF_MSG:
		return kith_msg_equal(&ref.msg, &e->ref.msg);
	default:
		return !memcmp(ref.blob.b, e->ref.blob.b, KITH_ID_BYTES);
	}
}

static void add_link(const struct links_source *s, struct kith_slice member,
		     struct kith_slice value, struct found_link *links,
		     size_t *n)
{
	struct kith_slice text = link_text(value);

	if (*n < LINKS_MAX && is_end(&s->to, text))
		links[(*n)++] = (struct found_link){ member, text };
}

static int compare_links(const void *left, const void *right)
{
	const struct found_link *a = left, *b = right;
	size_t n = a->member.n < b->member.n ? a->member.n : b->member.n;
	int order = memcmp(a->member.p, b->member.p, n);

	return order ? order : (a->dest.p > b->dest.p) -
			       (a->dest.p < b->dest.p);
}

/* The links at the top of content, by the name of their member. */
static size_t find_links(const struct links_source *s,
			 struct kith_slice content, struct found_link *links)
{
	struct kith_slice member, value, item;
	size_t at = 0, in, n = 0;

	while (json_next_member(content, &at, &member, &value)) {
		if (*s->rel && !json_is(member, s->rel))
			continue;
		add_link(s, member, value, links, &n);
		in = 0;
		while (json_next_element(value, &in, &item))
			add_link(s, member, item, links, &n);
	}
	qsort(links, n, sizeof(*links), compare_links);
	return n;
}

static void put_name(struct kith_buf *out, const char *name)
{
	if (out->n > 1)
		kith_buf_byte(out, ',');
	json_put_text(out, name);
	kith_buf_byte(out, ':');
}

static void put_link(struct links_source *s,
		     const struct view_message *m,
		     const struct found_link *l, struct kith_buf *out)
{
	char author[KITH_REF_TEXT_BYTES], key[KITH_REF_TEXT_BYTES];

	kith_feed_print(&m->author, author);
	kith_msg_print(&m->row->id, key);
	kith_buf_byte(out, '{');
	if (s->meta) {
		put_name(out, "source");
		json_put_text(out, author);
		put_name(out, "rel");
		kith_buf_put(out, l->member);
		put_name(out, "dest");
		json_put_string(out, l->dest);
	}
	if (s->keys) {
		put_name(out, "key");
		json_put_text(out, key);
	}
	if (s->values) {
		put_name(out, "value");
		query_source_put_value(&s->source, m, out);
	}
	kith_buf_byte(out, '}');
}

static void send_links(struct query_source *q, const struct view_message *m)
{
	struct links_source *s = (struct links_source *)q;
	struct found_link links[LINKS_MAX];
	struct kith_buf *item = &q->daemon->item;
	char key[KITH_REF_TEXT_BYTES];
	size_t n = find_links(s, m->content, links);

	if (!s->from.exact && s->from.kind != ANY_KIND &&
	    s->from.kind != KITH_REF_FEED)
		return;
	for (size_t i = 0; i < n; i++) {
		kith_buf_reset(item);
		if (s->meta || (s->keys && s->values)) {
			put_link(s, m, &links[i], item);
		} else if (s->keys) {
			kith_msg_print(&m->row->id, key);
			json_put_text(item, key);
		} else {
			query_source_put_value(q, m, item);
		}
		query_source_send(q, kith_bytes(item));
	}
}

static const struct query_source_kind links_kind = { .message = send_links };

/* False: it is neither an id nor a kind of ids. */
static bool read_end(struct kith_slice value, struct end *e)
{
	static const char *const kinds[] = { "feed", "msg", "blob",
					     "@",    "%",   "&" };

	*e = (struct end){ .kind = ANY_KIND };
	if (json_kind(value) <= JSON_KIND_NULL)
		return true;
	for (int i = 0; i < 6; i++)
		if (json_is(value, kinds[i])) {
			e->kind = i % 3;
			return true;
		}
	e->exact = !kith_ref_parse(json_plain(value), &e->ref, NULL);
	return e->exact;
}

static bool read_links(struct links_source *s, struct kith_slice options,
		       const char **why)
{
	struct kith_slice rel = json_get(options, "rel");

	s->keys = s->meta = true;
	args_bool(options, "keys", &s->keys);
	args_bool(options, "values", &s->values);
	args_bool(options, "meta", &s->meta);
	*why = "source and dest must be an id or a kind of ids";
	if (!read_end(json_get(options, "source"), &s->from) ||
	    !read_end(json_get(options, "dest"), &s->to))
		return false;
	*why = "rel must be a name";
	if (json_kind(rel) > JSON_KIND_NULL &&
	    !args_text(rel, s->rel, sizeof(s->rel)))
		return false;
	*why = "one of keys, values and meta must be true";
	return s->keys || s->values || s->meta;
}

/* The lists that the links must be in. */
static void put_links_query(const struct links_source *s,
			    struct kith_slice options,
			    const struct stream_options *o,
			    struct kith_buf *text)
{
	kith_buf_text(text, "{\"filter\":{");
	if (s->to.exact) {
		kith_buf_text(text, "\"link\":");
		kith_buf_put(text, json_get(options, "dest"));
	}
	if (s->from.exact && s->from.ref.kind == KITH_REF_FEED) {
		kith_buf_text(text, s->to.exact ? ",\"author\":"
						: "\"author\":");
		kith_buf_put(text, json_get(options, "source"));
	}
	kith_buf_byte(text, '}');
	query_put_options(text, o, "rx");
	kith_buf_byte(text, '}');
}

void method_links(struct peer *p, const struct session_event *call)
{
	struct kith_slice options = args_get(call->args, 0);
	struct kith_buf text = { .limit = QUERY_TEXT_BYTES_MAX };
	struct links_source *s = calloc(1, sizeof(*s));
	struct stream_options o;
	const char *why = "out of memory";

	if (!s || !read_links(s, options, &why)) {
		call_refuse(p, call, s ? "TypeError" : "Error", why);
		free(s);
		return;
	}
	if (!query_read_options(p, call, &o)) {
		free(s);
		return;
	}
	s->source.limit = o.limit;
	s->source.quiet = !o.sync;
	s->source.private = o.private;
	put_links_query(s, options, &o, &text);
	query_source_start(&s->source, &links_kind, kith_bytes(&text), p,
			   call);
	kith_buf_free(&text);
}
