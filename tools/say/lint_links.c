#include "feeds/json.h"
#include "tools/say/lint_private.h"
#include "tools/text/mentions.h"

enum { TEXT_BYTES_MAX = 1 << 20 };

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

struct look {
	struct lint *l;
	const struct lint_subject *s;
};

static void look_at(void *of, const struct mention *m)
{
	const struct look *look = of;
	struct kith_slice content = look->s->content, id;

	if (m->kind == MENTION_LINK) {
		id = mention_id(m->target);
		if (!is_mentioned(content, "link", id))
			lint_found(look->l, look->s, LINT_LINK,
				   json_get(content, "text"), "%.*s is in the "
				   "text but not in mentions", (int)id.n,
				   (const char *)id.p);
	}
	if (m->kind == MENTION_NAME &&
	    !is_mentioned(content, "name", m->label) &&
	    !is_mentioned(content, "name", (struct kith_slice){
				m->label.p - 1, m->label.n + 1 }))
		lint_found(look->l, look->s, LINT_NAME,
			   json_get(content, "text"), "@%.*s links to nobody",
			   (int)m->label.n, (const char *)m->label.p);
}

void lint_links(struct lint *l, const struct lint_subject *s)
{
	struct kith_buf text = { .limit = MENTIONS_TEXT_BYTES_MAX };
	struct look look = { .l = l, .s = s };

	if (json_unescape(json_get(s->content, "text"), &text) &&
	    !mentions_find(kith_bytes(&text), look_at, &look))
		tool_note("out of memory: what it mentions was not looked at");
	kith_buf_free(&text);
}
