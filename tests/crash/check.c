#include "tests/crash/check.h"

#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>

#include "src/ingest/ingest.h"
#include "src/store/blob_rows.h"
#include "src/store/blobs.h"
#include "src/store/local.h"
#include "src/views/view.h"

/* A home while it is looked at. */
struct node {
	struct check *c;
	size_t done;
	struct home *home;
	struct store *store;
	struct ingest *ingest;
};

__attribute__((format(printf, 2, 3)))
static bool wrong(struct check *c, const char *format, ...)
{
	va_list list;

	va_start(list, format);
	vsnprintf(c->why, sizeof(c->why), format, list);
	va_end(list);
	return false;
}

/* --- the log --- */

/* The row is the message that was promised, byte for byte: its id is made
 * anew from its bytes. */
static bool check_message(struct check *c, const struct truth_feed *f,
			  const struct message_row *row, struct kith_tip *tip)
{
	unsigned long long n = row->sequence;
	struct kith_msg m;

	kith_decoder_reset(c->decoder);
	if (kith_msg_decode(c->decoder, row->format, row->canon, &m, NULL))
		return wrong(c, "message %llu cannot be read", n);
	if (kith_chain(tip, &m))
		return wrong(c, "message %llu does not follow", n);
	if (!kith_msg_equal(&m.id, &row->id) ||
	    (n <= f->count && !kith_msg_equal(&m.id, &f->ids[n - 1])))
		return wrong(c, "message %llu is another", n);
	*tip = (struct kith_tip){ m.sequence, m.id, m.claimed };
	return true;
}

/* The same row by its feed and by its id. */
static bool check_indexes(struct check *c, struct txn *t,
			  const struct feed_row *feed, uint64_t sequence,
			  struct message_row *row)
{
	struct message_row by_id;

	if (!message_by_sequence(t, feed->number, sequence, row))
		return wrong(c, "message %" PRIu64 " of feed %u is missing",
			     sequence, feed->number);
	if (row->sequence != sequence || row->feed_number != feed->number)
		return wrong(c, "the index names another message");
	if (!message_by_id(t, &row->id, &by_id) || by_id.rx != row->rx)
		return wrong(c, "message %" PRIu64 " is missing by its id",
			     sequence);
	return true;
}

static bool check_chain(struct check *c, struct txn *t,
			const struct truth_feed *f, const struct feed_row *feed)
{
	struct kith_tip tip = { 0 };
	struct message_row row;
	uint64_t bytes = 0;

	if (feed->first > 1 && feed->first <= f->count) {
		tip.sequence = feed->first - 1;
		tip.id = f->ids[feed->first - 2];
	}
	for (uint64_t i = feed->first; i && i <= feed->last; i++) {
		if (!check_indexes(c, t, feed, i, &row) ||
		    !check_message(c, f, &row, &tip))
			return false;
		bytes += row.canon.n;
	}
	if (feed->last && (!kith_msg_equal(&tip.id, &feed->last_id) ||
			   tip.claimed != feed->last_claimed ||
			   feed->bytes != bytes))
		return wrong(c, "the row of feed %u does not agree with the "
			     "log", feed->number);
	if (message_by_sequence(t, feed->number, feed->last + 1, &row))
		return wrong(c, "an index goes on behind feed %u",
			     feed->number);
	return true;
}

/* The feed begins where it may, and with what is left of it if some of it is
 * gone. */
static bool check_first(struct node *n, const struct truth_feed *f,
			const struct feed_row *feed)
{
	uint64_t behind = f->until < f->count ? f->until + 1 : f->count + 1;
	uint64_t least = f->gone < n->done ? behind : 1;
	uint64_t most = f->going < n->done ? behind : 1;

	if (feed->last && (feed->first < least || feed->first > most))
		return wrong(n->c, "the feed begins at %" PRIu64, feed->first);
	return true;
}

static bool check_feed(struct node *n, struct txn *t,
		       const struct truth_feed *f, uint64_t *messages)
{
	size_t floor = truth_floor(f, n->done);
	struct publish_row publish;
	struct feed_row feed;

	feed_get(t, &f->id, &feed);
	if (feed.last < floor)
		return wrong(n->c, "message %zu was acknowledged, and the "
			     "feed ends at %" PRIu64, floor, feed.last);
	if (!check_first(n, f, &feed))
		return false;
	if (feed.last > f->count && !f->more)
		return wrong(n->c, "the feed ends at %" PRIu64
			     ", which nobody wrote", feed.last);
	publish_get(t, &f->id, &publish);
	if (f->own < n->done && publish.state != PUBLISH_OK)
		return wrong(n->c, "the right to publish is lost");
	if (feed.last)
		*messages += feed.last - feed.first + 1;
	return check_chain(n->c, t, f, &feed);
}

