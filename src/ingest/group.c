#include "src/ingest/group.h"

#include <sodium.h>

#include "feeds/json.h"

/* --- founding --- */

/* A key that the keyring does not take is lost with all that it opens. */
static bool has_room(const struct keys *keys, struct txn *t)
{
	struct group_key g;
	uint32_t at = 0;
	int n = 0;

	while (n < KEYRING_GROUPS_MAX && keyring_next(t, keys, &at, &g))
		n++;
	sodium_memzero(&g, sizeof(g));
	return n < KEYRING_GROUPS_MAX;
}

static enum kith_err write_init(void *arg, const struct ingest_writing *w,
				struct kith_slice given, struct kith_buf *out,
				struct kith_error *e)
{
	struct group_init *g = arg;
	struct kith_box2_key keys[2] = { { .scheme = KITH_SCHEME_GROUP },
					 { .scheme = KITH_SCHEME_SELF } };
	uint8_t random[KITH_BOX2_KEY_BYTES];
	struct kith_buf plain = { .limit = KITH_MSG_WIRE_BYTES_MAX };
	struct kith_box2_draft draft = {
		.author = kith_signer_id(w->signer),
		.previous = w->tip.sequence ? &w->tip.id : NULL,
		.keys = keys,
		.n = 2,
		.random = random,
	};
	enum kith_err err;

	(void)given;
	if (!has_room(g->keys, w->txn))
		return kith_fail(e, KITH_ETOOBIG, 0, "the keyring holds the "
				 "keys of %d groups: it takes no more",
				 KEYRING_GROUPS_MAX);
	if (!keyring_self(w->txn, g->keys, keys[1].b))
		return kith_fail(e, KITH_EIO, 0, "the keyring cannot be "
				 "read");
	randombytes_buf(g->key, sizeof(g->key));
	randombytes_buf(random, sizeof(random));
	memcpy(keys[0].b, g->key, sizeof(keys[0].b));
	kith_group_init_write(&plain);
	draft.plain = kith_bytes(&plain);
	err = plain.err ? plain.err
			: kith_box2_write(&draft, &g->read_key, out, e);
	kith_buf_free(&plain);
	sodium_memzero(random, sizeof(random));
	sodium_memzero(keys, sizeof(keys));
	return err;
}

static void keep_init(void *arg, const struct ingest_writing *w,
		      const struct kith_msg *m)
{
	struct group_init *g = arg;
	struct group_key key = { .root = m->id,
				 .by = *kith_signer_id(w->signer) };

	g->root = m->id;
	if (kith_group_id(&m->id, &g->read_key, &g->group))
		return;
	key.group = g->group;
	memcpy(key.key, g->key, sizeof(key.key));
	g->kept = keyring_put(w->txn, g->keys, &key);
	sodium_memzero(&key, sizeof(key));
}

const struct ingest_hook group_init_hook = { write_init, keep_init };

void group_init_clear(struct group_init *g)
{
	sodium_memzero(g, sizeof(*g));
}

/* --- adding --- */

enum kith_err group_add_members(struct group_add *g, struct kith_slice feeds,
				struct kith_error *e)
{
	struct kith_slice value = feeds;
	size_t at = 0;
	bool list = json_kind(feeds) == JSON_KIND_ARRAY;

	g->add.n = 0;
	while (list ? json_next_element(feeds, &at, &value) : !g->add.n) {
		if (g->add.n == KITH_GROUP_MEMBERS_MAX)
			return kith_fail(e, KITH_ETOOBIG, 0, "more than %d at "
					 "once: add the others after these",
					 KITH_GROUP_MEMBERS_MAX);
		if (kith_feed_parse(json_plain(value),
				    &g->add.members[g->add.n]))
			return kith_fail(e, KITH_EFORMAT, 0, "no id of a feed "
					 "that could be added");
		g->add.n++;
	}
	return g->add.n ? KITH_OK
			: kith_fail(e, KITH_EFORMAT, 0, "nobody to add");
}

/* The group reads it, and each of those who are added. */
static enum kith_err address(const struct group_add *g, struct letter *l,
			     struct kith_error *e)
{
	*l = (struct letter){ .keys = g->keys, .box = KITH_BOX2, .count = 1 };
	l->readers[0] = (struct kith_ref){ .kind = KITH_REF_MSG,
					   .msg = g->add.group };
	if (g->add.n >= KITH_BOX2_SLOTS_MAX)
		return kith_fail(e, KITH_ETOOBIG, 0, "too many at once");
	for (size_t i = 0; i < g->add.n; i++)
		l->readers[l->count++] = (struct kith_ref){
			.kind = KITH_REF_FEED, .feed = g->add.members[i] };
	return KITH_OK;
}

/* What the invitation says, with the key of the group. */
static enum kith_err write_plain(const struct group_add *g,
				 const struct ingest_writing *w,
				 struct kith_buf *plain, struct kith_error *e)
{
	struct kith_tangle group, members;
	enum kith_err err = letter_tangle(g->keys, w, "group", &g->add.root,
					  &group, e);

	if (!err)
		err = letter_tangle(g->keys, w, "members", &g->add.root,
				    &members, e);
	if (!err && kith_group_add_write(&g->add, &group, &members, plain))
		err = kith_fail(e, KITH_ETOOBIG, 0, "the message is too long");
	return err;
}

static enum kith_err write_add(void *arg, const struct ingest_writing *w,
			       struct kith_slice given, struct kith_buf *out,
			       struct kith_error *e)
{
	struct group_add *g = arg;
	struct kith_buf plain;
	struct group_key key;
	struct letter l;
	enum kith_err err = address(g, &l, e);

	(void)given;
	if (!err)
		err = letter_group(g->keys, w, &g->add.group, &key, e);
	if (err)
		return err;
	if (letter_buffer(&plain)) {
		g->add.root = key.root;
		memcpy(g->add.key, key.key, sizeof(g->add.key));
		err = write_plain(g, w, &plain, e);
	} else {
		err = kith_fail(e, KITH_ENOMEM, 0, "out of memory");
	}
	sodium_memzero(&key, sizeof(key));
	sodium_memzero(g->add.key, sizeof(g->add.key));
	if (!err)
		err = letter_box(&l, w, kith_bytes(&plain), out, e);
	letter_wipe(&plain);
	return err;
}

const struct ingest_hook group_add_hook = { .write = write_add };
