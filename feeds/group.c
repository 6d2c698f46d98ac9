#include "feeds/group.h"

#include <sodium.h>

#include "feeds/base64.h"
#include "feeds/bfe.h"
#include "feeds/derive.h"
#include "feeds/identity_ref.h"
#include "feeds/json.h"

enum { KEY_CHARS = BASE64_CHARS(KITH_BOX2_KEY_BYTES) };

enum kith_err kith_group_id(const struct kith_msg_id *init,
			    const struct kith_box_key *key,
			    struct kith_msg_id *out)
{
	struct derive_context c = { 0 };
	uint8_t id[BFE_ID_BYTES];

	if (key->n != KITH_BOX2_KEY_BYTES || !bfe_msg(init, id))
		return KITH_EFORMAT;
	derive_put(&c, KITH_SLICE("cloaked_msg_id"));
	derive_put(&c, (struct kith_slice){ id, sizeof(id) });
	derive_expand(key->b, &c, out->b);
	out->format = KITH_CLOAKED;
	return KITH_OK;
}

enum kith_err kith_group_parse(struct kith_slice text, struct kith_msg_id *out)
{
	struct kith_msg_id id = { .format = KITH_CLOAKED };

	if (!identity_ref_parse(text, "group", id.b) &&
	    (kith_msg_parse(text, &id) != KITH_OK || id.format != KITH_CLOAKED))
		return KITH_EFORMAT;
	*out = id;
	return KITH_OK;
}

void kith_group_print_uri(const struct kith_msg_id *group,
			  char out[static KITH_REF_TEXT_BYTES])
{
	identity_ref_print("group", group->b, out);
}

static void put_msg(const struct kith_msg_id *id, struct kith_buf *b)
{
	char text[KITH_REF_TEXT_BYTES];

	kith_msg_print(id, text);
	json_put_text(b, text);
}

static void put_feed(const struct kith_feed_id *id, struct kith_buf *b)
{
	char text[KITH_REF_TEXT_BYTES];

	kith_feed_print(id, text);
	json_put_text(b, text);
}

static void put_previous(const struct kith_tangle *t, struct kith_buf *b)
{
	kith_buf_byte(b, '[');
	for (size_t i = 0; i < t->n; i++) {
		if (i > 0)
			kith_buf_byte(b, ',');
		put_msg(&t->previous[i], b);
	}
	kith_buf_byte(b, ']');
}

void kith_tangle_write(const char *name, const struct kith_tangle *t,
		       struct kith_buf *b)
{
	json_put_text(b, name);
	if (t->first) {
		kith_buf_text(b, ":{\"root\":null,\"previous\":null}");
		return;
	}
	kith_buf_text(b, ":{\"root\":");
	put_msg(&t->root, b);
	kith_buf_text(b, ",\"previous\":");
	put_previous(t, b);
	kith_buf_byte(b, '}');
}

static bool is_null(struct kith_slice value)
{
	return json_kind(value) == JSON_KIND_NULL;
}

static enum kith_err read_previous(struct kith_slice list,
				   struct kith_tangle *out)
{
	struct kith_slice value;
	size_t at = 0;

	out->n = 0;
	while (json_next_element(list, &at, &value)) {
		if (out->n == KITH_GROUP_TIPS_MAX)
			return KITH_ETOOBIG;
		if (kith_msg_parse(json_plain(value), &out->previous[out->n]))
			return KITH_EFORMAT;
		out->n++;
	}
	return out->n ? KITH_OK : KITH_EFORMAT;
}

enum kith_err kith_tangle_read(struct kith_slice content, const char *name,
			       struct kith_tangle *out)
{
	struct kith_slice tangle = json_get(json_get(content, "tangles"), name);
	struct kith_slice root = json_get(tangle, "root");
	struct kith_slice previous = json_get(tangle, "previous");

	if (json_kind(tangle) == JSON_KIND_NONE)
		return KITH_ENOENT;
	out->n = 0;
	out->first = is_null(root) && is_null(previous);
	if (out->first)
		return KITH_OK;
	if (kith_msg_parse(json_plain(root), &out->root) != KITH_OK)
		return KITH_EFORMAT;
	return read_previous(previous, out);
}

void kith_group_init_write(struct kith_buf *b)
{
	static const struct kith_tangle first = { .first = true };

	kith_buf_text(b, "{\"type\":\"group/init\",\"tangles\":{");
	kith_tangle_write("group", &first, b);
	kith_buf_text(b, "}}");
}

