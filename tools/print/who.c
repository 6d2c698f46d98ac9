#include "tools/print/who.h"

#include <stdlib.h>

#include <sodium.h>

#include "feeds/json.h"
#include "feeds/ref.h"
#include "src/views/keyring.h"
#include "src/views/postings.h"
#include "tools/text/text.h"

enum { ALIASES_MAX = 32, ALIAS_COLUMNS = 60 };

/* --- aliases -------------------------------------------------------------- */

/* Values of messages; they live with the transaction. */
struct alias {
	struct kith_slice name, room, url;
	bool registered;
};

struct aliases {
	struct alias at[ALIASES_MAX];
	size_t n;
};

/* The newest word on an alias in a room counts. */
static void take(struct aliases *all, struct kith_slice content)
{
	struct alias a = {
		.name = json_get(content, "alias"),
		.room = json_get(content, "room"),
		.url = json_get(content, "aliasURL"),
		.registered = json_is(json_get(content, "action"),
				      "registered"),
	};
	size_t i = 0;

	if (json_kind(a.name) != JSON_KIND_STRING)
		return;
	while (i < all->n && (!kith_equal(all->at[i].name, a.name) ||
			      !kith_equal(all->at[i].room, a.room)))
		i++;
	if (i == ALIASES_MAX)
		return;
	all->at[i] = a;
	all->n += i == all->n;
}

static void find(const struct reading *r, uint32_t feed_number,
		 struct aliases *out)
{
	struct term term = term_author_type(feed_number,
					    KITH_SLICE("room/alias"));
	const struct posting first = POSTING_FIRST;
	struct message_row row;
	struct view_message m;
	struct postings p;

	out->n = 0;
	postings_open(&p, r->txn, NULL, &term);
	for (bool more = postings_seek(&p, &first); more;
	     more = postings_next(&p))
		if (message_get(r->txn, p.at.rx, &row) &&
		    views_read(r->txn, &row, &m))
			take(out, m.content);
	postings_close(&p);
}

/* A string of somebody's, safe and short. */
static void put_word(struct kith_slice value, struct kith_buf *out)
{
	struct kith_buf text = { .limit = KITH_MSG_CANON_BYTES_MAX };

	if (json_unescape(value, &text))
		text_put_cut(out, kith_bytes(&text), ALIAS_COLUMNS, false);
	kith_buf_free(&text);
}

static void put_alias(const struct alias *a, struct kith_buf *out)
{
	put_word(a->name, out);
	style_begin(out, STYLE_FAINT);
	if (a->room.n) {
		kith_buf_text(out, " in ");
		put_word(a->room, out);
	}
	if (a->url.n) {
		kith_buf_text(out, ", ");
		put_word(a->url, out);
	}
	style_end(out, STYLE_FAINT);
}

static void put_alias_json(const struct alias *a, struct kith_buf *out)
{
	kith_buf_text(out, "{\"alias\":");
	kith_buf_put(out, a->name);
	kith_buf_text(out, ",\"room\":");
	kith_buf_put(out, a->room.n ? a->room : KITH_SLICE("null"));
	kith_buf_text(out, ",\"url\":");
	kith_buf_put(out, a->url.n ? a->url : KITH_SLICE("null"));
	kith_buf_byte(out, '}');
}

size_t who_aliases(const struct reading *r, uint32_t feed_number, bool json,
		   struct kith_buf *out)
{
	struct aliases all;
	size_t shown = 0;

	find(r, feed_number, &all);
	kith_buf_text(out, json ? "[" : "");
	for (size_t i = 0; i < all.n; i++) {
		if (!all.at[i].registered)
			continue;
		kith_buf_text(out, !shown++ ? "" : json ? "," : "; ");
		if (json)
			put_alias_json(&all.at[i], out);
		else
			put_alias(&all.at[i], out);
	}
	kith_buf_text(out, json ? "]" : "");
	return shown;
}

/* --- groups --------------------------------------------------------------- */

static bool is_in(struct reading *r, const struct kith_msg_id *group,
		  const struct kith_feed_id *feed)
{
	struct kith_feed_id *members = NULL;
	size_t n = 0;
	bool found = false;

	if (group_members(r->txn, &r->viewer, group, &members, &n))
		return false;
	for (size_t i = 0; i < n && !found; i++)
		found = kith_feed_equal(&members[i], feed);
	free(members);
	return found;
}

size_t who_groups(struct reading *r, const struct kith_feed_id *feed,
		  bool json, struct kith_buf *out)
{
	const struct keys *keys = r->viewer.keys;
	char id[KITH_REF_TEXT_BYTES];
	struct group_key g;
	uint32_t at = 0;
	size_t shown = 0;

	kith_buf_text(out, json ? "[" : "");
	while (keys && keyring_next(r->txn, keys, &at, &g)) {
		if (keyring_is_first(r->txn, keys, &g) &&
		    is_in(r, &g.group, feed)) {
			kith_buf_text(out, !shown++ ? "" : json ? "," : ", ");
			kith_msg_print(&g.group, id);
			if (json)
				json_put_text(out, id);
			else
				kith_buf_text(out, id);
		}
	}
	sodium_memzero(&g, sizeof(g));
	kith_buf_text(out, json ? "]" : "");
	return shown;
}
