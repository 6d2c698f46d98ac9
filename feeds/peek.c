#include "feeds/peek.h"

#include "feeds/json.h"
#include "feeds/ref.h"

bool msg_peek(struct kith_slice value, struct kith_feed_id *author,
	      uint64_t *sequence)
{
	bool has_author = false, has_sequence = false;
	struct kith_feed_id id = { .format = KITH_FORMAT_NONE };
	struct kith_slice key, member;
	uint64_t number = 0;
	size_t at = 0;

	while (!(has_author && has_sequence) &&
	       json_next_member(value, &at, &key, &member)) {
		if (!has_author && json_is(key, "author")) {
			has_author = json_kind(member) == JSON_KIND_STRING;
			if (kith_feed_parse(json_plain(member), &id))
				id.format = KITH_FORMAT_NONE;
		} else if (!has_sequence && json_is(key, "sequence")) {
			has_sequence = json_uint(member, &number);
		}
	}
	if (!has_author || !has_sequence)
		return false;
	*author = id;
	*sequence = number;
	return true;
}
