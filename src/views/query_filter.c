/* Filters: from JSON to a tree. */
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include "feeds/json.h"
#include "src/views/content.h"
#include "src/views/query_private.h"

#define INFINITE (__builtin_inf())

enum { PLACE_BYTES_MAX = 80, NAME_BYTES_MAX = 40 };

typedef enum kith_err (*value_fn)(struct filter_reader *in,
				  struct kith_slice value, struct filter *f);

struct operator_row {
	const char *name;
	enum filter_kind kind;
	int relation;
	enum query_key key;
};

static const struct operator_row operators[] = {
	{ "and", FILTER_AND, 0, 0 },
	{ "or", FILTER_OR, 0, 0 },
	{ "not", FILTER_NOT, 0, 0 },
	{ "author", FILTER_AUTHOR, 0, 0 },
	{ "type", FILTER_TYPE, 0, 0 },
	{ "channel", FILTER_CHANNEL, 0, 0 },
	{ "root", FILTER_LINK, RELATION_ROOT, 0 },
	{ "fork", FILTER_LINK, RELATION_FORK, 0 },
	{ "branch", FILTER_LINK, RELATION_BRANCH, 0 },
	{ "vote", FILTER_LINK, RELATION_VOTE, 0 },
	{ "about", FILTER_LINK, RELATION_ABOUT, 0 },
	{ "contact", FILTER_LINK, RELATION_CONTACT, 0 },
	{ "mentions", FILTER_LINK, RELATION_MENTION, 0 },
	{ "link", FILTER_LINK, ANY_RELATION, 0 },
	{ "private", FILTER_PRIVATE, 0, 0 },
	{ "hops", FILTER_HOPS, 0, 0 },
	{ "text", FILTER_TEXT, 0, 0 },
	{ "rx", FILTER_RANGE, 0, KEY_RX },
	{ "seq", FILTER_RANGE, 0, KEY_SEQ },
	{ "ts", FILTER_RANGE, 0, KEY_TS },
	{ "rts", FILTER_RANGE, 0, KEY_RTS },
};

/* --- the tree --- */

struct filter *filter_new(enum filter_kind kind, const char *name)
{
	struct filter *f = calloc(1, sizeof(*f));

	if (f) {
		f->kind = kind;
		f->name = name;
	}
	return f;
}

void filter_add(struct filter *to, struct filter *f)
{
	struct filter **end = &to->first;

	while (*end)
		end = &(*end)->next;
	*end = f;
}

/* As deep as filters nest, which is limited. */
void filter_free(struct filter *f)
{
	while (f) {
		struct filter *next = f->next;

		filter_free(f->first);
		reach_clear(&f->reach);
		free((void *)(uintptr_t)f->text.p);
		free(f);
		f = next;
	}
}

/* --- errors --- */

enum kith_err query_fail(const struct filter_reader *in, struct kith_slice at,
			 enum kith_err code, const char *format, ...)
{
	struct kith_buf place = { .limit = KITH_ERROR_TEXT_BYTES };
	char what[KITH_ERROR_TEXT_BYTES];
	va_list args;

	va_start(args, format);
	vsnprintf(what, sizeof(what), format, args);
	va_end(args);
	if (at.p > in->text.p)
		json_path(in->text, at.p, &place);
	if (place.n && place.n < PLACE_BYTES_MAX)
		kith_fail(in->e, code, (size_t)(at.p - in->text.p),
			  "%s, at %.*s", what, (int)place.n,
			  (const char *)place.p);
	else
		kith_fail(in->e, code, (size_t)(at.p - in->text.p), "%s",
			  what);
	kith_buf_free(&place);
	return code;
}

static enum kith_err no_memory(const struct filter_reader *in)
{
	return kith_fail(in->e, KITH_ENOMEM, 0, "no memory for the query");
}

/* --- values --- */

static enum kith_err keep_text(struct filter_reader *in, struct filter *f,
			       struct kith_slice text)
{
	uint8_t *copy = malloc(text.n ? text.n : 1);

	if (!copy)
		return no_memory(in);
	memcpy(copy, text.p, text.n);
	f->text = (struct kith_slice){ copy, text.n };
	return KITH_OK;
}

static enum kith_err read_author(struct filter_reader *in,
				 struct kith_slice value, struct filter *f)
{
	if (!kith_feed_parse(json_plain(value), &f->author))
		return KITH_OK;
	return query_fail(in, value, KITH_EFORMAT,
			  "%s wants the id of a feed", f->name);
}

