#include "src/views/link_walk.h"

#include "feeds/json.h"
#include "src/views/content.h"

enum { TAG_CHARACTERS_MAX = 30 };

static const char *const members[RELATION_COUNT] = {
	[RELATION_ROOT] = "root",	  [RELATION_FORK] = "fork",
	[RELATION_BRANCH] = "branch",	  [RELATION_REPLY] = "reply",
	[RELATION_MENTION] = "mentions",  [RELATION_VOTE] = "vote",
	[RELATION_ABOUT] = "about",	  [RELATION_CONTACT] = "contact",
};

static enum relation relation_of(const struct link_walk *w,
				 struct kith_slice name)
{
	if (w->only)
		return json_is(name, members[w->only]) ? w->only
						       : RELATION_OTHER;
	for (int i = RELATION_ROOT; i < RELATION_COUNT; i++)
		if (json_is(name, members[i]))
			return (enum relation)i;
	return RELATION_OTHER;
}

void link_walk_start(struct link_walk *w, struct kith_slice content)
{
	w->open[0].value = content;
	w->open[0].at = 0;
	w->depth = json_kind(content) == JSON_KIND_OBJECT;
	w->left = LINKS_MAX;
	w->channel_seen = false;
	w->only = RELATION_OTHER;
}

void link_walk_only(struct link_walk *w, enum relation relation)
{
	w->only = relation;
	w->channel_seen = true;
}

static bool read_channel(struct kith_slice text, struct link *out)
{
	out->channel = true;
	out->name_bytes = channel_normalize(text, out->name);
	return out->name_bytes;
}

/* A string that is a hashtag, and no text that begins with one or a heading:
 * one word, in which no other begins, of less than 30 characters. */
static bool is_tag(struct kith_slice text)
{
	size_t characters = 0;

	for (size_t i = 1; i < text.n; i++) {
		if (text.p[i] <= ' ' || text.p[i] == '#')
			return false;
		characters += (text.p[i] & 0xc0) != 0x80;
	}
	return characters < TAG_CHARACTERS_MAX;
}

/* Whether a string is a link: as most begin, it is none. */
static bool read_string(struct link_walk *w, struct kith_slice value,
			struct link *out)
{
	struct kith_slice text;
	bool found;

	if (value.n < 4 || !memchr("@%&#s", value.p[1], 5) || !w->left)
		return false;
	text = json_plain(value);
	if (!text.n)
		return false;
	out->text = text;
	out->channel = text.p[0] == '#' && is_tag(text);
	found = !out->channel && !kith_ref_parse(text, &out->ref, NULL);
	if (!found && !out->channel)
		return false;
	w->left--;
	return found || read_channel(text, out);
}

/* The member counts even without the #. */
static bool read_channel_member(struct link_walk *w, struct link *out)
{
	struct kith_slice value = json_get(w->open[0].value, "channel");

	w->channel_seen = true;
	if (json_kind(value) != JSON_KIND_STRING)
		return false;
	out->channel = true;
	out->name_bytes = content_channel(value, out->name);
	out->text = (struct kith_slice){ value.p + 1, value.n - 2 };
	out->member = KITH_SLICE("\"channel\"");
	out->relation = RELATION_OTHER;
	out->depth = 1;
	return out->name_bytes;
}

/* The next value inside, in the order of the text; false: no more. */
static bool step(struct link_walk *w, struct kith_slice *value)
{
	struct kith_slice key;

	while (w->depth) {
		struct kith_slice in = w->open[w->depth - 1].value;
		size_t *at = &w->open[w->depth - 1].at;

		if (json_kind(in) == JSON_KIND_ARRAY) {
			if (json_next_element(in, at, value))
				return true;
		} else if (json_next_member(in, at, &key, value)) {
			if (w->depth == 1) {
				w->member = key;
				w->relation = relation_of(w, key);
			}
			return true;
		}
		w->depth--;
	}
	return false;
}

static void enter(struct link_walk *w, struct kith_slice value)
{
	if (w->depth == LINK_DEPTH_MAX)
		return;
	w->open[w->depth].value = value;
	w->open[w->depth++].at = 0;
}

bool link_walk_next(struct link_walk *w, struct link *out)
{
	struct kith_slice value;

	if (w->depth && !w->channel_seen && read_channel_member(w, out))
		return true;
	while (step(w, &value)) {
		enum json_kind kind = json_kind(value);

		out->depth = w->depth;
		if (kind == JSON_KIND_ARRAY || kind == JSON_KIND_OBJECT) {
			enter(w, value);
		} else if (kind == JSON_KIND_STRING &&
			   read_string(w, value, out)) {
			out->member = w->member;
			out->relation = w->relation;
			return true;
		}
	}
	return false;
}
