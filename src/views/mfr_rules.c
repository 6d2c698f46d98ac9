/* Patterns and rules: what a value must be, and what is made of it. */
#include <math.h>

#include "src/views/mfr_private.h"

enum { NAME_BYTES_MAX = 40 };

typedef bool operator_fn(struct kith_slice value, struct kith_slice argument);

static bool is_gt(struct kith_slice v, struct kith_slice a)
{
	return value_less(a, v, false);
}

static bool is_gte(struct kith_slice v, struct kith_slice a)
{
	return value_less(a, v, true);
}

static bool is_lt(struct kith_slice v, struct kith_slice a)
{
	return value_less(v, a, false);
}

static bool is_lte(struct kith_slice v, struct kith_slice a)
{
	return value_less(v, a, true);
}

static bool is_ne(struct kith_slice v, struct kith_slice a)
{
	return !value_equal(v, a);
}

/* Longer than the prefix, as the original has it for lists. */
static bool begins_list(struct kith_slice v, struct kith_slice a)
{
	struct kith_slice x, y;
	size_t at = 0, with = 0;

	if (json_kind(v) != JSON_KIND_ARRAY)
		return false;
	while (json_next_element(a, &with, &y))
		if (!json_next_element(v, &at, &x) || !value_equal(x, y))
			return false;
	return json_next_element(v, &at, &x);
}

static bool has_prefix(struct kith_slice v, struct kith_slice a)
{
	struct kith_buf x = { .limit = MFR_ITEM_BYTES_MAX };
	struct kith_buf y = { .limit = MFR_ITEM_BYTES_MAX };
	bool begins;

	if (json_kind(a) == JSON_KIND_ARRAY)
		return begins_list(v, a);
	begins = json_unescape(v, &x) && json_unescape(a, &y) && x.n >= y.n &&
		 (!y.n || !memcmp(x.p, y.p, y.n));
	kith_buf_free(&x);
	kith_buf_free(&y);
	return begins;
}

static bool is_of_type(struct kith_slice v, struct kith_slice a)
{
	return json_is(a, value_type(v));
}

static bool is_in(struct kith_slice v, struct kith_slice a)
{
	struct kith_slice item;
	size_t at = 0;

	while (json_next_element(a, &at, &item))
		if (value_equal(v, item))
			return true;
	return false;
}

static bool is_truthy(struct kith_slice v, struct kith_slice a)
{
	(void)a;
	return value_truthy(v);
}

static bool is_falsy(struct kith_slice v, struct kith_slice a)
{
	(void)a;
	return !value_truthy(v);
}

static bool is_int(struct kith_slice v, struct kith_slice a)
{
	double d;
	(void)a;

	return json_number(v, &d) && !isinf(d) && d == floor(d);
}

static bool has_remainder(struct kith_slice v, struct kith_slice a)
{
	double rest = fmod(value_number(v), value_number(a));

	return !isnan(rest) && rest != 0;
}

static bool has_type(struct kith_slice v, struct kith_slice a)
{
	(void)v;
	(void)a;
	return true; /* the name of a type is never empty */
}

static bool has_member(struct kith_slice v, struct kith_slice a)
{
	return value_truthy(rule_get(a, v));
}

static const struct {
	const char *name;
	operator_fn *holds;
} operators[] = {
	{ "$gt", is_gt },	{ "$gte", is_gte },
	{ "$lt", is_lt },	{ "$lte", is_lte },
	{ "$eq", value_equal }, { "$ne", is_ne },
	{ "$prefix", has_prefix }, { "$is", is_of_type },
	{ "$in", is_in },	{ "$truthy", is_truthy },
	{ "$not", is_falsy },	{ "$int", is_int },
	{ "$mod", has_remainder }, { "$type", has_type },
	{ "$get", has_member },
};

static operator_fn *find(struct kith_slice name)
{
	for (size_t i = 0; i < sizeof(operators) / sizeof(*operators); i++)
		if (json_is(name, operators[i].name))
			return operators[i].holds;
	return NULL;
}

static enum kith_err unknown(struct kith_slice name, struct kith_error *e)
{
	return kith_fail(e, KITH_EFORMAT, 0, "unknown operator %.*s",
			 name.n < NAME_BYTES_MAX ? (int)name.n
						 : NAME_BYTES_MAX,
			 (const char *)name.p);
}

static enum kith_err too_deep(struct kith_error *e)
{
	return kith_fail(e, KITH_ETOOBIG, 0,
			 "the query nests more than %d deep", MFR_DEPTH_MAX);
}

/* --- filter --- */

enum kith_err rule_check_filter(struct kith_slice pattern, unsigned depth,
				struct kith_error *e)
{
	struct kith_slice key, value;
	enum kith_err err = KITH_OK;
	size_t at = 0;
	bool operates = rule_operator(pattern).n;

