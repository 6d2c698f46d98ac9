/* query.read, backlinks.read and private.read, compiled onto queries:
 * protocol/08 sections 6, 8 and 9. */
#include <stdlib.h>

#include "feeds/json.h"
#include "feeds/ref.h"
#include "src/daemon/args.h"
#include "src/daemon/daemon.h"
#include "src/daemon/methods.h"
#include "src/views/link_walk.h"
#include "src/views/mfr.h"

struct read_source {
	struct query_source source;
	struct mfr *mfr;
	bool links;	  /* an item for each distinct destination */
	bool rts;
	bool private;	  /* only what was opened */
	struct kith_buf query; /* that came as a string */
	struct kith_buf item;
};

static void emit(void *arg, struct kith_slice value)
{
	query_source_send(arg, value);
}

static void take(struct read_source *s)
{
	enum kith_err err = s->item.err;

	if (!err)
		err = mfr_take(s->mfr, kith_bytes(&s->item));
	if (err)
		kith_fail(&s->source.error, err, 0, "the query keeps too much: "
			  "%s", kith_strerror(err));
}

static void put_item(struct read_source *s, const struct view_message *m)
{
	kith_buf_reset(&s->item);
	query_source_put_item(&s->source, m, &s->item);
	if (s->item.n)
		s->item.n--; /* the brace that ends it */
}

static void end_item(struct read_source *s, const struct view_message *m)
{
	if (s->rts) {
		kith_buf_text(&s->item, ",\"rts\":");
		json_put_number(&s->item, view_time_ms(m));
	}
	kith_buf_byte(&s->item, '}');
}

static bool is_new(struct kith_slice *seen, size_t *n, struct kith_slice dest)
{
	for (size_t i = 0; i < *n; i++)
		if (kith_equal(seen[i], dest))
			return false;
	seen[(*n)++] = dest;
	return true;
}

/* One item for each thing that it links to. */
static void take_links(struct read_source *s, const struct view_message *m)
{
	struct kith_slice seen[LINKS_MAX + 1];
	struct kith_buf names = { .limit = 64 << 10 };
	struct link_walk w;
	struct link l;
	size_t n = 0;

	/* Names of channels are kept here: it must not move. */
	if (!kith_buf_reserve(&names, (LINKS_MAX + 1) *
				      (CHANNEL_TEXT_BYTES + 1)))
		return;
	link_walk_start(&w, m->content);
	while (!s->source.error.code && link_walk_next(&w, &l)) {
		struct kith_slice dest = l.text;

		if (l.channel) {
			dest = (struct kith_slice){ names.p + names.n,
						    l.name_bytes + 1 };
			kith_buf_byte(&names, '#');
			kith_buf_put(&names, (struct kith_slice){
				(const uint8_t *)l.name, l.name_bytes });
		}
		if (!is_new(seen, &n, dest))
			continue;
		put_item(s, m);
		kith_buf_text(&s->item, ",\"dest\":");
		json_put_string(&s->item, dest);
		end_item(s, m);
		take(s);
	}
	kith_buf_free(&names);
}

static void take_message(struct query_source *q, const struct view_message *m)
{
	struct read_source *s = (struct read_source *)q;

	if (s->private && !m->boxed.n)
		return;
	if (s->links) {
		take_links(s, m);
		return;
	}
	put_item(s, m);
	end_item(s, m);
	take(s);
}

static void finish(struct query_source *q)
{
	struct read_source *s = (struct read_source *)q;
	enum kith_err err = mfr_finish(s->mfr);

	if (err)
		kith_fail(&q->error, err, 0, "%s", kith_strerror(err));
}

static void clear(struct query_source *q)
{
	struct read_source *s = (struct read_source *)q;

	mfr_free(s->mfr);
	kith_buf_free(&s->query);
	kith_buf_free(&s->item);
}

static const struct query_source_kind read_ops = { .message = take_message,
						    .finish = finish,
						    .clear = clear };

static void put_filter(struct kith_buf *text, bool *any, const char *name,
		       struct kith_slice value)
{
	struct kith_ref ref;
	bool fits = json_plain(value).n;