static enum kith_err read_text(struct filter_reader *in,
			       struct kith_slice value, struct filter *f)
{
	struct kith_buf text = { .limit = QUERY_TEXT_BYTES_MAX };
	enum kith_err err;

	if (json_kind(value) != JSON_KIND_STRING || value.n == 2)
		return query_fail(in, value, KITH_EFORMAT,
				  "%s wants a text", f->name);
	if (!json_unescape(value, &text)) {
		kith_buf_free(&text);
		return no_memory(in);
	}
	err = keep_text(in, f, kith_bytes(&text));
	kith_buf_free(&text);
	return err;
}

static enum kith_err read_channel(struct filter_reader *in,
				  struct kith_slice value, struct filter *f)
{
	char name[CHANNEL_TEXT_BYTES];
	size_t n = content_channel(value, name);

	if (n)
		return keep_text(in, f, (struct kith_slice){
						(const uint8_t *)name, n });
	return query_fail(in, value, KITH_EFORMAT,
			  "%s wants the name of a channel", f->name);
}

static enum kith_err read_link(struct filter_reader *in,
			       struct kith_slice value, struct filter *f)
{
	struct kith_slice text = json_plain(value);

	if (f->relation == ANY_RELATION && text.n && text.p[0] == '#') {
		f->kind = FILTER_CHANNEL;
		return read_channel(in, value, f);
	}
	if (!kith_ref_parse(text, &f->ref, NULL))
		return KITH_OK;
	return query_fail(in, value, KITH_EFORMAT, "%s wants an id", f->name);
}

static enum kith_err read_private(struct filter_reader *in,
				  struct kith_slice value, struct filter *f)
{
	f->yes = json_says_true(value);
	if (json_kind(value) == JSON_KIND_BOOL)
		return KITH_OK;
	return query_fail(in, value, KITH_EFORMAT,
			  "%s wants true or false", f->name);
}

static enum kith_err read_hops(struct filter_reader *in,
			       struct kith_slice value, struct filter *f)
{
	struct kith_slice key, most;
	uint64_t hops;
	size_t at = 0;

	if (json_next_member(value, &at, &key, &most) &&
	    json_is(key, "lte") && json_uint(most, &hops) &&
	    hops <= QUERY_HOPS_MAX &&
	    !json_next_member(value, &at, &key, &most)) {
		f->hops = (int)hops;
		return KITH_OK;
	}
	return query_fail(in, value, KITH_EFORMAT,
			  "%s wants {\"lte\": a number to %d}", f->name,
			  QUERY_HOPS_MAX);
}

static enum kith_err read_bound(struct filter_reader *in,
				struct kith_slice key, struct kith_slice value,
				struct filter *f)
{
	double number = 0;

	if (!json_is(key, "gt") && !json_is(key, "gte") &&
	    !json_is(key, "lt") && !json_is(key, "lte"))
		return query_fail(in, key, KITH_EFORMAT,
				  "%s knows gt, gte, lt and lte, not %.*s",
				  f->name, key.n < NAME_BYTES_MAX ?
				  (int)key.n : NAME_BYTES_MAX,
				  (const char *)key.p);
	if (!json_number(value, &number))
		return query_fail(in, value, KITH_EFORMAT,
				  "%s wants a number", f->name);
	if (json_is(key, "gt") || json_is(key, "gte")) {
		f->low = number;
		f->low_open = json_is(key, "gt");
	} else {
		f->high = number;
		f->high_open = json_is(key, "lt");
	}
	return KITH_OK;
}

static enum kith_err read_range(struct filter_reader *in,
				struct kith_slice value, struct filter *f)
{
	struct kith_slice key, bound;
	enum kith_err err = KITH_OK;
	size_t at = 0;

	f->low = -INFINITE;
	f->high = INFINITE;
	if (json_number(value, &f->low)) {
		f->high = f->low;
		return KITH_OK;
	}
	if (json_kind(value) != JSON_KIND_OBJECT || value.n == 2)
		return query_fail(in, value, KITH_EFORMAT,
				  "%s wants a number or {\"gt\": ...}",
				  f->name);
	while (!err && json_next_member(value, &at, &key, &bound))
		err = read_bound(in, key, bound, f);
	return err;
}

/* --- operators --- */

static enum kith_err count_term(struct filter_reader *in, struct kith_slice at)
{
	if (in->query->terms++ < QUERY_TERMS_MAX)
		return KITH_OK;
	return query_fail(in, at, KITH_ETOOBIG,
			  "more than %d values in one query",
			  QUERY_TERMS_MAX);
}

