/* The source "store": a store of kith, read beside whoever writes it.  A walk
 * gives messages in the order of receipt. */
#include "src/store/store.h"

#include <limits.h>
#include <stdio.h>
#include <stdlib.h>

#include "feeds/list.h"
#include "src/source/kind.h"
#include "src/source/look.h"
#include "src/store/keys.h"
#include "src/store/scan.h"

enum { BATCH_MESSAGES = 256, BATCH_BYTES = 256 * 1024, NUMBER_BYTES = 32 };

/* One message of a batch; its bytes are in the batch's. */
struct held {
	uint64_t rx;
	int64_t received_us;
	struct kith_msg_id id;
	size_t offset, n;
};

struct of_store {
	const struct source_with *with;
	struct home *home;
	struct store *store;
	struct kith_buf one; /* what at and by_id gave */

	/* The walk: no transaction is open between two calls. */
	bool walking; /* and reads bring in what lies around */
	uint64_t rx; /* the next to look at */
	struct held batch[BATCH_MESSAGES];
	size_t count, given;
	struct kith_buf bytes;
	uint64_t walked; /* bytes */
	bool hurt;	 /* a row behind the batch is damaged */
	bool over;
};

/* --- where it is ---------------------------------------------------------- */

static bool is_home(const char *name)
{
	return look_has(name, "store/data.mdb") || look_has(name, "store/current");
}

/* The folder has a file `current`, and what it names. */
static bool has_current(const char *name)
{
	char path[PATH_MAX], number[NUMBER_BYTES] = "";
	int n = snprintf(path, sizeof(path), "%s/current", name);
	FILE *f = n > 0 && (size_t)n < sizeof(path) ? fopen(path, "re") : NULL;

	if (!f)
		return false;
	if (!fgets(number, sizeof(number), f))
		*number = '\0';
	fclose(f);
	n = (int)strspn(number, "0123456789");
	snprintf(path, sizeof(path), "%.*s/data.mdb", n, number);
	return n && look_has(name, path);
}

/* The folder of the store itself. */
static bool is_inside(const char *name)
{
	return look_has(name, "data.mdb") || has_current(name);
}

static bool is(const char *name)
{
	return is_home(name) || is_inside(name);
}

enum kith_err source_store_home(const char *name, struct home **out,
				struct kith_error *e)
{
	char above[PATH_MAX];
	int n = snprintf(above, sizeof(above), "%s/..", name);

	if (n > 0 && (size_t)n < sizeof(above) && !is_home(name) &&
	    is_inside(name))
		name = above;
	return home_open(name, false, out, e);
}

static void close_it(void *of)
{
	struct of_store *s = of;

	store_close(s->store);
	home_close(s->home);
	kith_buf_free(&s->one);
	kith_buf_free(&s->bytes);
	free(s);
}

static enum kith_err open_it(const char *name, const struct source_with *with,
			     void **out, struct kith_error *e)
{
	struct store_options o = { .write = false, .scattered = true };
	struct of_store *s = calloc(1, sizeof(*s));
	enum kith_err err;

	if (!s)
		return kith_fail(e, KITH_ENOMEM, 0, "out of memory");
	s->with = with;
	s->one.limit = KITH_MSG_CANON_BYTES_MAX;
	s->bytes.limit = BATCH_BYTES + KITH_MSG_CANON_BYTES_MAX;
	err = source_store_home(name, &s->home, e);
	if (!err)
		err = store_open(s->home, &o, &s->store, e);
	if (err)
		close_it(s);
	else
		*out = s;
	return err;
}

static enum kith_err unreadable(enum kith_err err, struct kith_error *e)
{
	return err ? kith_fail(e, err, 0, "the store cannot be read: %s; "
			       "`kith fsck` tells more", kith_strerror(err))
		   : KITH_OK;
}

/* --- feeds ---------------------------------------------------------------- */

static struct source_feed feed_of(const struct feed_row *row)
{
	return (struct source_feed){
		.id = row->id,
		.first = row->first,
		.last = row->last,
		.messages = feed_held(row),
		.known = true,
		.has_tip = row->last,
		.tip = row->last_id,
	};
}

struct feeds {
	struct source_feed *rows;
	size_t count, capacity;
};