	if (fits && (!strcmp(name, "author") || !strcmp(name, "root")))
		fits = !kith_ref_parse(json_plain(value), &ref, NULL) &&
		       (*name == 'r' || ref.kind == KITH_REF_FEED);
	if (fits && !strcmp(name, "link") && json_plain(value).p[0] != '#')
		fits = !kith_ref_parse(json_plain(value), &ref, NULL);
	if (!fits)
		return;
	if (*any)
		kith_buf_byte(text, ',');
	*any = true;
	json_put_text(text, name);
	kith_buf_byte(text, ':');
	kith_buf_put(text, value);
}

/* The lists that hold all that the first pattern lets through. */
static void put_read_query(const struct read_source *s,
			   const struct stream_options *o,
			   struct kith_buf *text)
{
	struct kith_slice pattern = mfr_pattern(s->mfr);
	struct kith_slice value = json_get(pattern, "value");
	struct kith_slice content = json_get(value, "content");
	struct kith_slice author = json_get(value, "author");
	struct kith_slice type = json_get(content, "type");
	bool any = false, claimed;

	kith_buf_text(text, "{\"filter\":{");
	put_filter(text, &any, "author", author);
	put_filter(text, &any, "type", type);
	put_filter(text, &any, "root", json_get(content, "root"));
	if (s->links)
		put_filter(text, &any, "link", json_get(pattern, "dest"));
	if (s->private)
		kith_buf_text(text, any ? ",\"private\":true"
					: "\"private\":true");
	kith_buf_byte(text, '}');
	claimed = !s->links &&
		  (json_plain(json_get(content, "root")).n ||
		   (json_plain(author).n && json_plain(type).n &&
		    json_kind(json_get(value, "timestamp")) ==
			    JSON_KIND_OBJECT));
	query_put_options(text, o, claimed	     ? "ts" :
				   s->links && s->rts ? "rts" : "rx");
	kith_buf_byte(text, '}');
}

/* The stages: of the options, whose query may be JSON in a string. */
static struct kith_slice read_stages(struct read_source *s,
				     struct kith_slice options)
{
	struct kith_slice stages = json_get(options, "query"), checked;

	if (json_kind(options) == JSON_KIND_ARRAY ||
	    json_kind(options) == JSON_KIND_STRING)
		stages = options;
	if (json_kind(stages) != JSON_KIND_STRING)
		return stages.n ? stages : KITH_SLICE("[]");
	if (!json_unescape(stages, &s->query) ||
	    json_check(kith_bytes(&s->query), &checked, NULL))
		return (struct kith_slice){ 0 };
	return json_kind(checked) == JSON_KIND_OBJECT
		       ? json_get(checked, "query") : checked;
}

static struct read_source *new_read(struct kith_slice options,
				    struct kith_error *e)
{
	struct read_source *s = calloc(1, sizeof(*s));

	if (!s) {
		kith_fail(e, KITH_ENOMEM, 0, "out of memory");
		return NULL;
	}
	s->query.limit = MFR_TEXT_BYTES_MAX;
	s->item.limit = MFR_ITEM_BYTES_MAX;
	if (!mfr_new(read_stages(s, options), emit, s, &s->mfr, e))
		return s;
	clear(&s->source);
	free(s);
	return NULL;
}

enum read_kind { READ_ALL, READ_LINKS, READ_PRIVATE };

static void serve_read(struct peer *p, const struct session_event *call,
		       enum read_kind kind)
{
	bool links = kind == READ_LINKS;
	struct kith_slice options = args_get(call->args, 0);
	struct kith_buf text = { .limit = QUERY_TEXT_BYTES_MAX };
	struct kith_error e = { 0 };
	struct stream_options o;
	struct read_source *s;

	if (!query_read_options(p, call, &o))
		return;
	s = new_read(options, &e);
	if (!s) {
		call_refuse(p, call, "TypeError", e.text);
		return;
	}
	s->links = links;
	s->private = kind == READ_PRIVATE;
	s->rts = !links || json_is(json_get(options, "index"), "DTA");
	s->source.limit = o.limit;
	s->source.quiet = !o.sync;
	s->source.private = true; /* as npm peers have it */
	put_read_query(s, &o, &text);
	query_source_start(&s->source, &read_ops, kith_bytes(&text), p, call);
	kith_buf_free(&text);
}

void method_query_read(struct peer *p, const struct session_event *call)
{
	serve_read(p, call, READ_ALL);
}

void method_backlinks(struct peer *p, const struct session_event *call)
{
	serve_read(p, call, READ_LINKS);
}

void method_private_read(struct peer *p, const struct session_event *call)
{
	serve_read(p, call, READ_PRIVATE);
}
