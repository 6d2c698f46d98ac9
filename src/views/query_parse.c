/* Queries: from JSON to what they ask. */
#include <stdlib.h>

#include "feeds/json.h"
#include "src/views/query_private.h"

static const char *const members[] = { "filter", "order", "page", "emit",
				       "live", "asOf", "scan" };

bool query_member(struct kith_slice key)
{
	for (size_t i = 0; i < sizeof(members) / sizeof(*members); i++)
		if (json_is(key, members[i]))
			return true;
	return false;
}

/* Which of names value is, or -1. */
static int choice(struct kith_slice value, const char *const *names, int n)
{
	for (int i = 0; i < n; i++)
		if (json_is(value, names[i]))
			return i;
	return -1;
}

static enum kith_err read_filter(struct filter_reader *in,
				 struct kith_slice text)
{
	struct kith_slice filter = json_get(text, "filter");

	if (filter.n && json_kind(filter) != JSON_KIND_OBJECT)
		return query_fail(in, filter, KITH_EFORMAT,
				  "filter is an object");
	return filter.n ? filter_read(in, filter, in->query->filter, 1)
			: KITH_OK;
}

static enum kith_err read_order(struct filter_reader *in,
				struct kith_slice text)
{
	static const char *const names[] = {
		"rx", "ts", "rts", "seq", "rx asc", "ts asc", "rts asc",
		"seq asc", "rx desc", "ts desc", "rts desc", "seq desc"
	};
	struct kith_slice order = json_get(text, "order");
	int i = choice(order, names, 12);

	if (order.n && i < 0)
		return query_fail(in, order, KITH_EFORMAT,
				  "order is rx, ts, rts or seq, then asc or "
				  "desc, as in \"rts desc\"");
	in->query->order = order.n ? (enum query_key)(i % 4) : KEY_RTS;
	in->query->descending = !order.n || i >= 8;
	return KITH_OK;
}

static enum kith_err read_limit(struct filter_reader *in,
				struct kith_slice value)
{
	if (json_uint(value, &in->query->limit))
		return KITH_OK;
	return query_fail(in, value, KITH_EFORMAT, "limit is a number");
}

static enum kith_err read_after(struct filter_reader *in,
				struct kith_slice value)
{
	if (json_kind(value) != JSON_KIND_STRING)
		return query_fail(in, value, KITH_EFORMAT,
				  "after is a cursor, as an answer gives it");
	in->query->after = true;
	if (cursor_read(json_plain(value), in->query))
		return KITH_OK;
	return query_fail(in, value, KITH_EFORMAT,
			  "stale cursor: start again without it");
}

static enum kith_err read_page(struct filter_reader *in,
			       struct kith_slice text)
{
	struct kith_slice page = json_get(text, "page"), key, value;
	enum kith_err err = KITH_OK;
	size_t at = 0;

	if (page.n && json_kind(page) != JSON_KIND_OBJECT)
		return query_fail(in, page, KITH_EFORMAT,
				  "page is {\"after\": CURSOR, \"limit\": N}");
	while (!err && json_next_member(page, &at, &key, &value)) {
		if (json_is(key, "limit"))
			err = read_limit(in, value);
		else if (json_is(key, "after"))
			err = read_after(in, value);
		else
			err = query_fail(in, key, KITH_EFORMAT,
					 "page knows after and limit only");
	}
	return err;
}

static enum kith_err read_emit(struct filter_reader *in,
			       struct kith_slice text)
{
	static const char *const names[] = { "kv", "id", "value", "content",
					     "count" };
	static const char *const groups[] = { "author", "type", "channel" };
	struct kith_slice emit = json_get(text, "emit");
	struct kith_slice by = json_get(emit, "group-count");
	int i = choice(emit, names, 5), group = choice(by, groups, 3);

	if (!emit.n)
		return KITH_OK;
	if (i < 0 && group < 0)
		return query_fail(in, by.n ? by : emit, KITH_EFORMAT,
				  "emit is kv, id, value, content, count or "
				  "{\"group-count\": author, type or "
				  "channel}");
	in->query->emit = i < 0 ? EMIT_GROUPS : (enum query_emit)i;
	in->query->group = i < 0 ? (enum query_group)group : GROUP_AUTHOR;
	return KITH_OK;
}

