#include "src/daemon/opened.h"

#include <sodium.h>

#include "feeds/json.h"
#include "feeds/ref.h"
#include "src/daemon/daemon.h"
#include "src/views/keyring.h"
#include "src/views/view.h"

/* --- opening --- */

/* A box and whose it is. */
struct box {
	struct kith_feed_id author;
	struct kith_msg_id previous;
	struct kith_boxed boxed;
};

static bool read_box(struct kith_slice value, struct box *b)
{
	bool first = kith_msg_parse(json_plain(json_get(value, "previous")),
				    &b->previous);

	b->boxed = (struct kith_boxed){
		.content = json_get(value, "content"),
		.author = &b->author,
		.previous = first ? NULL : &b->previous,
	};
	return kith_box_scheme(b->boxed.content) != KITH_BOX_NONE &&
	       !kith_feed_parse(json_plain(json_get(value, "author")),
				&b->author);
}

static struct kith_opener *opener_of(struct daemon *d, struct txn *t)
{
	struct opener *o = &d->opener;
	size_t count = keyring_count(t);

	if (!o->opener || o->loaded != count) {
		opener_clear(o);
		o->opener = keys_opener(d->keys, t);
		o->loaded = count;
	}
	return o->opener;
}

void opener_clear(struct opener *o)
{
	kith_opener_free(o->opener);
	*o = (struct opener){ 0 };
}

static bool try_ours(struct daemon *d, struct txn *t,
		     const struct kith_boxed *b, struct kith_opened *out)
{
	struct kith_opener *o = opener_of(d, t);

	return o && kith_open(o, b, KITH_TRY_USUAL, out) == KITH_OPENED;
}

/* What has just come is tried here, since the opening follows behind. */
static bool open_row(struct daemon *d, struct txn *t,
		     const struct message_row *row, struct kith_opened *out)
{
	struct opened how;
	struct box b;
	bool good;

	if (!read_box(row->canon, &b))
		return false;
	if (!opened_get(t, d->keys, row->rx, &how))
		return !private_is_current(t) && try_ours(d, t, &b.boxed, out);
	good = kith_box_open_by_key(&b.boxed, &how.key, out) == KITH_OPENED;
	sodium_memzero(&how, sizeof(how));
	return good;
}

/* --- what is said of it --- */

static void put_opened(struct kith_slice value,
		       const struct kith_opened *opened, struct kith_buf *out)
{
	const struct message_row row = { .canon = value };
	const struct view_message m = {
		.row = &row,
		.content = kith_plain(opened),
		.boxed = json_get(value, "content"),
	};

	view_message_put(&m, &opened->key, out);
}

bool opened_value(struct daemon *d, struct txn *t,
		  const struct message_row *row, struct kith_buf *out)
{
	struct kith_opened opened = { 0 };
	bool good = open_row(d, t, row, &opened);

	if (good)
		put_opened(row->canon, &opened, out);
	else
		kith_buf_put(out, row->canon);
	kith_opened_clear(&opened);
	return good;
}

bool opened_foreign(struct daemon *d, struct txn *t,
		    struct kith_slice value, const struct kith_box_key *key,
		    struct kith_buf *out)
{
	struct kith_opened opened = { 0 };
	struct box b;
	bool good = read_box(value, &b);

	if (good && key)
		good = kith_box_open_by_key(&b.boxed, key, &opened) ==
		       KITH_OPENED;
	else if (good)
		good = try_ours(d, t, &b.boxed, &opened);
	if (good)
		put_opened(value, &opened, out);
	kith_opened_clear(&opened);
	return good;
}

bool opened_box(struct daemon *d, struct txn *t, struct kith_slice box,
		struct kith_buf *out)
{
	const struct kith_boxed boxed = { .content = box, .author = &d->self };
	struct kith_opened opened = { 0 };
	bool good = kith_box_scheme(box) == KITH_BOX1 &&
		    try_ours(d, t, &boxed, &opened);

	if (good)
		json_compact(kith_plain(&opened), out);
	kith_opened_clear(&opened);
	return good;
}
