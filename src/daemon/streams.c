#include "src/daemon/streams.h"

#include <math.h>
#include <stdlib.h>

#include "feeds/contact.h"
#include "feeds/json.h"
#include "feeds/ref.h"
#include "src/daemon/args.h"
#include "src/daemon/daemon.h"
#include "src/daemon/forks.h"
#include "src/daemon/opened.h"
#include "src/views/private.h"

/* What one turn may send, so that others get theirs. */
enum { TURN_ITEMS = 64, TURN_BYTES = 64 * 1024 };

struct log_stream {
	struct request request;
	struct stream_options o;
	uint64_t at; /* the next position; o.to is the last */
	uint32_t feed_number; /* 0: the feed is not known yet */
	bool live;	      /* the old ones are through; in its live_list */
	bool private;	      /* to be live, and shows what is private: each
			       * message once it was tried with the keys */
	bool held;	      /* the next one is to be tried first */
	uint64_t opened;      /* up to here openings were heard of */
	LIST_ENTRY(log_stream) all_live, all_private;
};

/* --- options --- */

void stream_options_init(struct stream_options *o)
{
	*o = (struct stream_options){ .to = UINT64_MAX, .limit = -1,
				      .old = true, .keys = true,
				      .values = true, .sync = true };
}

/* The first receive number at or after a time: rows are in time's order. */
static uint64_t number_at(struct txn *t, int64_t received_us)
{
	struct message_row row;
	uint64_t low = 0, high, middle;

	if (!message_to(t, UINT64_MAX, &row))
		return 0;
	high = row.rx + 1;
	while (low < high) {
		middle = low + (high - low) / 2;
		if (!message_from(t, middle, &row) ||
		    row.received_us >= received_us)
			high = middle;
		else
			low = row.rx + 1;
	}
	return low;
}

/* The position of the first item at or above value + after. */
static uint64_t position(const struct stream_options *o, struct txn *t,
			 double value, int after)
{
	double scaled = o->by_feed ? ceil(value) : value * 1000;

	if (!(scaled > 0))
		return 0;
	if (scaled > 9e15)
		return UINT64_MAX;
	/* Between two whole positions, the lower one is already passed. */
	if (o->by_feed && scaled > value)
		after = 0;
	if (o->by_feed)
		return (uint64_t)scaled + (unsigned)after;
	return number_at(t, llround(scaled) + after);
}

static uint64_t before(uint64_t position)
{
	return position ? position - 1 : 0;
}

static enum kith_err read_range(struct stream_options *o,
				struct kith_slice options, struct txn *t,
				struct kith_error *e)
{
	static const struct {
		const char *name;
		bool upper;
		int after;
	} ranges[] = { { "gt", false, 1 }, { "gte", false, 0 },
		       { "lt", true, 0 },  { "lte", true, 1 } };
	double value;

	for (size_t i = 0; i < sizeof(ranges) / sizeof(*ranges); i++) {
		value = (double)NAN;
		if (!args_number(options, ranges[i].name, &value))
			return kith_fail(e, KITH_EFORMAT, 0,
					 "%s must be a number",
					 ranges[i].name);
		if (isnan(value))
			continue;
		if (ranges[i].upper)
			o->to = before(position(o, t, value, ranges[i].after));
		else
			o->from = position(o, t, value, ranges[i].after);
	}
	return KITH_OK;
}

enum kith_err stream_options_read(struct stream_options *o,
				  struct kith_slice options, struct txn *t,
				  struct kith_error *e)
{
	double limit = -1;

	args_bool(options, "reverse", &o->reverse);
	args_bool(options, "live", &o->live);
	args_bool(options, "old", &o->old);
	args_bool(options, "keys", &o->keys);
	args_bool(options, "values", &o->values);
	args_bool(options, "sync", &o->sync);
	args_bool(options, "private", &o->private);
	if (!args_number(options, "limit", &limit))
		return kith_fail(e, KITH_EFORMAT, 0, "limit must be a number");
	o->limit = limit < 0 || limit > 9e15 ? -1 : (int64_t)limit;
	return read_range(o, options, t, e);
}

/* --- items --- */

void message_item_begin(const struct message_row *row, struct kith_buf *out)
{
	char key[KITH_REF_TEXT_BYTES];

	kith_msg_print(&row->id, key);
	kith_buf_text(out, "{\"key\":\"");
	kith_buf_text(out, key);
	kith_buf_text(out, "\",\"value\":");
}

void message_item_end(const struct message_row *row, struct kith_buf *out)
{
	kith_buf_text(out, ",\"timestamp\":");
	json_put_number(out, (double)row->received_us / 1000);
	kith_buf_byte(out, '}');
}

