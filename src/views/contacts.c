#include "src/views/contacts.h"

/*
 * TABLE_CONTACTS: the ids of both, format first, then
 *
 *	0     edge
 *	1-8   sequence of the message
 */
enum {
	ID_BYTES = 1 + KITH_ID_BYTES,
	KEY_BYTES = 2 * ID_BYTES,
	ROW_BYTES = 9,
	CONTACTS_VERSION = 1
};

static void put_id(uint8_t *out, const struct kith_feed_id *id)
{
	out[0] = (uint8_t)id->format;
	memcpy(out + 1, id->b, KITH_ID_BYTES);
}

static void get_id(const uint8_t *p, struct kith_feed_id *out)
{
	out->format = (enum kith_format)p[0];
	memcpy(out->b, p + 1, KITH_ID_BYTES);
}

static struct kith_slice make_key(const struct contact *c,
				  uint8_t out[static KEY_BYTES])
{
	put_id(out, &c->from);
	put_id(out + ID_BYTES, &c->to);
	return (struct kith_slice){ out, KEY_BYTES };
}

static bool get(struct txn *t, struct contact *c)
{
	uint8_t key[KEY_BYTES];
	struct kith_slice value;

	if (!txn_get(t, TABLE_CONTACTS, make_key(c, key), &value) ||
	    value.n != ROW_BYTES)
		return false;
	c->edge = (enum contact_edge)value.p[0];
	c->sequence = kith_be64(value.p + 1);
	return true;
}

static void put(struct txn *t, const struct contact *c)
{
	uint8_t key[KEY_BYTES], value[ROW_BYTES] = { (uint8_t)c->edge };

	kith_put_be64(value + 1, c->sequence);
	txn_put(t, TABLE_CONTACTS, make_key(c, key),
		(struct kith_slice){ value, sizeof(value) });
}

static void add(struct txn *t, const struct contact *word)
{
	struct contact held = *word;

	if (!get(t, &held) || held.sequence < word->sequence)
		put(t, word);
}

/* Finds the newest word before word->sequence on the same identity. */
static bool find_earlier(struct txn *t, const struct feed_row *feed,
			 struct contact *word)
{
	struct view_message m;
	struct message_row row;
	struct kith_feed_id to;

	while (word->sequence > feed->first) {
		word->sequence--;
		if (!message_by_sequence(t, feed->number, word->sequence,
					 &row))
			continue;
		views_message(&row, feed, &m);
		if (contact_read(m.content, &to, &word->edge) &&
		    kith_feed_equal(&to, &word->to))
			return true;
	}
	return false;
}

/* Only the newest word counts: when it goes, the one before it holds. */
static void take_back(struct txn *t, const struct contact *gone)
{
	struct contact word = *gone;
	uint8_t key[KEY_BYTES];
	struct feed_row feed;

	if (!get(t, &word) || word.sequence != gone->sequence ||
	    !feed_get(t, &gone->from, &feed))
		return;
	if (find_earlier(t, &feed, &word))
		put(t, &word);
	else
		txn_delete(t, TABLE_CONTACTS, make_key(gone, key));
}

static void fold(struct txn *t, const struct view_message *m,
		 enum view_event event)
{
	struct contact word = { .from = m->author,
				.sequence = m->row->sequence };

	/* What was opened is private: no peer may see its effect. */
	if (event == VIEW_OPENED ||
	    !contact_read(m->content, &word.to, &word.edge))
		return;
	if (event == VIEW_ADDED)
		add(t, &word);
	else
		take_back(t, &word);
}

static void clear(struct txn *t)
{
	txn_clear(t, TABLE_CONTACTS);
}

static bool origin(struct kith_slice key, struct kith_slice value,
		   struct view_origin *out)
{
	if (key.n != KEY_BYTES || value.n != ROW_BYTES)
		return false;
	get_id(key.p, &out->feed);
	out->sequence = kith_be64(value.p + 1);
	return true;
}

const struct view view_contacts = {
	.name = "contacts",
	.version = CONTACTS_VERSION,
	.fold = fold,
	.clear = clear,
	.table = TABLE_CONTACTS,
	.origin = origin,
};

static bool read_row(const struct cursor *cursor, struct contact *c)
{
	if (cursor->key.n != KEY_BYTES || cursor->value.n != ROW_BYTES)
		return false;
	get_id(cursor->key.p, &c->from);
	get_id(cursor->key.p + ID_BYTES, &c->to);
	c->edge = (enum contact_edge)cursor->value.p[0];
	c->sequence = kith_be64(cursor->value.p + 1);
	return true;
}

bool contacts_get(struct txn *t, struct contact *c)
{
	c->edge = CONTACT_NONE;
	return get(t, c);
}

/* To the first row above that of *c: its key and a zero byte is the least key
 * that is greater.  An all-zero id stands below every real one. */
bool contacts_next(struct txn *t, struct contact *c)
{
	uint8_t key[KEY_BYTES + 1] = { 0 };
	struct cursor cursor;
	bool found;

	make_key(c, key);
	cursor_open(&cursor, t, TABLE_CONTACTS);
	found = cursor_seek(&cursor,
			    (struct kith_slice){ key, sizeof(key) }) &&
		read_row(&cursor, c);
	cursor_close(&cursor);
	return found;
}

bool contacts_of(struct txn *t, struct contact *c)
{
	struct contact next = *c;

	if (!contacts_next(t, &next) || !kith_feed_equal(&next.from, &c->from))
		return false;
	*c = next;
	return true;
}
