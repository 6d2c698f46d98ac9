#include "src/fsck/check.h"

#include <inttypes.h>
#include <stdlib.h>

#include "feeds/peek.h"

enum { PROGRESS_ROWS = 256 };

static struct fsck_finding of_row(const struct check *c,
				  const struct pending *row,
				  enum fsck_class class)
{
	const struct feed_check *feed = feeds_find(c, row->feed);
	struct fsck_finding f = { .class = class, .table = TABLE_LOG,
				  .sequence = row->sequence, .rx = row->rx };

	if (feed)
		f.feed = feed->row.id;
	return f;
}

/* --- chains --------------------------------------------------------------- */

static void note_hole(struct check *c, const struct feed_check *f,
		      uint64_t sequence)
{
	struct hole *hole = list_add(c, &c->holes, sizeof(*hole));

	if (hole)
		*hole = (struct hole){ f->number, f->last + 1, sequence - 1 };
}

/* Moves the end of a feed to a row; m: what it says of itself, or NULL. */
static void move(struct check *c, struct feed_check *f,
		 const struct pending *row, const struct kith_msg *m,
		 size_t bytes)
{
	bool jumps = f->last && row->sequence > f->last + 1;

	if (f->last && row->sequence <= f->last) {
		check_find(c, of_row(c, row, FSCK_BADCHAIN), "it comes after "
			   "message %" PRIu64 " of its feed", f->last);
		return;
	}
	if (jumps) {
		f->hurt = true;
		note_hole(c, f, row->sequence);
	}
	if (!f->last)
		f->first = row->sequence;
	f->last = row->sequence;
	f->last_id = row->id;
	f->tip_known = true;
	f->bytes += bytes;
	if (m)
		f->last_claimed = m->claimed;
}

static void check_link(struct check *c, const struct feed_check *f,
		       const struct pending *row, const struct kith_msg *m)
{
	bool next = f->last && f->tip_known && row->sequence == f->last + 1;

	if (row->sequence == 1 && !m->first)
		check_find(c, of_row(c, row, FSCK_BADCHAIN),
			   "it is the first of its feed and names one before");
	else if (row->sequence > 1 && m->first)
		check_find(c, of_row(c, row, FSCK_BADCHAIN),
			   "it names none before it");
	else if (next && !m->first &&
		 !kith_msg_equal(&m->previous, &f->last_id))
		check_find(c, of_row(c, row, FSCK_BADCHAIN),
			   "it names another message than the one before");
}

/* --- what a row says ------------------------------------------------------ */

static void judge(struct check *c, const struct pending *row,
		  const struct pool_item *it)
{
	struct feed_check *f = feeds_find(c, row->feed);
	const struct kith_msg *m = &it->message;

	if (!f)
		return;
	if (it->code == KITH_ENOMEM) {
		c->err = KITH_ENOMEM;
		return;
	}
	if (it->code) {
		check_find(c, of_row(c, row, FSCK_UNDECODABLE), "%s",
			   it->error.text);
		move(c, f, row, NULL, it->value.n);
		return;
	}
	if (f->row.id.format == KITH_FORMAT_NONE)
		f->row.id = m->author;
	if (!kith_equal(m->canon, it->value))
		check_find(c, of_row(c, row, FSCK_NONCANONICAL),
			   "it is stored in another spelling than it is sent");
	if (!kith_msg_equal(&m->id, &row->id))
		check_find(c, of_row(c, row, FSCK_UNDECODABLE),
			   "it is stored under another id");
	if (!kith_feed_equal(&m->author, &f->row.id) ||
	    m->sequence != row->sequence)
		check_find(c, of_row(c, row, FSCK_UNDECODABLE),
			   "it is stored as another feed's or another place's");
	if (c->config->depth == FSCK_FULL) {
		c->summary.signatures++;
		if (!it->valid)
			check_find(c, of_row(c, row, FSCK_BADSIG),
				   "its signature does not verify");
	}
	check_link(c, f, row, m);
	move(c, f, row, m, it->value.n);
}

static struct pending *pending_at(struct check *c, size_t i)
{
	return &c->pending[(c->pending_first + i) % c->pending_size];
}

