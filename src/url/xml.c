#include "src/url/xml.h"

static void skip(struct url_xml *x, size_t n)
{
	x->in.p += n;
	x->in.n -= n;
}

static bool begins(const struct url_xml *x, const char *text)
{
	size_t n = strlen(text);

	return x->in.n >= n && memcmp(x->in.p, text, n) == 0;
}

/* Where end begins behind the front of x; SIZE_MAX: nowhere. */
static size_t find(const struct url_xml *x, const char *end)
{
	size_t n = strlen(end);

	for (size_t i = 0; i + n <= x->in.n; i++)
		if (memcmp(x->in.p + i, end, n) == 0)
			return i;
	return SIZE_MAX;
}

static bool skip_past(struct url_xml *x, const char *end)
{
	size_t at = find(x, end);

	if (at == SIZE_MAX)
		return false;
	skip(x, at + strlen(end));
	return true;
}

/* Where a tag ends: a '>' in an attribute's value is none. */
static size_t tag_end(const struct url_xml *x)
{
	uint8_t quote = 0;

	for (size_t i = 0; i < x->in.n; i++) {
		uint8_t c = x->in.p[i];

		if (quote)
			quote = c == quote ? 0 : quote;
		else if (c == '"' || c == '\'')
			quote = c;
		else if (c == '>')
			return i;
	}
	return SIZE_MAX;
}

static bool ends_name(uint8_t c)
{
	return c == ' ' || c == '\t' || c == '\r' || c == '\n' || c == '/';
}

/* The local part of the name that tag begins with. */
static struct kith_slice name_of(struct kith_slice tag)
{
	struct kith_slice name = { tag.p, 0 };

	while (name.n < tag.n && !ends_name(name.p[name.n])) {
		if (name.p[name.n] != ':') {
			name.n++;
			continue;
		}
		tag.n -= name.n + 1;
		name.p += name.n + 1;
		tag.p = name.p;
		name.n = 0;
	}
	return name;
}

static enum url_xml_step bad(struct url_xml *x)
{
	x->bad = true;
	return URL_XML_BAD;
}

static enum url_xml_step take_tag(struct url_xml *x, struct kith_slice *out)
{
	size_t end = tag_end(x);
	struct kith_slice tag;
	bool closes;

	if (end == SIZE_MAX)
		return bad(x);
	closes = end > 1 && x->in.p[1] == '/';
	tag.p = x->in.p + (closes ? 2 : 1);
	tag.n = end - (closes ? 2 : 1);
	skip(x, end + 1);
	*out = name_of(tag);
	if (out->n == 0)
		return bad(x);
	if (closes)
		return URL_XML_CLOSE;
	if (tag.p[tag.n - 1] == '/')
		x->closing = *out;
	return URL_XML_OPEN;
}

static enum url_xml_step take_text(struct url_xml *x, struct kith_slice *out)
{
	const uint8_t *end = memchr(x->in.p, '<', x->in.n);

	out->p = x->in.p;
	out->n = end ? (size_t)(end - x->in.p) : x->in.n;
	skip(x, out->n);
	return URL_XML_TEXT;
}

static enum url_xml_step take_cdata(struct url_xml *x, struct kith_slice *out)
{
	size_t end;

	skip(x, strlen("<![CDATA["));
	end = find(x, "]]>");
	if (end == SIZE_MAX)
		return bad(x);
	*out = (struct kith_slice){ x->in.p, end };
	skip(x, end + 3);
	return URL_XML_TEXT;
}

/* Passes over what is neither element nor text.  False: it has no end, or is
 * a document type. */
static bool skip_other(struct url_xml *x, bool *skipped)
{
	*skipped = true;
	if (begins(x, "<!--"))
		return skip_past(x, "-->");
	if (begins(x, "<?"))
		return skip_past(x, "?>");
	if (begins(x, "<!") && !begins(x, "<![CDATA["))
		return false;
	*skipped = false;
	return true;
}

enum url_xml_step url_xml_next(struct url_xml *x, struct kith_slice *out)
{
	bool skipped;

	if (x->bad)
		return URL_XML_BAD;
	if (x->closing.n > 0) {
		*out = x->closing;
		x->closing.n = 0;
		return URL_XML_CLOSE;
	}
	do {
		if (x->in.n == 0)
			return URL_XML_END;
		if (!skip_other(x, &skipped))
			return bad(x);
	} while (skipped);
	if (x->in.p[0] != '<')
		return take_text(x, out);
	if (!begins(x, "<![CDATA["))
		return take_tag(x, out);
	if (take_cdata(x, out) == URL_XML_TEXT && out->n == 0)
		return url_xml_next(x, out);
	return x->bad ? URL_XML_BAD : URL_XML_TEXT;
}

static const struct {
	const char *name;
	char is;
} entities[] = {
	{ "amp;", '&' },  { "lt;", '<' },   { "gt;", '>' },
	{ "quot;", '"' }, { "apos;", '\'' },
};

/* &#47; and &#x2F; of ASCII; names that have others are none of ours. */
static bool take_number(struct kith_slice *in, char *out)
{
	unsigned base = 10, value = 0;
	size_t i = 1;

	if (in->n > 1 && (in->p[1] | 0x20) == 'x') {
		base = 16;
		i = 2;
	}
	for (; i < in->n && i < 8 && in->p[i] != ';'; i++) {
		uint8_t c = in->p[i], low = (uint8_t)(c | 0x20);
		unsigned digit = c >= '0' && c <= '9' ? c - 48u : base;

		if (low >= 'a' && low <= 'f')
			digit = low - 'a' + 10u;
		if (digit >= base)
			return false;
		value = value * base + digit;
	}
	if (i >= in->n || in->p[i] != ';' || value == 0 || value > 127)
		return false;
	*out = (char)value;
	in->p += i + 1;
	in->n -= i + 1;
	return true;
}

/* in begins behind the '&'. */
static bool take_entity(struct kith_slice *in, char *out)
{
	if (in->n > 0 && in->p[0] == '#')
		return take_number(in, out);
	for (size_t i = 0; i < sizeof(entities) / sizeof(entities[0]); i++) {
		size_t n = strlen(entities[i].name);

		if (in->n < n || memcmp(in->p, entities[i].name, n) != 0)
			continue;
		in->p += n;
		in->n -= n;
		*out = entities[i].is;
		return true;
	}
	return false;
}

static bool is_space(uint8_t c)
{
	return c == ' ' || c == '\t' || c == '\r' || c == '\n';
}

bool url_xml_decode(struct kith_slice text, char *to, size_t n)
{
	size_t used = 0;

	while (text.n > 0 && is_space(text.p[0])) {
		text.p++;
		text.n--;
	}
	while (text.n > 0 && is_space(text.p[text.n - 1]))
		text.n--;
	while (text.n > 0) {
		char c = (char)text.p[0];

		text.p++;
		text.n--;
		if (c == '&' && !take_entity(&text, &c))
			return false;
		if (c == '\0' || used + 1 >= n)
			return false;
		to[used++] = c;
	}
	to[used] = '\0';
	return n > 0;
}
