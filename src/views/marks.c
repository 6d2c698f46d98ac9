#include "src/views/marks.h"

#include "src/store/keys.h"
#include "src/store/scan.h"
#include "src/views/content.h"
#include "src/views/private.h"

/* Rows of TABLE_LOCAL: KEY_MARK, kind, and of a thread the format and bytes of
 * its root; the value is the receive number. */
enum { ROW_BYTES = 8 };

static struct key key_mark(const struct mark *m)
{
	struct key k = key_kind(KEY_MARK);

	k.b[k.n++] = (uint8_t)m->kind;
	if (m->kind == MARK_THREAD) {
		k.b[k.n++] = (uint8_t)m->root.format;
		memcpy(k.b + k.n, m->root.b, KITH_ID_BYTES);
		k.n += KITH_ID_BYTES;
	}
	return k;
}

uint64_t mark_get(struct txn *t, const struct mark *m)
{
	struct key key = key_mark(m);
	struct kith_slice value;

	if (!txn_get(t, TABLE_LOCAL, key_slice(&key), &value) ||
	    value.n != ROW_BYTES)
		return 0;
	return kith_be64(value.p);
}

void mark_put(struct txn *t, const struct mark *m, uint64_t rx)
{
	struct key key = key_mark(m);
	uint8_t value[ROW_BYTES];

	if (rx <= mark_get(t, m))
		return;
	kith_put_be64(value, rx);
	txn_put(t, TABLE_LOCAL, key_slice(&key),
		(struct kith_slice){ value, sizeof(value) });
}

uint64_t mark_newest(struct txn *t)
{
	struct message_row row;

	return message_to(t, UINT64_MAX, &row) ? row.rx : 0;
}

enum kith_err marks_read(struct store *s, uint64_t rx, struct kith_error *e)
{
	const struct mark marks[] = { { .kind = MARK_TIMELINE },
				      { .kind = MARK_INBOX } };
	struct txn *t;
	enum kith_err err = store_write(s, &t);
	uint64_t newest;

	if (!err) {
		newest = mark_newest(t);
		for (size_t i = 0; i < sizeof(marks) / sizeof(*marks); i++)
			mark_put(t, &marks[i], rx < newest ? rx : newest);
		err = txn_commit(t);
	}
	return err ? kith_fail(e, err, 0, "the store cannot be written: %s",
			       kith_strerror(err))
		   : KITH_OK;
}

/* What the viewer did not write, and sees. */
static bool is_of_others(struct txn *t, const struct viewer *v,
			 uint32_t feed_number)
{
	struct feed_row feed;

	return !viewer_hides(v, feed_number) &&
	       !(v->known && feed_by_number(t, feed_number, &feed) &&
		 kith_feed_equal(&feed.id, &v->self));
}

static bool is_written(struct txn *t, const struct viewer *v,
		       const struct message_row *row)
{
	return content_is_written(viewer_content(v, t, row));
}

bool mark_next_unread(struct txn *t, const struct viewer *v, uint64_t *rx,
		      struct message_row *out)
{
	struct scan s;
	bool found = false;

	scan_log(&s, t, *rx + 1);
	while (!found && scan_next(&s, out)) {
		*rx = out->rx;
		found = is_written(t, v, out) &&
			is_of_others(t, v, out->feed_number);
	}
	scan_end(&s);
	return found;
}
