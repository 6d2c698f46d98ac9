/* Groups, as messages that were opened tell of them: keys that come, and who
 * was added. */
#include <stdlib.h>

#include "feeds/json.h"
#include "src/views/private_parts.h"

/* Opens a message by a group's key; the caller clears o. */
static bool opens(const struct message_row *row, const struct view_message *m,
		  const struct group_key *g, struct kith_opened *o)
{
	struct kith_box2_key key = { .scheme = KITH_SCHEME_GROUP };
	struct kith_msg_id previous;
	struct kith_boxed boxed;
	bool good;

	memcpy(key.b, g->key, sizeof(key.b));
	good = boxed_read(row, m, &previous, &boxed) &&
	       kith_box2_open(&boxed, &key, 1, o) == KITH_OPENED;
	sodium_memzero(&key, sizeof(key));
	return good;
}

/* The id of the group that row founds, if the key opens it: a claim that
 * anybody can check, once the message is here. */
static bool opens_group(const struct message_row *row,
			const struct view_message *m,
			const struct group_key *g, struct kith_msg_id *group)
{
	struct kith_opened o = { 0 };
	bool good = opens(row, m, g, &o) &&
		    kith_group_is_init(kith_plain(&o)) &&
		    !kith_group_id(&row->id, &o.key, group);

	kith_opened_clear(&o);
	return good;
}

/* The key is kept if it gives the group that it came for. */
static bool check_key(struct txn *t, const struct keys *k,
		      const struct message_row *root,
		      const struct group_key *g)
{
	struct kith_msg_id group;
	struct view_message m;

	return views_read(t, root, &m) && opens_group(root, &m, g, &group) &&
	       kith_msg_equal(&group, &g->group) && keyring_put(t, k, g);
}

bool keyring_offer(struct txn *t, const struct keys *k,
		   const struct group_key *g)
{
	struct message_row root;

	if (message_by_id(t, &g->root, &root))
		return check_key(t, k, &root, g);
	keyring_wait(t, k, g);
	return !txn_error(t);
}

void group_learn(struct txn *t, const struct keys *k,
		 const struct message_row *row, struct kith_slice content)
{
	struct kith_group_add add;
	struct view_message m;
	struct group_key g;

	if (!json_is(json_get(content, "type"), "group/add-member") ||
	    kith_group_add_read(content, &add))
		return;
	g = (struct group_key){ .group = add.group, .root = add.root };
	memcpy(g.key, add.key, sizeof(g.key));
	if (views_read(t, row, &m)) {
		g.by = m.author;
		(void)keyring_offer(t, k, &g);
	}
	sodium_memzero(&g, sizeof(g));
	sodium_memzero(&add, sizeof(add));
}

void group_arrived(struct txn *t, const struct keys *k,
		   const struct message_row *row)
{
	struct group_key g;

	while (keyring_take(t, k, &row->id, &g))
		(void)check_key(t, k, row, &g);
	sodium_memzero(&g, sizeof(g));
}

/* --- members --- */

struct members {
	struct kith_feed_id *feeds; /* in the order in which they came */
	uint32_t *sorted;	    /* the same by id: places in feeds */
	size_t n, room;
};

static void free_members(struct members *m)
{
	free(m->feeds);
	free(m->sorted);
}

static int compare(const struct kith_feed_id *a, const struct kith_feed_id *b)
{
	if (a->format != b->format)
		return a->format < b->format ? -1 : 1;
	return memcmp(a->b, b->b, KITH_ID_BYTES);
}

/* Where it belongs in sorted; true: it is there already. */
static bool find(const struct members *m, const struct kith_feed_id *feed,
		 size_t *place)
{
	size_t low = 0, high = m->n;

	while (low < high) {
		size_t middle = low + (high - low) / 2;

		if (compare(&m->feeds[m->sorted[middle]], feed) < 0)
			low = middle + 1;
		else
			high = middle;
	}
	*place = low;
	return low < m->n && !compare(&m->feeds[m->sorted[low]], feed);
}

static bool grow(struct members *m)
{
	size_t room = m->room ? 2 * m->room : 16;
	struct kith_feed_id *feeds = realloc(m->feeds, room * sizeof(*feeds));
	uint32_t *sorted;

	if (!feeds)
		return false;
	m->feeds = feeds;
	sorted = realloc(m->sorted, room * sizeof(*sorted));
	if (!sorted)
		return false;
	m->sorted = sorted;
	m->room = room;
	return true;
}

static enum kith_err add(struct members *m, const struct kith_feed_id *feed)
{
	size_t at;

	if (find(m, feed, &at))
		return KITH_OK;
	if (m->n == GROUP_MEMBERS_MAX)
		return KITH_ETOOBIG;
	if (m->n == m->room && !grow(m))
		return KITH_ENOMEM;
	memmove(m->sorted + at + 1, m->sorted + at,
		(m->n - at) * sizeof(*m->sorted));
	m->sorted[at] = (uint32_t)m->n;
	m->feeds[m->n++] = *feed;
	return KITH_OK;
}

/* Only who is in the group can write in it; what brought the key to us was
 * opened as a letter to us. */
static bool is_in(const struct message_row *row, const struct view_message *m,
		  const struct group_key *g)
{
	struct kith_opened o = { 0 };
	bool in = opens(row, m, g, &o);

	kith_opened_clear(&o);
	return in;
}

static enum kith_err add_by(struct members *all, const struct viewer *v,
			    struct txn *t, uint64_t rx,
			    const struct group_key *g)
{
	struct kith_group_add add_member;
	enum kith_err err = KITH_OK;
	struct message_row row;
	struct view_message m;

	if (!message_get(t, rx, &row) || !viewer_message(v, t, &row, &m) ||
	    kith_group_add_read(m.content, &add_member))
		return KITH_OK;
	if (kith_msg_equal(&add_member.group, &g->group) && is_in(&row, &m, g))
		for (size_t i = 0; i < add_member.n && !err; i++)
			err = add(all, &add_member.members[i]);
	sodium_memzero(&add_member, sizeof(add_member));
	return err;
}

static enum kith_err add_founder(struct members *all, struct txn *t,
				 const struct group_key *g)
{
	struct message_row row;
	struct view_message m;

	return message_by_id(t, &g->root, &row) && views_read(t, &row, &m)
		       ? add(all, &m.author) : KITH_OK;
}

static enum kith_err add_all(struct members *all, const struct viewer *v,
			     struct txn *t, const struct group_key *g)
{
	struct term term = term_type(KITH_SLICE("group/add-member"));
	enum kith_err err = add_founder(all, t, g);
	struct postings p;

	postings_open(&p, t, v, &term);
	for (bool more = postings_seek(&p, &POSTING_FIRST); more && !err;
	     more = postings_next(&p))
		err = add_by(all, v, t, p.at.rx, g);
	postings_close(&p);
	return err ? err : txn_error(t);
}

enum kith_err group_members(struct txn *t, const struct viewer *v,
			    const struct kith_msg_id *group,
			    struct kith_feed_id **out, size_t *n)
{
	struct members all = { 0 };
	struct group_key g;
	enum kith_err err = KITH_ENOENT;

	if (keyring_get(t, v->keys, group, &g))
		err = add_all(&all, v, t, &g);
	sodium_memzero(&g, sizeof(g));
	if (err) {
		free_members(&all);
		return err;
	}
	free(all.sorted);
	*out = all.feeds;
	*n = all.n;
	return KITH_OK;
}
