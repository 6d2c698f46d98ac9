/* The view of links: every id in a message, by how it is named; and the
 * channels that it is in.  Source: protocol/13 sections 1, 3 and 4. */
#include "feeds/channel.h"
#include "feeds/json.h"
#include "src/views/rows.h"
#include "src/views/view.h"

enum { LINKS_VERSION = 1, LINKS_MAX = 256, DEPTH_MAX = 32 };

struct walk {
	struct rows *rows;
	unsigned left;
};

/* Members of the content that say how: what is in them has that relation. */
static const struct {
	const char *name;
	enum relation relation;
} members[] = {
	{ "root", RELATION_ROOT },	{ "fork", RELATION_FORK },
	{ "branch", RELATION_BRANCH },	{ "reply", RELATION_REPLY },
	{ "mentions", RELATION_MENTION }, { "vote", RELATION_VOTE },
	{ "about", RELATION_ABOUT },	{ "contact", RELATION_CONTACT },
};

static enum relation relation_of(struct kith_slice name)
{
	for (size_t i = 0; i < sizeof(members) / sizeof(*members); i++)
		if (json_is(name, members[i].name))
			return members[i].relation;
	return RELATION_OTHER;
}

static void channel(struct walk *w, struct kith_slice name)
{
	char normal[CHANNEL_TEXT_BYTES];
	size_t n = channel_normalize(name, normal);
	struct term t;

	if (!n)
		return;
	t = term_channel((struct kith_slice){ (const uint8_t *)normal, n });
	rows_posting(w->rows, &t);
}

static void string(struct walk *w, struct kith_slice value,
		   enum relation relation)
{
	struct kith_slice text = json_plain(value);
	struct kith_ref ref;
	struct term t;

	if (text.n < 2 || !w->left)
		return;
	if (text.p[0] == '#') {
		w->left--;
		channel(w, text);
	} else if (!kith_ref_parse(text, &ref, NULL)) {
		w->left--;
		t = term_link(&ref, relation);
		rows_posting(w->rows, &t);
	}
}

static void walk(struct walk *w, struct kith_slice value,
		 enum relation relation, int depth)
{
	struct kith_slice key, item;
	size_t at = 0;

	if (depth == DEPTH_MAX)
		return;
	switch (json_kind(value)) {
	case JSON_KIND_STRING:
		string(w, value, relation);
		break;
	case JSON_KIND_ARRAY:
		while (json_next_element(value, &at, &item))
			walk(w, item, relation, depth + 1);
		break;
	case JSON_KIND_OBJECT:
		while (json_next_member(value, &at, &key, &item))
			walk(w, item, depth ? relation : relation_of(key),
			     depth + 1);
		break;
	default:
		break;
	}
}

static void rows(struct rows *r, const struct view_message *m)
{
	struct kith_slice name = json_plain(json_get(m->content, "channel"));
	struct walk w = { .rows = r, .left = LINKS_MAX };

	if (name.n)
		channel(&w, name);
	walk(&w, m->content, RELATION_OTHER, 0);
}

const struct view view_links = {
	.name = "links",
	.version = LINKS_VERSION,
	.rows = rows,
	.first_term = TERM_LINK,
	.last_term = TERM_CHANNEL,
};
