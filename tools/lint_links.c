#include "feeds/json.h"
#include "feeds/ref.h"
#include "tools/lint_private.h"

enum { TEXT_BYTES_MAX = 1 << 20, NAME_BYTES_MAX = 64 };

/* What a mention links to, or is called; name: of that member. */
static bool mentions_as(struct kith_slice mention, const char *name,
			struct kith_slice text)
{
	struct kith_buf b = { .limit = TEXT_BYTES_MAX };
	struct kith_slice value = mention;
	bool same;

	if (json_kind(mention) == JSON_KIND_OBJECT)
		value = json_get(mention, name);
	same = json_unescape(value, &b) && b.n >= text.n &&
	       !memcmp(b.p, text.p, text.n);
	/* What follows a link says how to open it; a name has no rest. */
	if (same && strcmp(name, "name") == 0)
		same = b.n == text.n;
	kith_buf_free(&b);
	return same;
}

static bool is_mentioned(struct kith_slice content, const char *name,
			 struct kith_slice text)
{
	struct kith_slice mentions = json_get(content, "mentions"), key, one;
	size_t at = 0;

	while (json_next_element(mentions, &at, &one))
		if (mentions_as(one, name, text))
			return true;
	at = 0;
	while (json_next_member(mentions, &at, &key, &one))
		if (mentions_as(one, name, text))
			return true;
	return false;
}

static bool is_id_char(uint8_t c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
	       (c >= '0' && c <= '9') || c == '+' || c == '/' || c == '=' ||
	       c == '.';
}

/* The id that begins at p with its sigil; empty: none does. */
static struct kith_slice id_at(const uint8_t *p, const uint8_t *end)
{
	static const struct kith_slice none;
	struct kith_slice id = { p, 1 };
	struct kith_ref ref;

	while (p + id.n < end && is_id_char(p[id.n]))
		id.n++;
	/* A full stop may end the sentence. */
	while (id.n > 1 && p[id.n - 1] == '.')
		id.n--;
	return kith_ref_parse(id, &ref, NULL) ? none : id;
}

static bool is_name_char(uint8_t c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
	       (c >= '0' && c <= '9') || c == '_' || c == '-' || c >= 0x80;
}

/* The name behind the @ at p; empty: it stands in a word, or in a link. */
static struct kith_slice name_at(struct kith_slice text, const uint8_t *p)
{
	struct kith_slice name = { p + 1, 0 };
	bool inside = p > text.p && (is_name_char(p[-1]) || p[-1] == '[' ||
				     p[-1] == '(' || p[-1] == '/');

	while (!inside && name.p + name.n < text.p + text.n &&
	       is_name_char(name.p[name.n]) && name.n < NAME_BYTES_MAX)
		name.n++;
	return name;
}

static bool is_sigil(uint8_t c)
{
	return c == '@' || c == '&' || c == '%';
}

/* Looks at what begins at p; gives where to go on. */
static const uint8_t *look_at(struct lint *l, const struct lint_subject *s,
			      struct kith_slice text, const uint8_t *p)
{
	struct kith_slice where = json_get(s->content, "text"), name;
	struct kith_slice id = id_at(p, text.p + text.n);

	if (id.n) {
		if (!is_mentioned(s->content, "link", id))
			lint_found(l, s, LINT_LINK, where,
				   "%.*s is in the text but not in mentions",
				   (int)id.n, (const char *)id.p);
		return p + id.n;
	}
	if (*p != '@')
		return p + 1;
	name = name_at(text, p);
	if (name.n && !is_mentioned(s->content, "name", name) &&
	    !is_mentioned(s->content, "name", (struct kith_slice){
				p, name.n + 1 }))
		lint_found(l, s, LINT_NAME, where, "@%.*s links to nobody",
			   (int)name.n, (const char *)name.p);
	return p + 1 + name.n;
}

void lint_links(struct lint *l, const struct lint_subject *s)
{
	struct kith_buf b = { .limit = TEXT_BYTES_MAX };
	struct kith_slice text;
	bool code = false;

	if (!json_unescape(json_get(s->content, "text"), &b)) {
		kith_buf_free(&b);
		return;
	}
	text = kith_bytes(&b);
	for (const uint8_t *p = text.p; p < text.p + text.n;) {
		code ^= *p == '`';
		if (!code && is_sigil(*p))
			p = look_at(l, s, text, p);
		else
			p++;
	}
	kith_buf_free(&b);
}