static bool add_feed(struct feeds *f, const struct feed_row *row)
{
	struct source_feed *more = list_room(f->rows, f->count, &f->capacity,
					     sizeof(*more));

	if (!more)
		return false;
	f->rows = more;
	f->rows[f->count++] = feed_of(row);
	return true;
}

/* A row that is damaged costs its feed. */
static void tell_of_row(const struct of_store *s, const struct feed_row *row)
{
	const struct source_finding found = {
		.text = "a row of the feeds is damaged; `kith fsck` tells more",
		.feed = row->id.format ? &row->id : NULL,
	};

	if (s->with->finding)
		s->with->finding(s->with->arg, &found);
}

/* They stand there in the order in which they are to be given. */
static enum kith_err read_feeds(struct of_store *s, struct feeds *out)
{
	struct feed_row row;
	struct txn *t;
	struct cursor c;
	enum kith_err err = store_read(s->store, &t);

	if (err)
		return err;
	cursor_open(&c, t, TABLE_FEEDS);
	for (bool more = cursor_seek(&c, (struct kith_slice){ NULL, 0 });
	     !err && more; more = cursor_next(&c)) {
		row = (struct feed_row){ 0 };
		if (c.key.n == KEY_FEED_BYTES)
			row.id = key_read_feed(c.key.p);
		if (c.key.n != KEY_FEED_BYTES || !feed_decode(c.value, &row))
			tell_of_row(s, &row);
		else if (!add_feed(out, &row))
			err = KITH_ENOMEM;
	}
	cursor_close(&c);
	if (!err)
		err = txn_error(t);
	txn_end(t);
	return err;
}

static enum kith_err clock(void *of,
			   bool (*fn)(void *arg, const struct source_feed *f),
			   void *arg, struct kith_error *e)
{
	struct feeds feeds = { .count = 0 };
	enum kith_err err = read_feeds(of, &feeds);

	for (size_t i = 0; !err && i < feeds.count; i++)
		if (!fn(arg, &feeds.rows[i]))
			break;
	free(feeds.rows);
	return unreadable(err, e);
}

static enum kith_err feed(void *of, const struct kith_feed_id *id,
			  struct source_feed *out, struct kith_error *e)
{
	struct of_store *s = of;
	struct feed_row row;
	struct txn *t;
	enum kith_err err = store_read(s->store, &t);
	bool found;

	if (err)
		return unreadable(err, e);
	found = feed_get(t, id, &row);
	err = txn_error(t);
	txn_end(t);
	if (found)
		*out = feed_of(&row);
	return err ? unreadable(err, e) : found ? KITH_OK : KITH_ENOENT;
}

/* --- one message ---------------------------------------------------------- */

/* Copies what was found before its transaction ends. */
static enum kith_err give(struct of_store *s, struct txn *t, bool found,
			  const struct message_row *row,
			  struct source_message *out, struct kith_error *e)
{
	enum kith_err err = txn_error(t);

	kith_buf_reset(&s->one);
	if (!err && found) {
		kith_buf_put(&s->one, row->canon);
		err = s->one.err;
	}
	if (!err && found)
		*out = (struct source_message){
			.value = kith_bytes(&s->one),
			.at = row->rx,
			.received_us = row->received_us,
			.has_id = true,
			.id = row->id,
		};
	txn_end(t);
	return err ? unreadable(err, e) : found ? KITH_OK : KITH_ENOENT;
}

static enum kith_err at(void *of, const struct kith_feed_id *id,
			uint64_t sequence, struct source_message *out,
			struct kith_error *e)
{
	struct of_store *s = of;
	struct message_row row;
	struct feed_row feed;
	struct txn *t;
	enum kith_err err = store_read(s->store, &t);
	bool found;

	if (err)
		return unreadable(err, e);
	found = feed_get(t, id, &feed) &&
		message_by_sequence(t, feed.number, sequence, &row);
	return give(s, t, found, &row, out, e);
}

static enum kith_err by_id(void *of, const struct kith_msg_id *id,
			   struct source_message *out, struct kith_error *e)
{
	struct of_store *s = of;
	struct message_row row;
	struct txn *t;
	enum kith_err err = store_read(s->store, &t);
	bool found;

	if (err)
		return unreadable(err, e);
	found = message_by_id(t, id, &row);
	return give(s, t, found, &row, out, e);
}