	if (depth > MFR_DEPTH_MAX)
		return too_deep(e);
	while (!err && json_next_element(pattern, &at, &value))
		err = rule_check_filter(value, depth + 1, e);
	while (!err && json_next_member(pattern, &at, &key, &value)) {
		if (!operates)
			err = rule_check_filter(value, depth + 1, e);
		else if (!find(key))
			err = unknown(key, e);
	}
	return err;
}

static bool matches_inside(struct kith_slice pattern, struct kith_slice value)
{
	struct kith_slice key, inside;
	size_t at = 0;
	double i = 0;

	if (json_kind(value) <= JSON_KIND_NULL)
		return false;
	if (json_kind(pattern) == JSON_KIND_ARRAY) {
		while (json_next_element(pattern, &at, &inside))
			if (!rule_matches(inside, value_element(value, i++)))
				return false;
		return true;
	}
	while (json_next_member(pattern, &at, &key, &inside))
		if (!rule_matches(inside, value_member(value, key)))
			return false;
	return true;
}

bool rule_matches(struct kith_slice pattern, struct kith_slice value)
{
	struct kith_slice key, argument;
	size_t at = 0;

	if (json_kind(pattern) != JSON_KIND_ARRAY &&
	    json_kind(pattern) != JSON_KIND_OBJECT)
		return value_equal(pattern, value);
	if (!rule_operator(pattern).n)
		return matches_inside(pattern, value);
	while (json_next_member(pattern, &at, &key, &argument))
		if (!find(key)(value, argument))
			return false;
	return true;
}

/* --- map --- */

struct kith_slice rule_get(struct kith_slice rule, struct kith_slice value)
{
	struct kith_slice step;
	size_t at = 0;
	double index;

	switch (json_kind(rule)) {
	case JSON_KIND_STRING:
		return value_member(value, rule);
	case JSON_KIND_NUMBER:
		return json_number(rule, &index) ? value_element(value, index)
						 : (struct kith_slice){ 0 };
	case JSON_KIND_ARRAY:
		while (json_next_element(rule, &at, &step))
			value = rule_get(step, value);
		return value;
	case JSON_KIND_BOOL:
		return json_says_true(rule) ? value : (struct kith_slice){ 0 };
	case JSON_KIND_OBJECT:
		return rule_get(json_get(rule, "$get"), value);
	default:
		return (struct kith_slice){ 0 };
	}
}

static bool picks(struct kith_slice rule)
{
	return json_kind(rule) != JSON_KIND_OBJECT || rule_operator(rule).n;
}

enum kith_err rule_check_map(struct kith_slice rule, unsigned depth,
			     struct kith_error *e)
{
	struct kith_slice key, inside, how = rule_operator(rule);
	enum kith_err err = KITH_OK;
	size_t at = 0;

	if (depth > MFR_DEPTH_MAX)
		return too_deep(e);
	if (how.n && !json_is(how, "$get"))
		return unknown(how, e);
	if (json_kind(rule) <= JSON_KIND_NULL ||
	    (json_kind(rule) == JSON_KIND_BOOL && !json_says_true(rule)))
		return kith_fail(e, KITH_EFORMAT, 0, "could not process:%.*s",
				 rule.n < NAME_BYTES_MAX ? (int)rule.n
							 : NAME_BYTES_MAX,
				 (const char *)rule.p);
	while (!err && json_next_element(rule, &at, &inside)) {
		err = rule_check_map(inside, depth + 1, e);
		if (!err && !picks(inside))
			err = kith_fail(e, KITH_EFORMAT, 0, "a path has names "
					"and numbers only");
	}
	while (!err && json_next_member(rule, &at, &key, &inside))
		err = rule_check_map(inside, depth + 1, e);
	return err;
}

bool rule_map(struct kith_slice rule, struct kith_slice value,
	      struct kith_buf *out)
{
	struct kith_slice key, inside;
	size_t at = 0, before;
	bool any = false;

	if (picks(rule)) {
		value = rule_get(rule, value);
		kith_buf_put(out, value);
		return value.n;
	}
	if (json_kind(value) <= JSON_KIND_NULL || rule.n == 2)
		return false;
	kith_buf_byte(out, '{');
	while (json_next_member(rule, &at, &key, &inside)) {
		before = out->n;
		if (any)
			kith_buf_byte(out, ',');
		kith_buf_put(out, key);
		kith_buf_byte(out, ':');
		/* true picks the member of the same name. */
		if (rule_map(json_kind(inside) == JSON_KIND_BOOL ? key : inside,
			     value, out))
			any = true;
		else
			out->n = before;
	}
	kith_buf_byte(out, '}');
	return true;
}