static enum kith_err read_leaf(struct filter_reader *in,
			       const struct operator_row *o,
			       struct kith_slice value, struct filter *f)
{
	static const value_fn readers[] = {
		[FILTER_AUTHOR] = read_author, [FILTER_TYPE] = read_text,
		[FILTER_CHANNEL] = read_channel, [FILTER_LINK] = read_link,
		[FILTER_PRIVATE] = read_private, [FILTER_HOPS] = read_hops,
		[FILTER_TEXT] = read_text, [FILTER_RANGE] = read_range,
	};
	enum kith_err err = count_term(in, value);

	f->relation = o->relation;
	f->key = o->key;
	return err ? err : readers[o->kind](in, value, f);
}

/* A value, or a list of which one is enough. */
static enum kith_err read_values(struct filter_reader *in,
				 const struct operator_row *o,
				 struct kith_slice value, struct filter *into)
{
	struct kith_slice item;
	enum kith_err err = KITH_OK;
	struct filter *any, *f;
	size_t at = 0;

	if (json_kind(value) != JSON_KIND_ARRAY) {
		f = filter_new(o->kind, o->name);
		if (!f)
			return no_memory(in);
		filter_add(into, f);
		return read_leaf(in, o, value, f);
	}
	any = filter_new(FILTER_OR, o->name);
	if (!any)
		return no_memory(in);
	filter_add(into, any);
	while (!err && json_next_element(value, &at, &item)) {
		f = filter_new(o->kind, o->name);
		if (!f)
			return no_memory(in);
		filter_add(any, f);
		err = read_leaf(in, o, item, f);
	}
	if (!err && !any->first)
		return query_fail(in, value, KITH_EFORMAT,
				  "the list of %s is empty", o->name);
	return err;
}

static enum kith_err read_object(struct filter_reader *in, const char *name,
				 struct kith_slice value, struct filter *into,
				 unsigned depth)
{
	struct filter *f;

	if (json_kind(value) != JSON_KIND_OBJECT)
		return query_fail(in, value, KITH_EFORMAT,
				  "a filter in %s is an object", name);
	f = filter_new(FILTER_AND, name);
	if (!f)
		return no_memory(in);
	filter_add(into, f);
	return filter_read(in, value, f, depth + 1);
}

/* and, or: a list of filters; not: one. */
static enum kith_err read_tree(struct filter_reader *in,
			       const struct operator_row *o,
			       struct kith_slice value, struct filter *into,
			       unsigned depth)
{
	struct filter *f = filter_new(o->kind, o->name);
	struct kith_slice item;
	enum kith_err err = KITH_OK;
	size_t at = 0;

	if (!f)
		return no_memory(in);
	filter_add(into, f);
	if (o->kind == FILTER_NOT)
		return read_object(in, o->name, value, f, depth);
	while (!err && json_next_element(value, &at, &item))
		err = read_object(in, o->name, item, f, depth);
	if (!err && !f->first)
		return query_fail(in, value, KITH_EFORMAT,
				  "%s wants a list of filters", o->name);
	return err;
}

static const struct operator_row *find(struct kith_slice key)
{
	for (size_t i = 0; i < sizeof(operators) / sizeof(*operators); i++)
		if (json_is(key, operators[i].name))
			return &operators[i];
	return NULL;
}

static enum kith_err unknown(struct filter_reader *in, struct kith_slice key)
{
	if (json_is(key, "group"))
		return query_fail(in, key, KITH_EFORMAT,
				  "the operator group is not there");
	return query_fail(in, key, KITH_EFORMAT, "unknown operator %.*s%s",
			  key.n < NAME_BYTES_MAX ? (int)key.n : NAME_BYTES_MAX,
			  (const char *)key.p,
			  key.n < NAME_BYTES_MAX ? "" : "...");
}

enum kith_err filter_read(struct filter_reader *in, struct kith_slice object,
			  struct filter *into, unsigned depth)
{
	const struct operator_row *o;
	struct kith_slice key, value;
	enum kith_err err = KITH_OK;
	size_t at = 0;

	if (depth > QUERY_DEPTH_MAX)
		return query_fail(in, object, KITH_ETOOBIG,
				  "filters nest more than %d deep",
				  QUERY_DEPTH_MAX);
	while (!err && json_next_member(object, &at, &key, &value)) {
		if (!depth && query_member(key))
			continue;
		o = find(key);
		if (!o)
			return unknown(in, key);
		err = o->kind <= FILTER_NOT
			      ? read_tree(in, o, value, into, depth)
			      : read_values(in, o, value, into);
	}
	return err;
}
