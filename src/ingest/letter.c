#include "src/ingest/letter.h"

#include <sodium.h>

#include "feeds/box1.h"
#include "feeds/classic.h"
#include "feeds/direct.h"
#include "feeds/group.h"
#include "feeds/json.h"
#include "src/views/tangle.h"

enum { PLAIN_BYTES_MAX = KITH_MSG_WIRE_BYTES_MAX };

bool letter_buffer(struct kith_buf *b)
{
	*b = (struct kith_buf){ .limit = PLAIN_BYTES_MAX };
	return kith_buf_reserve(b, PLAIN_BYTES_MAX);
}

void letter_wipe(struct kith_buf *b)
{
	if (b->p)
		sodium_memzero(b->p, b->cap);
	kith_buf_free(b);
}

/* --- to whom --- */

static bool is_group(const struct kith_ref *ref)
{
	return ref->kind == KITH_REF_MSG && ref->msg.format == KITH_CLOAKED;
}

static bool read_reader(struct kith_slice value, struct kith_ref *out)
{
	struct kith_slice id;

	if (json_kind(value) == JSON_KIND_OBJECT)
		value = json_get(value, "link");
	id = json_plain(value);
	if (!kith_group_parse(id, &out->msg)) {
		out->kind = KITH_REF_MSG;
		return true;
	}
	out->kind = KITH_REF_FEED;
	return !kith_feed_parse(id, &out->feed);
}

static bool equals(const struct kith_ref *a, const struct kith_ref *b)
{
	if (a->kind != b->kind)
		return false;
	return a->kind == KITH_REF_FEED ? kith_feed_equal(&a->feed, &b->feed)
					: kith_msg_equal(&a->msg, &b->msg);
}

static bool names(const struct letter *l, const struct kith_ref *reader)
{
	for (size_t i = 0; i < l->count; i++)
		if (equals(&l->readers[i], reader))
			return true;
	return false;
}

static enum kith_err add(struct letter *l, struct kith_slice value,
			 struct kith_error *e)
{
	struct kith_ref reader;
	int n = value.n < KITH_REF_TEXT_BYTES ? (int)value.n
					      : KITH_REF_TEXT_BYTES;

	if (!read_reader(value, &reader))
		return kith_fail(e, KITH_EFORMAT, 0, "no id of a feed or a "
				 "group that could read it: %.*s", n,
				 (const char *)value.p);
	if (names(l, &reader))
		return KITH_OK;
	if (is_group(&reader) && l->count)
		return kith_fail(e, KITH_EFORMAT, 0, "a group must be the "
				 "first of the recipients, and the only group");
	if (l->count == KITH_BOX2_SLOTS_MAX)
		return kith_fail(e, KITH_ETOOBIG, 0, "more than %d recipients: "
				 "no private message takes so many",
				 KITH_BOX2_SLOTS_MAX);
	l->readers[l->count++] = reader;
	return KITH_OK;
}

static enum kith_err choose_box(struct letter *l, enum kith_box box,
				struct kith_error *e)
{
	bool group = is_group(&l->readers[0]);

	l->box = box != KITH_BOX_NONE ? box : group ? KITH_BOX2 : KITH_BOX1;
	if (l->box == KITH_BOX1 && group)
		return kith_fail(e, KITH_EFORMAT, 0, "a group reads box2 "
				 "only, not box1");
	if (l->box == KITH_BOX1 && l->count > KITH_BOX1_RECIPIENTS_MAX)
		return kith_fail(e, KITH_ETOOBIG, 0, "max recipients is: %d, "
				 "found: %zu (box2 takes %d)",
				 KITH_BOX1_RECIPIENTS_MAX, l->count,
				 KITH_BOX2_SLOTS_MAX);
	return KITH_OK;
}

enum kith_err letter_address(struct letter *l, const struct keys *keys,
			     struct kith_slice recps, enum kith_box box,
			     struct kith_error *e)
{
	enum kith_err err = KITH_OK;
	struct kith_slice value;
	size_t at = 0;

