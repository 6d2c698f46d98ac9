#include "feeds/json_compact.h"

#include <assert.h>
#include <stdlib.h>

#include "feeds/json.h"
#include "feeds/json_scan.h"
#include "feeds/list.h"
#include "feeds/number.h"

enum { PAIRWISE_MAX = 8 /* members that are compared each with each */ };

/* A member that has been put out: from its name's quote up to where a comma
 * may follow. */
struct json_member {
	size_t start, end;
	size_t name_bytes; /* without quotes */
	size_t order;	   /* of first appearance; SIZE_MAX when dropped */
	int64_t index;	   /* what json_index says of the name */
};

struct compactor {
	const uint8_t *p, *end; /* of the text that is left */
	struct kith_buf *out;
	struct json_scratch *scratch;
};

static void put_char(struct kith_buf *out, const struct json_char *one)
{
	uint8_t escape[JSON_ESCAPE_BYTES];
	size_t n = 0;

	if (one->lone)
		n = json_put_escape(one->lone, escape);
	else if (one->text_bytes == 1)
		n = json_put_escape(one->text[0], escape);
	if (n)
		kith_buf_put(out, (struct kith_slice){ escape, n });
	else
		kith_buf_put(out, (struct kith_slice){ one->text,
						       one->text_bytes });
}

static void compact_string(struct compactor *c)
{
	struct json_char one;

	kith_buf_byte(c->out, '"');
	for (c->p++; c->p < c->end; c->p += one.bytes) {
		size_t run = json_plain_run(c->p, c->end);

		kith_buf_put(c->out, (struct kith_slice){ c->p, run });
		c->p += run;
		if (c->p == c->end || !json_next_char(c->p, c->end, &one))
			break;
		put_char(c->out, &one);
	}
	kith_buf_byte(c->out, '"');
	c->p++;
}

static void compact_scalar(struct compactor *c)
{
	size_t n = json_number_bytes(c->p, c->end);
	struct kith_slice text = { c->p, n };

	if (n == 0) {
		text.n = json_word_bytes(c->p, c->end);
		kith_buf_put(c->out, text);
	} else if (number_is_canonical(text)) {
		kith_buf_put(c->out, text);
	} else {
		json_put_number(c->out, number_parse(text));
	}
	c->p += text.n;
}

static struct json_member *push_member(struct compactor *c)
{
	struct json_scratch *s = c->scratch;
	struct json_member *more = list_room(s->members, s->n, &s->cap,
					     sizeof(*more));

	if (!more) {
		c->out->err = KITH_ENOMEM;
		return NULL;
	}
	s->members = more;
	return &s->members[s->n++];
}

static int compare_names(const uint8_t *text, const struct json_member *a,
			 const struct json_member *b)
{
	int order;

	if (a->name_bytes != b->name_bytes)
		return a->name_bytes < b->name_bytes ? -1 : 1;
	order = memcmp(text + a->start + 1, text + b->start + 1,
		       a->name_bytes);
	if (order)
		return order;
	return a->order < b->order ? -1 : 1;
}

/* As V8 enumerates: indexes by value, then the others as they came. */
static int compare_places(const uint8_t *text, const struct json_member *a,
			  const struct json_member *b)
{
	(void)text;
	if (a->index != b->index && a->index >= 0 && b->index >= 0)
		return a->index < b->index ? -1 : 1;
	if ((a->index >= 0) != (b->index >= 0))
		return a->index >= 0 ? -1 : 1;
	return a->order < b->order ? -1 : 1;
}

typedef int (*compare_fn)(const uint8_t *text, const struct json_member *a,
			  const struct json_member *b);

/* Lets the member at i sink to its place in a heap of n, greatest on top. */
static void sink(struct json_member *m, size_t n, size_t i,
		 const uint8_t *text, compare_fn compare)
{
	for (size_t child; (child = 2 * i + 1) < n; i = child) {
		struct json_member keep = m[i];

		if (child + 1 < n &&
		    compare(text, &m[child], &m[child + 1]) < 0)
			child++;
		if (compare(text, &m[i], &m[child]) >= 0)
			return;
		m[i] = m[child];
		m[child] = keep;
	}
}

/* Heap sort: in place, and n log n whatever a peer sends. */
static void sort_members(struct json_member *m, size_t n, const uint8_t *text,
			 compare_fn compare)
{
	for (size_t i = n / 2; i-- > 0;)
		sink(m, n, i, text, compare);
	for (size_t last = n; last-- > 1;) {
		struct json_member top = m[0];

		m[0] = m[last];
		m[last] = top;
		sink(m, last, 0, text, compare);
	}
}

static bool same_name(const uint8_t *text, const struct json_member *a,
		      const struct json_member *b)
{
	return a->name_bytes == b->name_bytes &&
	       !memcmp(text + a->start + 1, text + b->start + 1,
		       a->name_bytes);
}

