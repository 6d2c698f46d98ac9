#include <math.h>

#include "feeds/number.h"
#include "src/views/mfr_private.h"

enum { TEXT_BYTES_MAX = MFR_ITEM_BYTES_MAX };

static bool is_text(struct kith_slice v)
{
	return json_kind(v) == JSON_KIND_STRING;
}

static bool is_plain(struct kith_slice v)
{
	return v.n == 2 || json_plain(v).n;
}

/* Compares texts after unescaping. */
static int compare_texts(struct kith_slice a, struct kith_slice b)
{
	struct kith_buf x = { .limit = TEXT_BYTES_MAX };
	struct kith_buf y = { .limit = TEXT_BYTES_MAX };
	size_t n;
	int order;

	(void)!json_unescape(a, &x);
	(void)!json_unescape(b, &y);
	n = x.n < y.n ? x.n : y.n;
	order = n ? memcmp(x.p, y.p, n) : 0;
	order = order ? order : (x.n > y.n) - (x.n < y.n);
	kith_buf_free(&x);
	kith_buf_free(&y);
	return order;
}

bool value_equal(struct kith_slice a, struct kith_slice b)
{
	enum json_kind kind = json_kind(a);
	double x, y;

	if (kind != json_kind(b) || kind == JSON_KIND_ARRAY ||
	    kind == JSON_KIND_OBJECT)
		return false;
	if (kind == JSON_KIND_NUMBER)
		return json_number(a, &x) && json_number(b, &y) && x == y;
	if (kith_equal(a, b))
		return true;
	return kind == JSON_KIND_STRING && !(is_plain(a) && is_plain(b)) &&
	       !compare_texts(a, b);
}

static bool same_name(struct kith_slice key, struct kith_slice name)
{
	return kith_equal(key, name) || value_equal(key, name);
}

struct kith_slice value_element(struct kith_slice value, double index)
{
	struct kith_slice item = { 0 };
	size_t at = 0, n = 0;

	if (json_kind(value) != JSON_KIND_ARRAY)
		return item;
	if (index < 0) {
		while (json_next_element(value, &at, &item))
			n++;
		index += (double)n;
		at = 0;
	}
	for (n = 0; json_next_element(value, &at, &item); n++)
		if ((double)n == index)
			return item;
	return (struct kith_slice){ 0 };
}

struct kith_slice value_member(struct kith_slice value, struct kith_slice name)
{
	struct kith_slice key, item, digits = json_plain(name);
	size_t at = 0;

	if (json_kind(value) == JSON_KIND_ARRAY && digits.n && digits.n < 10 &&
	    digits.p[0] >= '0' && digits.p[0] <= '9')
		return value_element(value, number_parse(digits));
	while (json_next_member(value, &at, &key, &item))
		if (same_name(key, name))
			return item;
	return (struct kith_slice){ 0 };
}

double value_number(struct kith_slice value)
{
	struct kith_slice text;
	double d = 0;

	switch (json_kind(value)) {
	case JSON_KIND_NULL:
		return 0;
	case JSON_KIND_BOOL:
		return json_says_true(value);
	case JSON_KIND_NUMBER:
		return json_number(value, &d) ? d : (double)NAN;
	case JSON_KIND_STRING:
		if (value.n == 2)
			return 0;
		if (!json_check(json_plain(value), &text, NULL) &&
		    json_number(text, &d))
			return d;
		return (double)NAN;
	default:
		return (double)NAN;
	}
}

bool value_truthy(struct kith_slice value)
{
	switch (json_kind(value)) {
	case JSON_KIND_NONE:
	case JSON_KIND_NULL:
		return false;
	case JSON_KIND_BOOL:
		return json_says_true(value);
	case JSON_KIND_NUMBER:
		return value_number(value) != 0;
	case JSON_KIND_STRING:
		return value.n > 2;
	default:
		return true;
	}
}

const char *value_type(struct kith_slice value)
{
	static const char *const names[] = {
		[JSON_KIND_NONE] = "undefined", [JSON_KIND_NULL] = "object",
		[JSON_KIND_BOOL] = "boolean",	[JSON_KIND_NUMBER] = "number",
		[JSON_KIND_STRING] = "string",	[JSON_KIND_ARRAY] = "object",
		[JSON_KIND_OBJECT] = "object",
	};

	return names[json_kind(value)];
}

bool value_less(struct kith_slice a, struct kith_slice b, bool or_equal)
{
	double x, y;

	if (is_text(a) && is_text(b))
		return compare_texts(a, b) < or_equal;
	x = value_number(a);
	y = value_number(b);
	return or_equal ? x <= y : x < y;
}

static int rank(struct kith_slice v)
{
	enum json_kind kind = json_kind(v);

	return kind == JSON_KIND_NONE ? JSON_KIND_OBJECT + 1 : (int)kind;
}

int value_compare(struct kith_slice a, struct kith_slice b)
{
	double x, y;
	size_t n;
	int order;

	if (rank(a) != rank(b))
		return rank(a) < rank(b) ? -1 : 1;
	if (is_text(a))
		return compare_texts(a, b);
	if (json_kind(a) == JSON_KIND_NUMBER ||
	    json_kind(a) == JSON_KIND_BOOL) {
		x = value_number(a);
		y = value_number(b);
		return (x > y) - (x < y);
	}
	n = a.n < b.n ? a.n : b.n;
	order = n ? memcmp(a.p, b.p, n) : 0;
	return order ? order : (a.n > b.n) - (a.n < b.n);
}

struct kith_slice rule_operator(struct kith_slice rule)
{
	struct kith_slice key, value;
	size_t at = 0;

	while (json_next_member(rule, &at, &key, &value))
		if (key.n > 2 && key.p[1] == '$')
			return key;
	return (struct kith_slice){ 0 };
}