/* Every row of the log, in order; what is not in a feed above is too much. */
static bool check_log(struct check *c, struct txn *t, uint64_t messages)
{
	int64_t before_us = INT64_MIN;
	struct message_row row;
	uint64_t count = 0;

	for (uint64_t rx = 0; message_from(t, rx, &row); rx = row.rx + 1) {
		if (row.received_us <= before_us)
			return wrong(c, "received times do not increase");
		before_us = row.received_us;
		count++;
	}
	if (count != messages || txn_count(t, TABLE_LOG) != messages ||
	    txn_count(t, TABLE_BY_FEED) != messages ||
	    txn_count(t, TABLE_BY_ID) > messages)
		return wrong(c, "feeds have %" PRIu64 " messages, the log %"
			     PRIu64 ", the indexes %" PRIu64 " and %" PRIu64,
			     messages, count, txn_count(t, TABLE_BY_FEED),
			     txn_count(t, TABLE_BY_ID));
	if (txn_error(t))
		return wrong(c, "%s", kith_strerror(txn_error(t)));
	return true;
}

static bool check_store(struct node *n)
{
	const struct truth *truth = n->c->truth;
	uint64_t messages = 0;
	bool good = true;
	struct txn *t;

	if (store_read(n->store, &t))
		return wrong(n->c, "the store cannot be read");
	for (size_t i = 0; i < truth->count && good; i++)
		good = check_feed(n, t, &truth->feeds[i], &messages);
	good = good && check_log(n->c, t, messages);
	txn_end(t);
	return good;
}

/* --- blobs --- */

/* What a row says is here is here, and whole. */
static bool check_rows(struct node *n, struct txn *t, struct blobs *blobs)
{
	struct blob_rows rows;
	struct blob_row row;
	bool good = true;

	blob_rows_open(&rows, t, NULL);
	while (good && blob_rows_next(&rows, &row))
		if (row.state != BLOB_HERE || blob_verify(blobs, &row.id))
			good = wrong(n->c, "a blob is not here");
	blob_rows_close(&rows);
	return good;
}

/* Nothing has a name that is not the blob. */
static bool check_files(struct node *n, struct blobs *blobs)
{
	struct blob_walk *w = blob_walk_new(blobs, NULL);
	struct blob_entry b;
	bool good = w || wrong(n->c, "out of memory");

	while (good && blob_walk_next(w, &b))
		if (blob_verify(blobs, &b.id))
			good = wrong(n->c, "a blob is damaged");
	if (good && (blob_walk_error(w) || blob_walk_strays(w)))
		good = wrong(n->c, "the folder of blobs is damaged");
	blob_walk_free(w);
	return good;
}

static bool check_promised(struct node *n, struct txn *t)
{
	const struct truth *truth = n->c->truth;
	struct blob_row row;

	for (size_t i = 0; i < truth->blob_count; i++)
		if (truth->blobs[i].at < n->done &&
		    !blob_row_get(t, &truth->blobs[i].id, &row))
			return wrong(n->c, "blob %zu was acknowledged", i);
	return true;
}

static bool check_blobs(struct node *n)
{
	struct blobs *blobs;
	struct txn *t;
	bool good;

	if (blobs_open(n->home, &blobs, NULL))
		return wrong(n->c, "out of memory");
	good = !store_read(n->store, &t) ||
	       wrong(n->c, "the store cannot be read");
	if (good) {
		good = check_promised(n, t) && check_rows(n, t, blobs) &&
		       check_files(n, blobs);
		txn_end(t);
	}
	blobs_close(blobs);
	return good;
}

/* --- the views --- */

enum { VIEW_BYTES_MAX = 16 << 20 };

static const enum store_table view_tables[] = { TABLE_CONTACTS, TABLE_POSTINGS,
						TABLE_OPINIONS };

static bool dump_views(struct node *n, struct kith_buf *out)
{
	struct cursor c;
	struct txn *t;

	if (store_read(n->store, &t))
		return wrong(n->c, "the store cannot be read");
	for (size_t i = 0; i < sizeof(view_tables) / sizeof(*view_tables);
	     i++) {
		cursor_open(&c, t, view_tables[i]);
		for (bool more = cursor_seek(&c, KITH_SLICE("")); more;
		     more = cursor_next(&c)) {
			kith_buf_put(out, c.key);
			kith_buf_put(out, c.value);
		}
		cursor_close(&c);
	}
	txn_end(t);
	return !out->err || wrong(n->c, "the views cannot be read");
}