static void note_verified(struct fsck_progress *p, const struct pending *row)
{
	p->verified_id = row->id;
	p->verified = row->rx;
}

static void settle_batch(struct check *c)
{
	const struct pool_batch *b = pool_next(c->pool);

	for (size_t i = 0; b && i < b->count; i++)
		judge(c, pending_at(c, i), &b->items[i]);
	if (!b)
		return;
	if (b->count && c->config->progress)
		note_verified(c->config->progress,
			      pending_at(c, b->count - 1));
	c->pending_first = (c->pending_first + b->count) % c->pending_size;
	c->pending_count -= b->count;
	pool_release(c->pool);
}

static void settle_all(struct check *c)
{
	pool_submit(c->pool);
	while (c->pending_count)
		settle_batch(c);
}

static void hand_over(struct check *c, const struct pending *row,
		      const struct message_row *m)
{
	enum kith_err err;

	for (;;) {
		if (!pool_batch(c->pool)) {
			settle_batch(c);
			continue;
		}
		err = pool_put(c->pool, m->canon, m->format, m->rx);
		if (err != KITH_ETOOBIG)
			break;
		pool_submit(c->pool);
	}
	if (err)
		c->err = err;
	else
		*pending_at(c, c->pending_count++) = *row;
}

/* --- rows ----------------------------------------------------------------- */

static struct slot *slot_of(struct check *c, uint64_t rx)
{
	struct window *w = &c->window;

	return rx >= w->base && rx - w->base < w->size
		       ? &w->slots[rx - w->base]
		       : NULL;
}

static void fill_slot(struct check *c, uint64_t rx, const struct slot *value)
{
	struct slot *s = slot_of(c, rx);

	if (!s || (s->state == SLOT_GOOD && value->state != SLOT_GOOD))
		return;
	*s = *value;
	if (rx - c->window.base >= c->window.count)
		c->window.count = rx - c->window.base + 1;
}

/* A row that fails its checksum is named by the index that points to it, else
 * by what is left of it. */
static void note_corrupt(struct check *c, uint64_t rx, struct kith_slice value)
{
	struct slot s = { .state = SLOT_CORRUPT };
	struct kith_feed_id author;

	if (value.n > ROW_HEADER_BYTES) {
		s.feed = kith_be32(value.p + 8);
		s.sequence = kith_be64(value.p + 16);
		value.p += ROW_HEADER_BYTES;
		value.n -= ROW_HEADER_BYTES;
		if (!feeds_find(c, s.feed)) {
			s.feed = 0;
			if (!msg_peek(value, &author, &s.sequence))
				s.sequence = 0;
		}
	}
	fill_slot(c, rx, &s);
}

static void note_good(struct check *c, const struct message_row *m)
{
	struct slot s = { .sequence = m->sequence, .feed = m->feed_number,
			  .state = SLOT_GOOD };

	memcpy(s.id, m->id.b, sizeof(s.id));
	fill_slot(c, m->rx, &s);
}

static void check_time(struct check *c, const struct pending *row,
		       int64_t received_us)
{
	if (received_us <= c->last_received_us)
		check_find(c, of_row(c, row, FSCK_CORRUPT), "its time of "
			   "receipt is not after that of the row before");
	c->last_received_us = received_us;
}

/* What nobody asked for, or an earlier check has seen. */
static bool is_let_pass(const struct check *c, const struct feed_check *f,
			uint64_t rx)
{
	return (!f->chosen && f->row.id.format != KITH_FORMAT_NONE) ||
	       rx <= c->config->verified || rx <= c->config->skip_rx;
}

static void look_into(struct check *c, const struct pending *row,
		      const struct message_row *m)
{
	struct feed_check *f = feeds_get(c, row->feed);

	if (!f)
		return;
	if (is_let_pass(c, f, row->rx))
		move(c, f, row, NULL, m->canon.n);
	else
		hand_over(c, row, m);
}