void message_item(const struct message_row *row, struct kith_buf *out)
{
	message_item_begin(row, out);
	kith_buf_put(out, row->canon);
	message_item_end(row, out);
}

static void put_value(const struct log_stream *s, struct txn *t,
		      const struct message_row *row, struct kith_buf *item)
{
	if (s->o.private)
		opened_value(s->request.peer->daemon, t, row, item);
	else
		kith_buf_put(item, row->canon);
}

static void send_item(struct log_stream *s, struct txn *t,
		      const struct message_row *row)
{
	struct peer *p = s->request.peer;
	struct kith_buf *item = &p->daemon->item;
	char key[KITH_REF_TEXT_BYTES];

	if (s->o.keys && !s->o.values) {
		kith_msg_print(&row->id, key);
		session_send(p->session, s->request.number, MUXRPC_STRING,
			     kith_text(key));
		return;
	}
	kith_buf_reset(item);
	if (s->o.keys)
		message_item_begin(row, item);
	put_value(s, t, row, item);
	if (s->o.keys)
		message_item_end(row, item);
	request_send_json(&s->request, kith_bytes(item));
}

/* --- reading --- */

static bool find_feed(struct log_stream *s, struct txn *t)
{
	struct feed_row row;

	if (!s->feed_number && feed_get(t, &s->o.feed, &row))
		s->feed_number = row.number;
	return s->feed_number;
}

/* It may have been forgotten since, and begun anew under another number. */
static void find_feed_again(struct log_stream *s, struct txn *t)
{
	s->feed_number = 0;
	if (s->o.by_feed)
		find_feed(s, t);
}

/* The row at s->at or the next one beyond it, in the stream's direction. */
static bool row_of_log(struct log_stream *s, struct txn *t,
		       struct message_row *row)
{
	bool found = s->o.reverse ? message_to(t, s->at, row) :
				    message_from(t, s->at, row);

	if (found)
		s->at = row->rx;
	return found;
}

static bool row_of_feed(struct log_stream *s, struct txn *t,
			struct message_row *row)
{
	return find_feed(s, t) &&
	       message_by_sequence(t, s->feed_number, s->at, row);
}

static bool next_row(struct log_stream *s, struct txn *t,
		     struct message_row *row)
{
	bool found;

	if (s->at < s->o.from || s->at > s->o.to)
		return false;
	found = s->o.by_feed ? row_of_feed(s, t, row) : row_of_log(s, t, row);
	s->held = found && s->private && row->rx > private_position(t);
	return found && !s->held && s->at >= s->o.from && s->at <= s->o.to;
}

/* What was sent as a box, and is open now. */
static bool is_late(const struct log_stream *s, const struct message_row *row)
{
	uint64_t at = s->o.by_feed ? row->sequence : row->rx;

	return at >= s->o.from && at < s->at &&
	       (!s->o.by_feed || row->feed_number == s->feed_number);
}

static enum late next_late(struct log_stream *s, struct txn *t,
			   struct message_row *row)
{
	enum late late = LATE_NONE;

	if (s->private)
		late = opened_late(t, &s->opened, s->o.by_feed ? UINT64_MAX
							       : s->at, row);
	return late == LATE_MESSAGE && !is_late(s, row) ? LATE_AGAIN : late;
}

/* False: that was the last position. */
static bool step(struct log_stream *s)
{
	if (s->at == (s->o.reverse ? s->o.from : s->o.to))
		return false;
	s->at += s->o.reverse ? (uint64_t)-1 : 1;
	return true;
}

/* A contact message that blocks the reader is not for the reader, nor is what
 * follows it. */
static bool blocks_reader(const struct log_stream *s,
			  const struct message_row *row)
{
	struct kith_feed_id to;
	enum contact_edge edge;

	return s->o.guarded &&
	       contact_read(json_get(row->canon, "content"), &to, &edge) &&
	       edge == CONTACT_BLOCK &&
	       kith_feed_equal(&to, &s->request.peer->id);
}

/* --- the two halves of a stream --- */

static struct live_list *list_of(struct daemon *d,
				 const struct kith_feed_id *feed)
{
	return &d->streams.feeds[feed->b[0] % STREAMS_LISTS];
}

static void go_live(struct log_stream *s)
{
	struct daemon *d = s->request.peer->daemon;
	struct live_list *list = s->o.by_feed ? list_of(d, &s->o.feed) :
						&d->streams.log;

	s->live = true;
	LIST_INSERT_HEAD(list, s, all_live);
}

static enum produced old_done(struct log_stream *s, struct txn *t)
{
	if (!s->o.live || s->o.limit == 0)
		return PRODUCED_END;
	if (s->private)
		opening_look(s->request.peer->daemon, t);
	if (!s->live && !s->held) {
		go_live(s);
		if (s->o.sync && s->o.old)
			request_send_json(&s->request,
					  KITH_SLICE("{\"sync\":true}"));
	}
	return PRODUCED_ALL;
}

