#include "feeds/json_scan.h"
#include "feeds/verdict_private.h"

/* Nesting that go-ssb reads: jsoniter's limit. */
enum { GO_DEPTH_MAX = 10000 };

/* A walk over the text that needs no recursion: a bit a level tells objects
 * from arrays. */
struct printer {
	const uint8_t *p, *end;
	struct kith_buf *out;
	size_t depth;
	uint8_t objects[GO_DEPTH_MAX / 8 + 1];
};

static bool in_object(const struct printer *g)
{
	return g->objects[g->depth / 8] >> (g->depth % 8) & 1;
}

static void skip_space(struct printer *g)
{
	g->p = json_skip_space(g->p, g->end);
}

static bool take(struct printer *g, uint8_t byte)
{
	skip_space(g);
	if (g->p == g->end || *g->p != byte)
		return false;
	g->p++;
	return true;
}

static void put_line(struct printer *g)
{
	kith_buf_byte(g->out, '\n');
	for (size_t i = 0; i < g->depth; i++)
		kith_buf_text(g->out, "  ");
}

/* The escape at p, as it is printed when it stands by itself. */
static void put_escape(struct printer *g, const uint8_t *p)
{
	static const uint8_t replacement[] = { 0xef, 0xbf, 0xbd };
	uint8_t printed[JSON_ESCAPE_BYTES];
	struct kith_slice text = { printed, 0 };
	struct json_char one;
	uint16_t unit = 0;

	if (!json_next_char(p, p + json_escape(p, g->end, &unit), &one))
		return;
	text.n = json_put_escape(unit, printed);
	if (one.lone)
		text = (struct kith_slice){ replacement, sizeof(replacement) };
	else if (!text.n)
		text = (struct kith_slice){ one.text, one.text_bytes };
	kith_buf_put(g->out, text);
}

/* Half of a pair takes the next escape with it, whether that completes it or
 * not. */
static bool print_escape(struct printer *g)
{
	uint16_t unit = 0, next = 0;
	size_t n = json_escape(g->p, g->end, &unit), more = 0;
	struct json_char pair;

	if (!n)
		return false;
	if (json_is_high(unit) || json_is_low(unit))
		more = json_escape(g->p + n, g->end, &next);
	if (json_is_high(unit) && more && json_is_low(next)) {
		(void)json_next_char(g->p, g->end, &pair);
		kith_buf_put(g->out, (struct kith_slice){ pair.text,
							  pair.text_bytes });
	} else {
		put_escape(g, g->p);
		if (more)
			put_escape(g, g->p + n);
	}
	g->p += n + more;
	return true;
}

static bool print_char(struct printer *g)
{
	size_t n;

	if (*g->p == '\\')
		return print_escape(g);
	if (*g->p < 0x20)
		return false;
	n = json_utf8_bytes(g->p, g->end);
	if (n)
		kith_buf_put(g->out, (struct kith_slice){ g->p, n });
	else
		kith_buf_text(g->out, "\\ufffd");
	g->p += n ? n : 1;
	return true;
}

static bool print_string(struct printer *g)
{
	if (!take(g, '"'))
		return false;
	kith_buf_byte(g->out, '"');
	for (;;) {
		size_t n = json_plain_run(g->p, g->end);

		kith_buf_put(g->out, (struct kith_slice){ g->p, n });
		g->p += n;
		if (g->p == g->end)
			return false;
		if (*g->p == '"')
			break;
		if (!print_char(g))
			return false;
	}
	g->p++;
	kith_buf_byte(g->out, '"');
	return true;
}

static bool print_scalar(struct printer *g)
{
	size_t n = json_number_bytes(g->p, g->end);

	if (!n)
		n = json_word_bytes(g->p, g->end);
	kith_buf_put(g->out, (struct kith_slice){ g->p, n });
	g->p += n;
	return n > 0;
}

/* What stands before a value inside an object or array. */
static bool print_lead(struct printer *g)
{
	put_line(g);
	if (!in_object(g))
		return true;
	if (!print_string(g) || !take(g, ':'))
		return false;
	kith_buf_text(g->out, ": ");
	return true;
}

static void print_close(struct printer *g, bool empty)
{
	bool object = in_object(g);

	g->depth--;
	if (object || !empty)
		put_line(g);
	kith_buf_byte(g->out, object ? '}' : ']');
}

/* Goes into an object or array; *empty: and out of it again. */
static bool print_open(struct printer *g, bool *empty)
{
	bool object = *g->p++ == '{';
	uint8_t bit;

	if (g->depth == GO_DEPTH_MAX - 1)
		return false;
	g->depth++;
	bit = (uint8_t)(1 << g->depth % 8);
	if (object)
		g->objects[g->depth / 8] |= bit;
	else
		g->objects[g->depth / 8] &= (uint8_t)~bit;
	kith_buf_byte(g->out, object ? '{' : '[');
	*empty = take(g, object ? '}' : ']');
	if (*empty && object)
		kith_buf_byte(g->out, '\n');
	if (*empty)
		print_close(g, true);
	return *empty || print_lead(g);
}

/* Leaves what ends here, up to where the next value begins; false: bad.
 * *over: there is none. */
static bool print_after(struct printer *g, bool *over)
{
	while (g->depth > 0) {
		if (take(g, ',')) {
			kith_buf_byte(g->out, ',');
			return print_lead(g);
		}
		if (!take(g, in_object(g) ? '}' : ']'))
			return false;
		print_close(g, false);
	}
	*over = true;
	skip_space(g);
	return g->p == g->end;
}

bool go_print(struct kith_slice wire, struct kith_buf *out)
{
	struct printer g = { .p = wire.p, .end = wire.p + wire.n, .out = out };
	bool over = false, ended;

	while (!over && !out->err) {
		skip_space(&g);
		ended = true;
		if (g.p == g.end)
			return false;
		if (*g.p == '{' || *g.p == '[') {
			if (!print_open(&g, &ended))
				return false;
		} else if (*g.p == '"' ? !print_string(&g)
				       : !print_scalar(&g)) {
			return false;
		}
		if (ended && !print_after(&g, &over))
			return false;
	}
	return !out->err;
}

/* The last byte of b before end; b->n: there is none. */
static size_t last(const struct kith_buf *b, size_t end, uint8_t byte)
{
	while (end > 0)
		if (b->p[--end] == byte)
			return end;
	return b->n;
}

bool go_cut_signature(const struct kith_buf *printed, struct kith_slice *text,
		      struct kith_buf *rest)
{
	size_t n = printed->n, close = last(printed, n, '"'), open, comma;

	open = close < n ? last(printed, close, '"') : n;
	comma = open < n ? last(printed, open, ',') : n;
	if (comma == n)
		return false;
	*text = (struct kith_slice){ printed->p + open + 1, close - open - 1 };
	kith_buf_reset(rest);
	kith_buf_put(rest, (struct kith_slice){ printed->p, comma });
	kith_buf_put(rest, (struct kith_slice){ printed->p + close + 1,
						n - close - 1 });
	return true;
}