static void good_row(struct check *c, const struct message_row *m,
		     const struct pages_row *r)
{
	struct pending row = { m->rx, m->sequence, m->feed_number, m->id };
	struct fsck_finding f;

	if (m->rx <= c->last_rx) {
		if (!r->doubtful)
			check_find(c, of_row(c, &row, FSCK_CORRUPT),
				   "it stands after a later row");
		return;
	}
	c->last_rx = m->rx;
	c->summary.messages++;
	if (m->rx == c->config->verified)
		c->summary.resumed =
			kith_msg_equal(&m->id, &c->config->verified_id);
	note_good(c, m);
	if (r->doubtful) {
		f = of_row(c, &row, FSCK_BAD_PAGE);
		f.page = r->page;
		check_find(c, f, "the message is whole, but not its page");
	}
	check_time(c, &row, m->received_us);
	views_row(c, m);
	look_into(c, &row, m);
}

static void tell_progress(struct check *c, uint64_t rx, const struct rows *w)
{
	struct fsck_progress *p = c->config->progress;

	if (!p || c->summary.messages % PROGRESS_ROWS)
		return;
	p->rx = rx;
	p->messages = c->summary.messages;
	p->bytes = pages_walk_bytes(w->pages);
}

/* False: the row belongs to a later window. */
static bool take_row(struct check *c, const struct rows *w)
{
	const struct pages_row *r = &w->row;
	struct message_row m;
	uint64_t rx;
	bool good;

	if (r->key.n != 8) {
		if (!r->doubtful)
			check_find(c, (struct fsck_finding){
				.class = FSCK_CORRUPT, .table = TABLE_LOG,
				.page = r->page,
			}, "a row of the log has no receive number");
		return true;
	}
	rx = kith_be64(r->key.p);
	good = row_decode(&c->crc, rx, r->value, &m);
	if (good && rx > c->window.base &&
	    rx - c->window.base >= c->window.size)
		return false;
	tell_progress(c, rx, w);
	if (good)
		good_row(c, &m, r);
	else
		note_corrupt(c, rx, r->value);
	return true;
}

/* The next window starts at a row that is there. */
static void next_window(struct check *c, const struct rows *w)
{
	c->window.base = w ? kith_be64(w->row.key.p) : 0;
	c->window.end = UINT64_MAX;
	c->window.count = 0;
	memset(c->window.slots, 0,
	       (size_t)c->window.size * sizeof(*c->window.slots));
}

/* Numbers may have holes, where messages were forgotten.  The count of rows is
 * the file's word, which may be damaged. */
static uint64_t window_size(const struct check *c)
{
	uint64_t most = c->config->window ? c->config->window : FSCK_WINDOW;
	uint64_t rows = pages_rows(c->pages, TABLE_LOG);

	return rows < most / 2 ? 2 * rows + 1 : most;
}

static bool make_room(struct check *c)
{
	struct pool_config config = {
		.threads = c->config->threads,
		.hmac = c->config->hmac,
		.signatures = c->config->depth == FSCK_FULL,
	};

	c->window.size = window_size(c);
	c->window.slots = calloc((size_t)c->window.size,
				 sizeof(*c->window.slots));
	c->pool = pool_start(&config);
	c->pending_size = c->pool ? pool_room(c->pool) : 0;
	c->pending = calloc(c->pending_size ? c->pending_size : 1,
			    sizeof(*c->pending));
	if (c->window.slots && c->pool && c->pending)
		return true;
	c->err = KITH_ENOMEM;
	return false;
}

static void check_windows(struct check *c)
{
	struct rows w;
	bool more;

	rows_start(&w, c, TABLE_LOG);
	more = rows_next(&w);
	next_window(c, NULL);
	while (more && !c->err) {
		if (!take_row(c, &w)) {
			settle_all(c);
			c->window.end = kith_be64(w.row.key.p);
			indexes_check_window(c);
			check_at(c, TABLE_LOG);
			next_window(c, &w);
			continue;
		}
		more = rows_next(&w);
	}
	settle_all(c);
	rows_end(&w);
	c->summary.last_rx = c->last_rx;
	indexes_check_window(c);
	indexes_finish(c);
}

void log_check(struct check *c)
{
	if (make_room(c))
		check_windows(c);
	pool_stop(c->pool);
	free(c->pending);
	free(c->window.slots);
	free(c->holes.items);
	free(c->absent.items);
	free(c->lost.items);
}
