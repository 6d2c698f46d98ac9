#include "src/views/content.h"

#include "feeds/json.h"
#include "feeds/message.h"

const char *const content_written_types[] = { "post", "blog", "gathering" };

bool content_is_written(struct kith_slice content)
{
	struct kith_slice type = json_get(content, "type");

	for (size_t i = 0; i < CONTENT_WRITTEN_TYPES; i++)
		if (json_is(type, content_written_types[i]))
			return true;
	return false;
}

bool content_is_key(struct kith_slice content)
{
	struct kith_slice type = json_get(content, "type"), name, value;
	size_t at = 0;

	if (!json_is(type, "group/add-member") &&
	    !json_is(type, "group/init") && !json_is(type, "metafeed/seed") &&
	    !json_is(type, "fusion/entrust"))
		return false;
	while (json_next_member(content, &at, &name, &value))
		if (content_names_key(name))
			return true;
	return false;
}

bool content_names_key(struct kith_slice name)
{
	return json_is(name, "groupKey") || json_is(name, "secret") ||
	       json_is(name, "oldSecrets") || json_is(name, "seed") ||
	       json_is(name, "secretKey");
}

void content_put_shown(struct kith_slice content, struct kith_buf *out)
{
	struct kith_slice name, value;
	size_t at = 0, began = out->n;

	if (!content_is_key(content)) {
		json_compact(content, out);
		return;
	}
	kith_buf_byte(out, '{');
	while (json_next_member(content, &at, &name, &value)) {
		if (content_names_key(name))
			continue;
		kith_buf_text(out, out->n > began + 1 ? "," : "");
		kith_buf_put(out, name);
		kith_buf_byte(out, ':');
		json_compact(value, out);
	}
	kith_buf_byte(out, '}');
}

bool content_link(struct kith_slice value, struct kith_ref *out)
{
	if (json_kind(value) == JSON_KIND_OBJECT)
		value = json_get(value, "link");
	return !kith_ref_parse(json_plain(value), out, NULL);
}

size_t content_channel(struct kith_slice value,
		       char out[static CHANNEL_TEXT_BYTES])
{
	uint8_t bytes[KITH_MSG_CANON_BYTES_MAX];
	/* As long as its limit, so it takes no other memory. */
	struct kith_buf text = { .p = bytes, .cap = sizeof(bytes),
				 .limit = sizeof(bytes) };
	struct kith_slice plain = json_plain(value);

	if (!plain.n && json_unescape(value, &text))
		plain = kith_bytes(&text);
	return channel_normalize(plain, out);
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

static bool next_tangle(struct kith_slice tangles, size_t *at,
			struct kith_msg_id *out)
{
	struct kith_slice name, tangle;

	while (json_next_member(tangles, at, &name, &tangle))
		if (!is_of_group(name) &&
		    content_msg(json_get(tangle, "root"), out))
			return true;
	return false;
}

void content_places(struct kith_slice content, struct content_places *out)
{
	const struct {
		const char *name;
		struct kith_slice *value;
	} members[] = {
		{ "type", &out->type },	    { "root", &out->root },
		{ "fork", &out->fork },	    { "branch", &out->branch },
		{ "tangles", &out->tangles }, { "reply", &out->reply },
	};
	struct kith_slice key, value;
	size_t at = 0;

	*out = (struct content_places){ 0 };
	while (json_next_member(content, &at, &key, &value))
		for (size_t i = 0; i < sizeof(members) / sizeof(*members); i++)
			if (json_is(key, members[i].name))
				*members[i].value = value;
}

bool content_places_root(const struct content_places *p,
			 struct kith_msg_id *root)
{
	size_t at = 0;

	return content_msg(p->root, root) ||
	       next_tangle(p->tangles, &at, root);
}

bool content_root(struct kith_slice content, struct kith_msg_id *root)
{
	struct content_places p;

	content_places(content, &p);
	return content_places_root(&p, root);
}

/* The elements of an array, or of an object that stands for one, or a lone
 * value. */
static bool next_item(struct kith_slice list, size_t *at,
		      struct kith_slice *item)
{
	enum json_kind kind = json_kind(list);
	struct kith_slice key;

	if (kind == JSON_KIND_ARRAY)
		return json_next_element(list, at, item);
	if (*at == SIZE_MAX)
		return false;
	if (kind == JSON_KIND_OBJECT && (*at || !json_get(list, "link").n))
		return json_next_member(list, at, &key, item);
	*item = list;
	*at = SIZE_MAX;
	return list.n;
}

static bool next_branch(struct content_places *p, struct kith_msg_id *out)
{
	struct kith_slice item;

	while (next_item(p->branch, &p->at, &item))
		if (content_msg(item, out))
			return true;
	return false;
}

bool content_next_place(struct content_places *p, struct kith_msg_id *out)
{
	while (p->walked < 2)
		if (content_msg(p->walked++ ? p->fork : p->root, out))
			return true;
	if (p->walked == 2 && next_branch(p, out))
		return true;
	if (p->walked == 2) {
		p->walked++;
		p->at = 0;
	}
	return next_tangle(p->tangles, &p->at, out);
}

bool content_next_mention(struct kith_slice mentions, size_t *at,
			  struct kith_ref *out)
{
	struct kith_slice item;

	while (next_item(mentions, at, &item))
		if (content_link(item, out))
			return true;
	return false;
}
