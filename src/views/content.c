#include "src/views/content.h"

#include "feeds/json.h"

const char *const content_written_types[] = { "post", "blog", "gathering" };

bool content_is_written(struct kith_slice content)
{
	struct kith_slice type = json_get(content, "type");

	for (size_t i = 0; i < CONTENT_WRITTEN_TYPES; i++)
		if (json_is(type, content_written_types[i]))
			return true;
	return false;
}

bool content_link(struct kith_slice value, struct kith_ref *out)
{
	if (json_kind(value) == JSON_KIND_OBJECT)
		value = json_get(value, "link");
	return !kith_ref_parse(json_plain(value), out, NULL);
}

bool content_msg(struct kith_slice value, struct kith_msg_id *out)
{
	struct kith_ref ref;

	if (!content_link(value, &ref) || ref.kind != KITH_REF_MSG)
		return false;
	*out = ref.msg;
	return true;
}

/* All messages of a private group are in these. */
static bool is_of_group(struct kith_slice name)
{
	return json_is(name, "group") || json_is(name, "members") ||
	       json_is(name, "epoch");
}

static bool next_tangle(struct kith_slice content, size_t *at,
			struct kith_msg_id *out)
{
	struct kith_slice tangles = json_get(content, "tangles"), name, tangle;

	if (json_kind(tangles) != JSON_KIND_OBJECT)
		return false;
	while (json_next_member(tangles, at, &name, &tangle))
		if (!is_of_group(name) &&
		    content_msg(json_get(tangle, "root"), out))
			return true;
	return false;
}

bool content_root(struct kith_slice content, struct kith_msg_id *root)
{
	size_t at = 0;

	return content_msg(json_get(content, "root"), root) ||
	       next_tangle(content, &at, root);
}

/* The elements of an array, or of an object that stands for one, or a lone
 * value. */
static bool next_item(struct kith_slice list, size_t *at,
		      struct kith_slice *item)
{
	struct kith_slice key;

	if (json_kind(list) == JSON_KIND_ARRAY)
		return json_next_element(list, at, item);
	if (json_kind(list) == JSON_KIND_OBJECT && !json_get(list, "link").n)
		return json_next_member(list, at, &key, item);
	*item = list;
	return list.n && !(*at)++;
}

static bool next_branch(struct kith_slice content, size_t *at,
			struct kith_msg_id *out)
{
	struct kith_slice branch = json_get(content, "branch"), item;

	while (next_item(branch, at, &item))
		if (content_msg(item, out))
			return true;
	return false;
}

bool content_next_place(struct kith_slice content, struct content_walk *w,
			struct kith_msg_id *out)
{
	static const char *const single[] = { "root", "fork" };

	while (w->member < 2)
		if (content_msg(json_get(content, single[w->member++]), out))
			return true;
	if (w->member == 2 && next_branch(content, &w->at, out))
		return true;
	if (w->member == 2) {
		w->member++;
		w->at = 0;
	}
	return next_tangle(content, &w->at, out);
}

bool content_next_mention(struct kith_slice content, struct content_walk *w,
			  struct kith_ref *out)
{
	struct kith_slice mentions = json_get(content, "mentions"), item;

	while (next_item(mentions, &w->at, &item))
		if (content_link(item, out))
			return true;
	return false;
}
