#include "feeds/contact.h"

#include "feeds/json.h"
#include "feeds/ref.h"

/* As JavaScript sees it; content is canonical, so zero is spelled 0. */
static bool is_truthy(struct kith_slice value)
{
	switch (json_kind(value)) {
	case JSON_KIND_NONE:
	case JSON_KIND_NULL: return false;
	case JSON_KIND_BOOL: return json_says_true(value);
	case JSON_KIND_NUMBER: return !kith_equal(value, KITH_SLICE("0"));
	case JSON_KIND_STRING: return value.n > 2;
	case JSON_KIND_ARRAY:
	case JSON_KIND_OBJECT: return true;
	}
	return false;
}

static enum contact_edge read_edge(struct kith_slice content)
{
	if (is_truthy(json_get(content, "blocking")) ||
	    is_truthy(json_get(content, "flagged")))
		return CONTACT_BLOCK;
	if (json_says_true(json_get(content, "following")))
		return CONTACT_FOLLOW;
	return CONTACT_UNFOLLOW;
}

bool contact_read(struct kith_slice content, struct kith_feed_id *to,
		  enum contact_edge *edge)
{
	struct kith_slice feed;

	if (!json_is(json_get(content, "type"), "contact"))
		return false;
	feed = json_plain(json_get(content, "contact"));
	if (kith_feed_parse(feed, to) != KITH_OK)
		return false;
	*edge = read_edge(content);
	return true;
}

void contact_write(struct kith_buf *b, const struct kith_feed_id *to,
		   enum contact_edge edge)
{
	char feed[KITH_REF_TEXT_BYTES];

	kith_feed_print(to, feed);
	kith_buf_text(b, "{\"type\":\"contact\",\"contact\":\"");
	kith_buf_text(b, feed);
	kith_buf_text(b, "\",\"following\":");
	kith_buf_text(b, edge == CONTACT_FOLLOW ? "true" : "false");
	kith_buf_text(b, ",\"blocking\":");
	kith_buf_text(b, edge == CONTACT_BLOCK ? "true}" : "false}");
}