	*l = (struct letter){ .keys = keys };
	if (json_kind(recps) != JSON_KIND_ARRAY && recps.n)
		err = add(l, recps, e);
	while (!err && json_next_element(recps, &at, &value))
		err = add(l, value, e);
	if (!err && !l->count)
		err = kith_fail(e, KITH_EFORMAT, 0, "no recipients: a private "
				"message is for somebody");
	return err ? err : choose_box(l, box, e);
}

/* --- boxing --- */

static enum kith_err no_key(const struct kith_feed_id *feed,
			    struct kith_error *e)
{
	char id[KITH_REF_TEXT_BYTES];

	kith_feed_print(feed, id);
	return kith_fail(e, KITH_EFORMAT, 0, "%s is no key that can be "
			 "written to", id);
}

enum kith_err letter_group(const struct keys *keys,
			   const struct ingest_writing *w,
			   const struct kith_msg_id *group,
			   struct group_key *out, struct kith_error *e)
{
	char id[KITH_REF_TEXT_BYTES];

	if (keyring_get(w->txn, keys, group, out))
		return KITH_OK;
	kith_msg_print(group, id);
	return kith_fail(e, KITH_ENOENT, 0, "you are in no group %s", id);
}

enum kith_err letter_tangle(const struct keys *keys,
			    const struct ingest_writing *w, const char *name,
			    const struct kith_msg_id *root,
			    struct kith_tangle *out, struct kith_error *e)
{
	struct viewer v;
	enum kith_err err = viewer_start(&v, w->txn,
					 kith_signer_id(w->signer));

	if (!err)
		err = viewer_sees_private(&v, keys);
	if (!err)
		err = tangle_end(w->txn, &v, name, root, out);
	viewer_end(&v);
	return err ? kith_fail(e, err, 0, "the group cannot be read: %s",
			       kith_strerror(err))
		   : KITH_OK;
}

static enum kith_err group_key(const struct letter *l,
			       const struct ingest_writing *w,
			       const struct kith_msg_id *group,
			       struct kith_box2_key *out,
			       struct kith_error *e)
{
	struct group_key g;
	enum kith_err err = letter_group(l->keys, w, group, &g, e);

	out->scheme = KITH_SCHEME_GROUP;
	if (!err)
		memcpy(out->b, g.key, sizeof(out->b));
	sodium_memzero(&g, sizeof(g));
	return err;
}

static enum kith_err feed_key(const struct letter *l,
			      const struct ingest_writing *w,
			      const struct kith_feed_id *feed,
			      struct kith_box2_key *out, struct kith_error *e)
{
	struct kith_direct_keys direct;

	if (kith_feed_equal(feed, kith_signer_id(w->signer))) {
		out->scheme = KITH_SCHEME_SELF;
		return keyring_self(w->txn, l->keys, out->b)
			       ? KITH_OK
			       : kith_fail(e, KITH_EIO, 0, "the keyring cannot "
					   "be read");
	}
	if (kith_direct_keys(w->signer, feed, &direct))
		return no_key(feed, e);
	out->scheme = KITH_SCHEME_DIRECT;
	memcpy(out->b, direct.b[0], sizeof(out->b));
	sodium_memzero(&direct, sizeof(direct));
	return KITH_OK;
}

static enum kith_err write_box2(const struct letter *l,
				const struct ingest_writing *w,
				struct kith_slice plain, struct kith_buf *out,
				struct kith_error *e)
{
	struct kith_box2_key keys[KITH_BOX2_SLOTS_MAX];
	uint8_t random[KITH_BOX2_KEY_BYTES];
	struct kith_box2_draft draft = {
		.plain = plain,
		.author = kith_signer_id(w->signer),
		.previous = w->tip.sequence ? &w->tip.id : NULL,
		.keys = keys,
		.n = l->count,
		.random = random,
	};
	enum kith_err err = KITH_OK;

	for (size_t i = 0; i < l->count && !err; i++) {
		const struct kith_ref *to = &l->readers[i];

		err = is_group(to) ? group_key(l, w, &to->msg, &keys[i], e)
				   : feed_key(l, w, &to->feed, &keys[i], e);
	}
	randombytes_buf(random, sizeof(random));
	if (!err)
		err = kith_box2_write(&draft, NULL, out, e);
	sodium_memzero(random, sizeof(random));
	sodium_memzero(keys, sizeof(keys));
	return err;
}

