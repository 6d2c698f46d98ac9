/* The view of opinions: what each author last said of an id (about), of a
 * message (vote), of a channel.  Source: protocol/13 sections 2, 5 and 10. */
#include "feeds/json.h"
#include "src/views/content.h"
#include "src/views/names.h"
#include "src/views/rows_private.h"

enum { MEMBERS_MAX = 32 };

/* A long value is kept empty and read from the message. */
static struct kith_slice brief(struct kith_slice value)
{
	return value.n <= OPINION_BYTES_MAX ? value : (struct kith_slice){ 0 };
}

static void about(struct rows *r, struct kith_slice content)
{
	struct kith_slice key, value, name;
	struct kith_ref of;
	struct subject s;
	size_t at = 0;

	if (!content_link(json_get(content, "about"), &of)) {
		rows_skip(r);
		return;
	}
	for (int i = 0; i < MEMBERS_MAX &&
			json_next_member(content, &at, &key, &value); i++) {
		name = json_plain(key);
		if (!name.n || name.n > TERM_TEXT_BYTES_MAX ||
		    json_is(key, "type") || json_is(key, "about"))
			continue;
		s = subject_about(&of, name);
		rows_opinion(r, &s, brief(value));
		if (json_is(key, "name"))
			names_rows(r, &of, value);
	}
}

static void vote(struct rows *r, struct kith_slice content)
{
	struct kith_slice said = json_get(content, "vote");
	struct kith_ref on;
	struct subject s;

	if (!content_link(said, &on)) {
		rows_skip(r);
		return;
	}
	s = subject_vote(&on);
	rows_opinion(r, &s, brief(json_get(said, "value")));
}

static void subscription(struct rows *r, struct kith_slice content)
{
	char name[CHANNEL_TEXT_BYTES];
	size_t n = content_channel(json_get(content, "channel"), name);
	struct subject s;

	if (!n) {
		rows_skip(r);
		return;
	}
	s = subject_channel((struct kith_slice){ (const uint8_t *)name, n });
	rows_opinion(r, &s, brief(json_get(content, "subscribed")));
}

static void rows(struct rows *r, const struct view_message *m)
{
	struct kith_slice type = view_type(m);

	if (json_is(type, "about"))
		about(r, m->content);
	else if (json_is(type, "vote"))
		vote(r, m->content);
	else if (json_is(type, "channel"))
		subscription(r, m->content);
}

const struct view view_says = {
	.name = "says",
	.version = SAYS_VERSION,
	.rows = rows,
	.opinions = true,
};