static enum produced on_produce(struct request *r, struct txn *t)
{
	struct log_stream *s = (struct log_stream *)r;
	struct message_row row;
	enum late late;
	size_t bytes = 0;
	uint64_t limit;

	if (s->o.guarded) {
		limit = forks_limit(r->peer->daemon, &s->o.feed);
		s->o.to = s->o.to < limit ? s->o.to : limit;
	}
	find_feed_again(s, t);
	for (int i = 0; i < TURN_ITEMS && bytes < TURN_BYTES; i++) {
		if (s->o.limit == 0)
			return PRODUCED_END;
		late = next_late(s, t, &row);
		if (late == LATE_AGAIN)
			continue;
		if (late == LATE_NONE && !next_row(s, t, &row))
			return old_done(s, t);
		if (blocks_reader(s, &row))
			return PRODUCED_END;
		send_item(s, t, &row);
		bytes += row.canon.n;
		if (s->o.limit > 0)
			s->o.limit--;
		if (late == LATE_NONE && !step(s))
			return PRODUCED_END;
	}
	return PRODUCED_SOME;
}

static void on_closed(struct request *r, struct kith_slice error)
{
	struct log_stream *s = (struct log_stream *)r;

	(void)error;
	if (s->live)
		LIST_REMOVE(s, all_live);
	if (s->private)
		LIST_REMOVE(s, all_private);
	free(s);
}

static const struct request_ops ops = { .produce = on_produce,
					.closed = on_closed };

/* --- life --- */

/* Where what is newest now ends, and what is held of a feed begins.  False: the
 * store cannot be read. */
static bool find_ends(struct log_stream *s, struct daemon *d,
		      uint64_t *oldest, uint64_t *newest)
{
	const struct stream_options *o = &s->o;
	struct message_row row = { 0 };
	struct feed_row feed = { 0 };
	struct txn *t;

	if (store_read(d->store, &t))
		return false;
	if (o->by_feed && !feed_get(t, &o->feed, &feed))
		feed.last = 0;
	if (!o->by_feed && !message_to(t, UINT64_MAX, &row))
		row.rx = 0;
	s->opened = opened_last(t);
	txn_end(t);
	*oldest = feed.first;
	*newest = o->by_feed ? feed.last : row.rx;
	return true;
}

static void set_start(struct log_stream *s, uint64_t oldest, uint64_t last)
{
	if (s->o.by_feed && s->o.from == 0)
		s->o.from = 1;
	/* Programs of ours get what is left; who replicates needs it whole. */
	if (!s->o.guarded && s->o.from < oldest)
		s->o.from = oldest;
	if (s->o.reverse) {
		s->o.live = false;
		if (s->o.to > last)
			s->o.to = last;
		s->at = s->o.to;
		return;
	}
	s->private = s->o.private && s->o.live;
	s->at = s->o.old || s->o.from > last ? s->o.from : last + 1;
}

void stream_serve(struct peer *p, int32_t request,
		  const struct stream_options *o)
{
	struct log_stream *s = calloc(1, sizeof(*s));
	uint64_t oldest = 0, newest = 0;

	if (!s) {
		session_error(p->session, request, "Error", "out of memory");
		return;
	}
	s->o = *o;
	s->o.private = o->private && p->local;
	/* Without an end all that is old would be taken for new. */
	if (!find_ends(s, p->daemon, &oldest, &newest)) {
		session_error(p->session, request, "Error",
			      "cannot read the store");
		free(s);
		return;
	}
	set_start(s, oldest, newest);
	if (s->private)
		LIST_INSERT_HEAD(&p->daemon->streams.private, s, all_private);
	request_open(&s->request, &ops, p, request);
	request_wake(&s->request);
}

void streams_start(struct daemon *d)
{
	LIST_INIT(&d->streams.log);
	LIST_INIT(&d->streams.private);
	for (size_t i = 0; i < STREAMS_LISTS; i++)
		LIST_INIT(&d->streams.feeds[i]);
}

void streams_wake(struct daemon *d, const struct kith_feed_id *feed)
{
	struct log_stream *s;

	LIST_FOREACH(s, &d->streams.log, all_live)
		request_wake(&s->request);
	LIST_FOREACH(s, list_of(d, feed), all_live)
		if (kith_feed_equal(&s->o.feed, feed))
			request_wake(&s->request);
	query_sources_wake(d);
}

void streams_wake_private(struct daemon *d)
{
	struct log_stream *s;

	LIST_FOREACH(s, &d->streams.private, all_private)
		request_wake(&s->request);
}