static enum kith_err rebuild_views(struct store *s)
{
	enum kith_err err;
	struct txn *t;

	err = store_write(s, &t);
	if (err)
		return err;
	txn_clear(t, TABLE_VIEWS);
	err = txn_commit(t);
	return err ? err : views_catch_up(s, NULL);
}

static bool check_views(struct node *n)
{
	struct kith_buf before = { .limit = VIEW_BYTES_MAX };
	struct kith_buf after = { .limit = VIEW_BYTES_MAX };
	bool good = dump_views(n, &before);

	if (good && rebuild_views(n->store))
		good = wrong(n->c, "the views cannot be rebuilt");
	good = good && dump_views(n, &after);
	if (good && !kith_equal(kith_bytes(&before), kith_bytes(&after)))
		good = wrong(n->c, "a rebuild gives other views");
	kith_buf_free(&before);
	kith_buf_free(&after);
	return good;
}

/* --- going on --- */

static const struct kith_slice NEXT = {
	(const uint8_t *)"{\"type\":\"post\",\"text\":\"I am back\"}", 34
};

static bool check_published(struct node *n, const struct ingest_done *done,
			    struct kith_tip *tip)
{
	struct message_row row;
	struct kith_msg m;
	struct txn *t;
	bool good;

	if (done->code)
		return wrong(n->c, "publishing: %s", done->error.text);
	if (store_read(n->store, &t))
		return wrong(n->c, "the store cannot be read");
	kith_decoder_reset(n->c->decoder);
	good = message_get(t, done->rx, &row) &&
	       !kith_msg_decode(n->c->decoder, row.format, row.canon, &m,
				NULL) &&
	       !kith_chain(tip, &m);
	txn_end(t);
	return good || wrong(n->c, "what is published does not follow");
}

static bool check_publish(struct node *n)
{
	const struct kith_feed_id *self = kith_signer_id(n->c->signer);
	struct kith_tip tip = { 0 };
	struct ingest_done done;
	struct feed_row feed;
	struct txn *t;

	if (store_read(n->store, &t))
		return wrong(n->c, "the store cannot be read");
	feed_get(t, self, &feed);
	feed_tip(&feed, &tip);
	txn_end(t);
	if (ingest_publish(n->ingest, NEXT, NULL))
		return wrong(n->c, "out of memory");
	ingest_wait(n->ingest);
	if (!ingest_done(n->ingest, &done) || done.results)
		return wrong(n->c, "publishing has no outcome");
	return check_published(n, &done, &tip);
}

static bool check_writing(struct node *n, const struct kith_signer *signer)
{
	struct ingest_config config = { .store = n->store, .signer = signer,
					.verifiers = 1 };
	struct kith_error e = { 0 };
	bool good;

	if (ingest_start(&config, &n->ingest, &e))
		return wrong(n->c, "%s", e.text);
	good = check_publish(n);
	ingest_stop(n->ingest);
	return good;
}

/* The key is there once its feed or a backup is promised, and may write if it
 * was not restored. */
static bool check_key(struct node *n)
{
	const struct kith_feed_id *self = kith_signer_id(n->c->signer);
	const struct truth *truth = n->c->truth;
	struct kith_signer *signer = NULL;
	struct kith_error e = { 0 };
	bool good = true, own = false, copied = false;

	for (size_t i = 0; i < truth->count; i++) {
		own = own || truth->feeds[i].own < n->done;
		copied = copied || truth->feeds[i].copied < n->done;
	}
	if (!own && !copied)
		return true;
	if (home_secret_read(n->home, &signer, &e))
		return wrong(n->c, "%s", e.text);
	if (!kith_feed_equal(kith_signer_id(signer), self))
		good = wrong(n->c, "the key is another");
	else if (own)
		good = check_writing(n, signer);
	kith_signer_free(signer);
	return good;
}

/* --- all --- */

static bool open_node(struct node *n, const char *folder)
{
	struct store_options o = { .write = true };
	struct kith_error e = { 0 };

	if (home_open(folder, true, &n->home, &e) ||
	    home_lock_writer(n->home, &e) ||
	    store_open(n->home, &o, &n->store, &e) ||
	    views_catch_up(n->store, &e))
		return wrong(n->c, "%s", e.text);
	return true;
}

bool check_home(struct check *c, const char *folder, size_t done)
{
	struct node n = { .c = c, .done = done };
	char path[256];
	bool good;

	snprintf(path, sizeof(path), "%s/home", folder);
	c->why[0] = '\0';
	good = open_node(&n, path) && check_store(&n) && check_blobs(&n) &&
	       check_views(&n) &&
	       check_key(&n);
	store_close(n.store);
	home_close(n.home);
	return good;
}