static enum kith_err write_box1(const struct letter *l,
				struct kith_slice plain, struct kith_buf *out,
				struct kith_error *e)
{
	struct kith_feed_id readers[KITH_BOX1_RECIPIENTS_MAX];
	uint8_t random[KITH_BOX1_RANDOM_BYTES];
	enum kith_err err;

	for (size_t i = 0; i < l->count; i++)
		readers[i] = l->readers[i].feed;
	randombytes_buf(random, sizeof(random));
	err = kith_box1_write(plain, readers, l->count, random, out, e);
	sodium_memzero(random, sizeof(random));
	return err;
}

enum kith_err letter_box(const struct letter *l,
			 const struct ingest_writing *w,
			 struct kith_slice plain, struct kith_buf *out,
			 struct kith_error *e)
{
	size_t room = kith_box_room(l->box, l->count);

	if (plain.n > room)
		return kith_fail(e, KITH_ETOOBIG, 0, "too long by %zu bytes: a "
				 "private message for %zu readers has room for "
				 "%zu", plain.n - room, l->count, room);
	return l->box == KITH_BOX1 ? write_box1(l, plain, out, e)
				   : write_box2(l, w, plain, out, e);
}

/* --- what it says --- */

/* Copies what content says, and sets it into the tangle of its group; what the
 * caller says of that itself is not heeded. */
static void put_in_tangle(struct kith_slice content,
			  const struct kith_tangle *group,
			  struct kith_buf *out)
{
	struct kith_slice key, value, tangles = json_get(content, "tangles");
	size_t at = 0;

	kith_buf_byte(out, '{');
	while (json_next_member(content, &at, &key, &value)) {
		if (json_is(key, "tangles"))
			continue;
		json_compact(key, out);
		kith_buf_byte(out, ':');
		json_compact(value, out);
		kith_buf_byte(out, ',');
	}
	kith_buf_text(out, "\"tangles\":{");
	kith_tangle_write("group", group, out);
	at = 0;
	while (json_next_member(tangles, &at, &key, &value)) {
		if (json_is(key, "group"))
			continue;
		kith_buf_byte(out, ',');
		json_compact(key, out);
		kith_buf_byte(out, ':');
		json_compact(value, out);
	}
	kith_buf_text(out, "}}");
}

/* Of a tangle with many tips half are named, until there is room. */
static enum kith_err write_for_group(const struct letter *l,
				     const struct ingest_writing *w,
				     struct kith_slice content,
				     struct kith_buf *plain,
				     struct kith_error *e)
{
	size_t room = kith_box_room(l->box, l->count);
	struct kith_tangle group;
	struct group_key g;
	enum kith_err err;

	group.n = 0;
	err = letter_group(l->keys, w, &l->readers[0].msg, &g, e);
	if (!err)
		err = letter_tangle(l->keys, w, "group", &g.root, &group, e);
	sodium_memzero(&g, sizeof(g));
	if (err)
		return err;
	put_in_tangle(content, &group, plain);
	while (plain->n > room && group.n > 1) {
		group.n /= 2;
		kith_buf_reset(plain);
		put_in_tangle(content, &group, plain);
	}
	return KITH_OK;
}

static enum kith_err write(void *arg, const struct ingest_writing *w,
			   struct kith_slice given, struct kith_buf *out,
			   struct kith_error *e)
{
	const struct letter *l = arg;
	struct kith_slice content;
	struct kith_buf plain;
	enum kith_err err = json_check(given, &content, e);

	if (!err && json_kind(content) != JSON_KIND_OBJECT)
		err = kith_fail(e, KITH_EFORMAT, 0, "a private message is an "
				"object");
	if (!err)
		err = classic_publish_check(content, e);
	if (err)
		return err;
	if (!letter_buffer(&plain))
		return kith_fail(e, KITH_ENOMEM, 0, "out of memory");
	if (is_group(&l->readers[0]))
		err = write_for_group(l, w, content, &plain, e);
	else
		json_compact(content, &plain);
	if (!err && plain.err)
		err = kith_fail(e, plain.err, 0, "the message is too long");
	if (!err)
		err = letter_box(l, w, kith_bytes(&plain), out, e);
	letter_wipe(&plain);
	return err;
}

const struct ingest_hook letter_hook = { .write = write };