/* --- the walk ------------------------------------------------------------- */

static void add_held(struct of_store *s, const struct message_row *row)
{
	struct held *h = &s->batch[s->count++];

	h->rx = row->rx;
	h->received_us = row->received_us;
	h->id = row->id;
	h->offset = s->bytes.n;
	h->n = row->canon.n;
	kith_buf_put(&s->bytes, row->canon);
	s->rx = row->rx + 1;
}

/* The receive number of the row that cannot be read; false: there is not even
 * one. */
static bool find_damaged(struct of_store *s, uint64_t *rx)
{
	struct key key = key_number(s->rx);
	struct cursor c;
	struct txn *t;
	bool found;

	if (store_read(s->store, &t))
		return false;
	cursor_open(&c, t, TABLE_LOG);
	found = cursor_seek(&c, key_slice(&key)) && c.key.n == key.n;
	if (found)
		*rx = kith_be64(c.key.p);
	cursor_close(&c);
	txn_end(t);
	return found;
}

/* Reads the messages up to a damaged row, or as many as fit. */
static enum kith_err read_batch(struct of_store *s, struct kith_error *e)
{
	struct message_row row;
	struct scan scan;
	struct txn *t;
	enum kith_err err = store_read(s->store, &t);

	if (err)
		return unreadable(err, e);
	s->count = s->given = 0;
	kith_buf_reset(&s->bytes);
	scan_log(&scan, t, s->rx);
	while (s->count < BATCH_MESSAGES && s->bytes.n < BATCH_BYTES &&
	       scan_next(&scan, &row))
		add_held(s, &row);
	err = txn_error(t);
	scan_end(&scan);
	txn_end(t);
	s->walked += s->bytes.n;
	if (s->bytes.err)
		return unreadable(s->bytes.err, e);
	s->hurt = err == KITH_EIO;
	s->over = !err && !s->count;
	return s->hurt ? KITH_OK : unreadable(err, e);
}

static void give_held(struct of_store *s, struct source_message *out)
{
	const struct held *h = &s->batch[s->given++];

	*out = (struct source_message){
		.value = { s->bytes.p + h->offset, h->n },
		.at = h->rx,
		.received_us = h->received_us,
		.has_id = true,
		.id = h->id,
	};
}

static void give_damage(struct of_store *s, struct source_finding *out)
{
	uint64_t rx = s->rx;

	s->hurt = false;
	s->over = !find_damaged(s, &rx);
	*out = (struct source_finding){
		.at = rx,
		.next = s->over ? 0 : rx + 1,
		.text = "a row of the log is damaged; `kith fsck` tells more",
	};
	s->rx = rx + 1;
}

static enum kith_err next(void *of, enum source_step *step,
			  struct source_message *out,
			  struct source_finding *found, struct kith_error *e)
{
	struct of_store *s = of;
	const struct source_with *w = s->with;
	enum kith_err err = KITH_OK;

	if (s->given == s->count && !s->hurt && !s->over) {
		if (w->tick && !w->tick(w->arg, s->walked, 0))
			return kith_fail(e, KITH_EBUSY, 0, "interrupted");
		if (!s->walking)
			store_read_ahead(s->store);
		s->walking = true;
		err = read_batch(s, e);
	}
	if (err)
		return err;
	*step = SOURCE_MESSAGE;
	if (s->given < s->count) {
		give_held(s, out);
	} else if (s->hurt) {
		*step = SOURCE_FINDING;
		give_damage(s, found);
	} else {
		*step = SOURCE_END;
	}
	return KITH_OK;
}

static enum kith_err rewind_to_start(void *of, struct kith_error *e)
{
	struct of_store *s = of;

	(void)e;
	s->rx = s->walked = 0;
	s->count = s->given = 0;
	s->hurt = s->over = false;
	return KITH_OK;
}

const struct source_row source_store = {
	.kind = "store",
	.can = SOURCE_CLOCK | SOURCE_PLACES | SOURCE_IDS | SOURCE_ORDERED,
	.is = is,
	.open = open_it,
	.close = close_it,
	.next = next,
	.rewind = rewind_to_start,
	.clock = clock,
	.feed = feed,
	.at = at,
	.by_id = by_id,
};