/* Both generations call it the same; the second has a version. */
bool kith_group_is_init(struct kith_slice content)
{
	struct kith_slice version = json_get(content, "version");
	struct kith_tangle tangle;

	return json_is(json_get(content, "type"), "group/init") &&
	       (json_kind(version) == JSON_KIND_NONE ||
		json_is(version, "v1")) &&
	       kith_tangle_read(content, "group", &tangle) == KITH_OK &&
	       tangle.first;
}

static void put_recipients(const struct kith_group_add *add,
			   struct kith_buf *b)
{
	put_msg(&add->group, b);
	for (size_t i = 0; i < add->n; i++) {
		kith_buf_byte(b, ',');
		put_feed(&add->members[i], b);
	}
}

static void put_key(const uint8_t *key, struct kith_buf *b)
{
	char text[KEY_CHARS + 1];

	sodium_bin2base64(text, sizeof(text), key, KITH_BOX2_KEY_BYTES,
			  sodium_base64_VARIANT_ORIGINAL);
	json_put_text(b, text);
	sodium_memzero(text, sizeof(text));
}

enum kith_err kith_group_add_write(const struct kith_group_add *add,
				   const struct kith_tangle *group,
				   const struct kith_tangle *members,
				   struct kith_buf *b)
{
	if (add->n == 0 || group->first || members->first)
		return KITH_EFORMAT;
	if (add->n > KITH_GROUP_MEMBERS_MAX ||
	    group->n > KITH_GROUP_TIPS_MAX || members->n > KITH_GROUP_TIPS_MAX)
		return KITH_ETOOBIG;
	kith_buf_text(b, "{\"type\":\"group/add-member\",\"version\":\"v1\","
			 "\"groupKey\":");
	put_key(add->key, b);
	kith_buf_text(b, ",\"root\":");
	put_msg(&add->root, b);
	if (add->text.n > 0) {
		kith_buf_text(b, ",\"text\":");
		json_put_string(b, add->text);
	}
	kith_buf_text(b, ",\"recps\":[");
	put_recipients(add, b);
	kith_buf_text(b, "],\"tangles\":{");
	kith_tangle_write("group", group, b);
	kith_buf_byte(b, ',');
	kith_tangle_write("members", members, b);
	kith_buf_text(b, "}}");
	return b->err;
}

static enum kith_err read_recipients(struct kith_slice recps,
				     struct kith_group_add *out)
{
	struct kith_slice value;
	size_t at = 0;

	if (!json_next_element(recps, &at, &value) ||
	    kith_group_parse(json_plain(value), &out->group) != KITH_OK)
		return KITH_EFORMAT;
	for (out->n = 0; json_next_element(recps, &at, &value); out->n++)
		if (out->n == KITH_GROUP_MEMBERS_MAX ||
		    kith_feed_parse(json_plain(value), &out->members[out->n]))
			return KITH_EFORMAT;
	return out->n ? KITH_OK : KITH_EFORMAT;
}

static bool read_key(struct kith_slice value,
		     uint8_t out[static KITH_BOX2_KEY_BYTES])
{
	struct kith_slice text = json_plain(value);
	size_t n = 0;

	return text.n == KEY_CHARS &&
	       !sodium_base642bin(out, KITH_BOX2_KEY_BYTES,
				  (const char *)text.p, text.n, NULL, &n, NULL,
				  sodium_base64_VARIANT_ORIGINAL) &&
	       n == KITH_BOX2_KEY_BYTES;
}

enum kith_err kith_group_add_read(struct kith_slice content,
				  struct kith_group_add *out)
{
	struct kith_slice text = json_get(content, "text");
	enum kith_err err = KITH_EFORMAT;

	if (!json_is(json_get(content, "type"), "group/add-member") ||
	    !json_is(json_get(content, "version"), "v1") ||
	    kith_msg_parse(json_plain(json_get(content, "root")), &out->root))
		return KITH_EFORMAT;
	if (json_kind(text) != JSON_KIND_STRING)
		text.n = 0;
	out->text = text;
	if (read_key(json_get(content, "groupKey"), out->key))
		err = read_recipients(json_get(content, "recps"), out);
	if (err)
		sodium_memzero(out->key, sizeof(out->key));
	return err;
}