static enum kith_err read_live(struct filter_reader *in,
			       struct kith_slice text)
{
	static const char *const names[] = { "old", "new", "both" };
	struct kith_slice live = json_get(text, "live");
	int i = live.n ? choice(live, names, 3) : 0;

	if (i < 0)
		return query_fail(in, live, KITH_EFORMAT,
				  "live is old, new or both");
	if (i > 0 && query_counts(in->query))
		return query_fail(in, live, KITH_EFORMAT,
				  "what counts never ends if it is live");
	in->query->old = i != 1;
	in->query->live = i != 0;
	return KITH_OK;
}

static enum kith_err read_others(struct filter_reader *in,
				 struct kith_slice text)
{
	struct kith_slice scan = json_get(text, "scan");
	struct kith_slice as_of = json_get(text, "asOf");

	in->query->as_of = in->query->limit = UINT64_MAX;
	in->query->scan = json_says_true(scan);
	if (scan.n && json_kind(scan) != JSON_KIND_BOOL)
		return query_fail(in, scan, KITH_EFORMAT,
				  "scan is true or false");
	if (as_of.n && !json_uint(as_of, &in->query->as_of))
		return query_fail(in, as_of, KITH_EFORMAT,
				  "asOf is a receive number");
	return KITH_OK;
}

static enum kith_err read_query(struct filter_reader *in,
				struct kith_slice text)
{
	enum kith_err err;

	if (json_kind(text) != JSON_KIND_OBJECT)
		return query_fail(in, text, KITH_EFORMAT,
				  "a query is an object");
	in->query->filter = filter_new(FILTER_AND, "filter");
	if (!in->query->filter)
		return kith_fail(in->e, KITH_ENOMEM, 0,
				 "no memory for the query");
	err = filter_read(in, text, in->query->filter, 0);
	if (!err)
		err = read_filter(in, text);
	if (!err)
		err = read_others(in, text);
	if (!err)
		err = read_order(in, text);
	if (!err)
		err = read_page(in, text);
	if (!err)
		err = read_emit(in, text);
	return err ? err : read_live(in, text);
}

enum kith_err query_parse(struct kith_slice text, struct query **out,
			  struct kith_error *e)
{
	struct filter_reader in = { .text = text, .e = e };
	enum kith_err err;

	if (text.n > QUERY_TEXT_BYTES_MAX)
		return kith_fail(e, KITH_ETOOBIG, 0,
				 "a query has at most %d bytes",
				 QUERY_TEXT_BYTES_MAX);
	err = json_check(text, &text, e);
	if (err)
		return err;
	in.query = calloc(1, sizeof(*in.query));
	if (!in.query)
		return kith_fail(e, KITH_ENOMEM, 0, "no memory for the query");
	in.query->epoch = cursor_epoch();
	err = read_query(&in, text);
	if (!err)
		*out = in.query;
	else
		query_free(in.query);
	return err;
}

void query_free(struct query *q)
{
	if (!q)
		return;
	filter_free(q->filter);
	free(q);
}

void query_set_limit(struct query *q, uint64_t limit)
{
	q->limit = limit;
}

uint64_t query_limit(const struct query *q)
{
	return q->limit;
}

void query_set_scan(struct query *q)
{
	q->scan = true;
}

enum kith_err query_set_after(struct query *q, struct kith_slice cursor,
			      struct kith_error *e)
{
	q->after = true;
	if (cursor_read(cursor, q))
		return KITH_OK;
	return kith_fail(e, KITH_EFORMAT, 0,
			 "stale cursor: start again without it");
}

bool query_is_live(const struct query *q)
{
	return q->live;
}

bool query_is_descending(const struct query *q)
{
	return q->descending;
}

bool query_is_whole(const struct query *q)
{
	return q->emit == EMIT_KV;
}

bool query_counts(const struct query *q)
{
	return q->emit == EMIT_COUNT || q->emit == EMIT_GROUPS;
}

static bool has_words(const struct filter *f)
{
	for (; f; f = f->next)
		if (f->kind == FILTER_TEXT || has_words(f->first))
			return true;
	return false;
}

bool query_has_words(const struct query *q)
{
	return has_words(q->filter);
}