/* True if a few members stand as they should; false means: sort to see. */
static bool is_tidy(const struct json_member *m, size_t n,
		    const uint8_t *text)
{
	if (n > PAIRWISE_MAX)
		return false;
	for (size_t i = 1; i < n; i++) {
		if (compare_places(text, &m[i - 1], &m[i]) > 0)
			return false;
		for (size_t k = 0; k < i; k++)
			if (same_name(text, &m[k], &m[i]))
				return false;
	}
	return true;
}

/* Of members of one name the first gets the text of the last. */
static void merge_doubles(struct json_member *m, size_t n,
			  const uint8_t *text)
{
	size_t first = 0;

	sort_members(m, n, text, compare_names);
	for (size_t i = 1; i < n; i++) {
		if (!same_name(text, &m[first], &m[i])) {
			first = i;
			continue;
		}
		m[first].start = m[i].start;
		m[first].end = m[i].end;
		m[i].order = SIZE_MAX;
		m[i].index = -1;
	}
}

/* Puts the members' text, which starts at out->p + start, in order. */
static void rewrite(struct compactor *c, const struct json_member *m,
		    size_t n, size_t start)
{
	struct kith_buf *text = &c->scratch->text, *out = c->out;

	kith_buf_reset(text);
	text->limit = out->n - start + 1;
	for (size_t i = 0; i < n && m[i].order != SIZE_MAX; i++) {
		kith_buf_put(text, (struct kith_slice){
					   out->p + m[i].start,
					   m[i].end - m[i].start });
		kith_buf_byte(text, ',');
	}
	if (text->err) {
		out->err = text->err;
		return;
	}
	assert(text->p); /* the first of each name was kept */
	memcpy(out->p + start, text->p, text->n - 1);
	out->n = start + text->n - 1;
}

static void tidy_members(struct compactor *c, size_t first, size_t start)
{
	size_t n = c->scratch->n - first;
	struct json_member *m;

	if (c->out->err || n < 2)
		return;
	m = c->scratch->members + first;
	if (is_tidy(m, n, c->out->p))
		return;
	merge_doubles(m, n, c->out->p);
	sort_members(m, n, c->out->p, compare_places);
	rewrite(c, m, n, start);
}

static bool take(struct compactor *c, uint8_t byte)
{
	c->p = json_skip_space(c->p, c->end);
	if (c->p == c->end || *c->p != byte)
		return false;
	c->p++;
	return true;
}

static void compact_value(struct compactor *c);

static void compact_member(struct compactor *c, size_t order)
{
	size_t start = c->out->n, end;
	struct json_member *m;

	compact_string(c);
	end = c->out->n;
	take(c, ':');
	kith_buf_byte(c->out, ':');
	compact_value(c);
	if (c->out->err)
		return;
	m = push_member(c);
	if (m)
		*m = (struct json_member){
			.start = start,
			.end = c->out->n,
			.name_bytes = end - start - 2,
			.order = order,
			.index = json_index((struct kith_slice){
				c->out->p + start + 1, end - start - 2 }),
		};
}

static void compact_object(struct compactor *c)
{
	size_t first = c->scratch->n, start = c->out->n + 1;

	take(c, '{');
	kith_buf_byte(c->out, '{');
	for (size_t order = 0; !c->out->err && !take(c, '}'); order++) {
		if (order) {
			take(c, ',');
			kith_buf_byte(c->out, ',');
		}
		c->p = json_skip_space(c->p, c->end);
		compact_member(c, order);
	}
	tidy_members(c, first, start);
	c->scratch->n = first;
	kith_buf_byte(c->out, '}');
}

static void compact_array(struct compactor *c)
{
	take(c, '[');
	kith_buf_byte(c->out, '[');
	for (bool more = false; !c->out->err && !take(c, ']'); more = true) {
		if (more) {
			take(c, ',');
			kith_buf_byte(c->out, ',');
		}
		compact_value(c);
	}
	kith_buf_byte(c->out, ']');
}

/* Recursion is bounded, since json_check has bounded the nesting. */
static void compact_value(struct compactor *c)
{
	c->p = json_skip_space(c->p, c->end);
	if (c->p == c->end)
		return;
	switch (*c->p) {
	case '{': compact_object(c); return;
	case '[': compact_array(c); return;
	case '"': compact_string(c); return;
	default: compact_scalar(c); return;
	}
}

void json_compact_with(struct json_scratch *s, struct kith_slice value,
		       struct kith_buf *out)
{
	struct compactor c = { value.p, value.p + value.n, out, s };

	s->n = 0;
	compact_value(&c);
}

void json_scratch_clear(struct json_scratch *s)
{
	free(s->members);
	kith_buf_free(&s->text);
	*s = (struct json_scratch){ 0 };
}

void json_compact(struct kith_slice value, struct kith_buf *out)
{
	struct json_scratch scratch = { 0 };

	json_compact_with(&scratch, value, out);
	json_scratch_clear(&scratch);
}
