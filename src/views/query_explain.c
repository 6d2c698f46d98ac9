/* The plan of a query, told as JSON. */
#include "feeds/json.h"
#include "src/views/query_private.h"

enum { COUNT_MOST = 100000 };

static void print_ref(const struct kith_ref *ref,
		      char out[static KITH_REF_TEXT_BYTES])
{
	if (ref->kind == KITH_REF_FEED)
		kith_feed_print(&ref->feed, out);
	else if (ref->kind == KITH_REF_MSG)
		kith_msg_print(&ref->msg, out);
	else
		kith_blob_print(&ref->blob, out);
}

/* What list a filter stands for. */
static void put_filter(struct kith_buf *out, const struct filter *f)
{
	char text[KITH_REF_TEXT_BYTES];

	json_put_text(out, f->name);
	kith_buf_byte(out, ':');
	if (f->kind == FILTER_LINK) {
		print_ref(&f->ref, text);
		json_put_text(out, text);
	} else if (f->kind == FILTER_AUTHOR) {
		kith_feed_print(&f->author, text);
		json_put_text(out, text);
	} else if (f->text.n) {
		json_put_string(out, f->text);
	} else {
		kith_buf_text(out, "true");
	}
}

static void put_list(struct kith_buf *out, struct lane *l);

static void put_lists(struct kith_buf *out, struct lane *first)
{
	for (struct lane *l = first; l; l = l->next) {
		if (l != first)
			kith_buf_byte(out, ',');
		put_list(out, l);
	}
}

static size_t count_lists(const struct lane *first)
{
	size_t n = 0;

	for (const struct lane *l = first; l; l = l->next)
		n++;
	return n;
}

static void put_size(struct kith_buf *out, struct lane *l)
{
	size_t n;

	lane_rewind(l);
	n = lane_count(l, COUNT_MOST);
	kith_buf_text(out, n < COUNT_MOST ? "\"has\":" : "\"atLeast\":");
	kith_buf_uint(out, n);
}

static void put_list(struct kith_buf *out, struct lane *l)
{
	kith_buf_byte(out, '{');
	if (l->kind == LANE_AND) {
		kith_buf_text(out, "\"all\":[");
		put_lists(out, l->first);
		kith_buf_text(out, "],");
	} else if (!l->of) {
		kith_buf_text(out, "\"everything\":true,");
	} else if (l->of->kind == FILTER_OR && l->kind == LANE_OR) {
		kith_buf_text(out, "\"any\":[");
		put_lists(out, l->first);
		kith_buf_text(out, "],");
	} else {
		put_filter(out, l->of);
		kith_buf_byte(out, ',');
		if (l->kind == LANE_OR) {
			kith_buf_text(out, "\"lists\":");
			kith_buf_uint(out, count_lists(l->first));
			kith_buf_byte(out, ',');
		}
	}
	put_size(out, l);
	kith_buf_byte(out, '}');
}

static void put_checks(struct kith_buf *out, const struct filter *and)
{
	bool any = false;

	kith_buf_text(out, ",\"checks\":[");
	for (const struct filter *f = and->first; f; f = f->next) {
		if (f->proven)
			continue;
		if (any)
			kith_buf_byte(out, ',');
		json_put_text(out, f->name);
		any = true;
	}
	kith_buf_byte(out, ']');
}

static void put_source(struct query_run *r, struct kith_buf *out)
{
	static const char *const rows[] = { [DRIVER_FEED] = "feed",
					    [DRIVER_LOG] = "log" };
	const struct plan *p = &r->plan;

	kith_buf_text(out, "{\"reads\":");
	if (p->driver == DRIVER_LISTS) {
		put_list(out, p->lists);
		lane_rewind(p->lists);
		return;
	}
	kith_buf_byte(out, '{');
	json_put_text(out, rows[p->driver]);
	kith_buf_text(out, ":true,\"from\":");
	kith_buf_uint(out, p->first);
	kith_buf_text(out, ",\"to\":");
	kith_buf_uint(out, p->last);
	kith_buf_byte(out, '}');
}

void query_explain(struct query_run *r, struct kith_buf *out)
{
	static const char *const orders[] = { "rx", "ts", "rts", "seq" };

	put_source(r, out);
	put_checks(out, r->filter);
	kith_buf_text(out, ",\"order\":");
	json_put_text(out, orders[r->query->order]);
	kith_buf_text(out, r->query->descending ? ",\"descending\":true"
						: ",\"descending\":false");
	kith_buf_text(out, r->plan.sorted ? ",\"sorts\":true"
					  : ",\"sorts\":false");
	kith_buf_text(out, ",\"asOf\":");
	kith_buf_uint(out, r->as_of);
	kith_buf_byte(out, '}');
}
