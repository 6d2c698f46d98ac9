/* Answers: expressions are run by FTS5, and each hit looked up in the log. */
#include <inttypes.h>
#include <stdlib.h>

#include "feeds/channel.h"
#include "feeds/list.h"
#include "feeds/ref.h"
#include "src/views/search_private.h"
#include "src/views/search_text.h"
#include "src/views/view.h"

static bool fail(struct search_hits *h, enum kith_err err)
{
	if (!h->err)
		h->err = err ? err : KITH_EIO;
	return false;
}

static bool fail_db(struct search_hits *h, int rc)
{
	return fail(h, search_error(h->s, rc, &h->error));
}

/* --- the query --- */

struct asking {
	struct txn *t;
	const struct search_query *q;
};

/* A feed that the log does not know has written nothing. */
static uint32_t number_of(struct txn *t, const struct kith_feed_id *id)
{
	struct feed_row feed;

	return feed_get(t, id, &feed) ? feed.number : 0;
}

static bool find_author(void *arg, struct kith_slice name, uint32_t *number,
			struct kith_error *e)
{
	const struct asking *a = arg;
	struct kith_feed_id id;
	struct kith_ref ref;

	if (!kith_ref_parse(name, &ref, NULL) && ref.kind == KITH_REF_FEED)
		id = ref.feed;
	else if (!a->q->author_named) {
		kith_fail(e, KITH_EFORMAT, 0, "a feed id is needed");
		return false;
	} else if (!a->q->author_named(a->q->arg, a->t, name, &id, e))
		return false;
	*number = number_of(a->t, &id);
	return true;
}

static enum kith_err add_author(struct search_hits *h,
				const struct kith_feed_id *author)
{
	struct kith_buf term = { .limit = 32 };

	search_put_author(&term, number_of(h->t, author));
	search_parsed_and(&h->parsed, kith_bytes(&term));
	kith_buf_free(&term);
	return term.err;
}

static enum kith_err add_channel(struct search_hits *h,
				 struct kith_slice channel,
				 struct kith_error *e)
{
	struct kith_buf term = { .limit = 4 * CHANNEL_TEXT_BYTES };
	char name[CHANNEL_TEXT_BYTES];
	size_t n = channel_normalize(channel, name);

	if (!n)
		return kith_fail(e, KITH_EFORMAT, 0,
				 "no channel has such a name");
	search_put_channel(&term, (struct kith_slice){ (const uint8_t *)name,
						       n });
	search_parsed_and(&h->parsed, kith_bytes(&term));
	kith_buf_free(&term);
	return term.err;
}

/* Words of nothing but signs would find nothing, and not say why. */
static enum kith_err read_phrases(struct search_hits *h, struct kith_error *e)
{
	for (size_t i = 0; i < h->parsed.count; i++) {
		const struct search_phrase *p = &h->parsed.phrases[i];
		enum kith_err err = search_words_read(h->s, p->text,
						      &h->words[i]);

		if (err)
			return kith_fail(e, err, 0, "%s", kith_strerror(err));
		if (!h->words[i].count)
			return kith_fail(e, KITH_EFORMAT, p->offset,
					 "\"%.*s\": only letters and digits "
					 "can be searched for",
					 p->text.n > 40 ? 40 : (int)p->text.n,
					 (const char *)p->text.p);
	}
	return KITH_OK;
}

static uint64_t later(uint64_t a, uint64_t b)
{
	return a > b ? a : b;
}

static uint64_t sooner(uint64_t a, uint64_t b)
{
	return !a ? b : !b ? a : a < b ? a : b;
}

static enum kith_err read_query(struct search_hits *h,
				const struct search_query *q,
				struct kith_error *e)
{
	struct asking asking = { h->t, q };
	enum kith_err err = search_parse(q->text, find_author, &asking,
					 &h->parsed, e);

	if (!err && q->author)
		err = add_author(h, q->author);
	if (!err && q->channel.n)
		err = add_channel(h, q->channel, e);
	if (!err)
		err = read_phrases(h, e);
	if (!err && !h->parsed.match.n)
		err = kith_fail(e, KITH_EFORMAT, 0, "there is nothing to look "
				"for: say a word, an author or a channel");
	kith_buf_byte(&h->parsed.match, 0);
	if (!err && h->parsed.match.err)
		err = kith_fail(e, KITH_ENOMEM, 0, "out of memory");
	h->sort = q->sort;
	h->after_ms = later(q->after_ms, h->parsed.after_ms);
	h->before_ms = sooner(q->before_ms, h->parsed.before_ms);
	if (!h->before_ms)
		h->before_ms = UINT64_MAX;
	return err;
}

/* --- statements --- */

/* No id of what was written before ms is greater. */
static int64_t last_id(uint64_t ms)
{
	return ms < SEARCH_TIME_MAX ? (int64_t)(ms + SEARCH_SLOT_MAX)
				    : INT64_MAX;
}

static const char *match_text(const struct search_hits *h)
{
	return (const char *)h->parsed.match.p;
}

static bool start_rows(struct search_hits *h)
{
	int p = h->part;

	if (h->sort == SEARCH_NEWEST)
		h->rows = search_prepare(
			h->s, &h->error, "SELECT words%d.rowid, rx, message, 0"
			" FROM words%d CROSS JOIN rows%d"
			" ON rows%d.id = words%d.rowid"
			" WHERE words%d MATCH ?1 AND words%d.rowid"
			" BETWEEN ?2 AND ?3 ORDER BY words%d.rowid DESC",
			p, p, p, p, p, p, p, p);
	else
		h->rows = search_prepare(
			h->s, &h->error, "SELECT w, rx, message, b FROM"
			" (SELECT rowid AS w, bm25(words%d, 1.0, 0.0) AS b"
			" FROM words%d WHERE words%d MATCH ?1"
			" AND rowid BETWEEN ?2 AND ?3"
			" ORDER BY rowid DESC LIMIT %d)"
			" CROSS JOIN rows%d ON rows%d.id = w",
			p, p, p, SEARCH_RANKED_MAX, p, p);
	if (!h->rows)
		return fail(h, KITH_EIO);
	sqlite3_bind_text(h->rows, 1, match_text(h), -1, SQLITE_STATIC);
	sqlite3_bind_int64(h->rows, 2, (int64_t)h->after_ms);
	sqlite3_bind_int64(h->rows, 3, last_id(h->before_ms));
	return true;
}

/* --- one row of the file, one message of the log --- */

static bool push(struct search_hits *h, const struct search_pending *p)
{
	struct search_pending *more;

	more = list_room(h->pending, h->pending_count, &h->pending_room,
			 sizeof(*more));
	if (!more)
		return fail(h, KITH_ENOMEM);
	h->pending = more;
	h->pending[h->pending_count++] = *p;
	return true;
}

/* The message that a row means; false: it is gone, hidden, or not within the
 * time asked for. */
static bool look_up(struct search_hits *h, struct search_pending *p,
		    struct message_row *row)
{
	struct feed_row feed = { .id = { 0 } };
	struct view_message m;

	if (!message_get(h->t, p->row.rx, row) ||
	    search_message_word(&row->id) != p->row.message ||
	    viewer_hides(h->viewer, row->feed_number))
		return false;
	views_message(row, &feed, &m);
	p->at = (struct posting){ search_time_of(&m), row->rx };
	return p->at.time_ms >= h->after_ms && p->at.time_ms < h->before_ms;
}

static struct search_row row_of(sqlite3_stmt *rows)
{
	return (struct search_row){
		.id = (uint64_t)sqlite3_column_int64(rows, 0),
		.rx = (uint64_t)sqlite3_column_int64(rows, 1),
		.message = sqlite3_column_int64(rows, 2),
	};
}

static bool step_row(struct search_hits *h, struct search_pending *out)
{
	int rc = sqlite3_step(h->rows);

	if (rc != SQLITE_ROW) {
		h->over = true;
		if (rc != SQLITE_DONE)
			fail_db(h, rc);
		return false;
	}
	*out = (struct search_pending){
		.row = row_of(h->rows),
		.rank = -sqlite3_column_double(h->rows, 3),
	};
	return true;
}

/* --- newest first --- */

/* Keeps pending in order; it is nearly always empty or in order already. */
static void sift(struct search_hits *h)
{
	struct search_pending last = h->pending[h->pending_count - 1];
	size_t i = h->pending_count - 1;

	for (; i && posting_compare(&last.at, &h->pending[i - 1].at) < 0; i--)
		h->pending[i] = h->pending[i - 1];
	h->pending[i] = last;
}

static void read_newest(struct search_hits *h)
{
	struct search_pending p;
	struct message_row row;

	if (!step_row(h, &p))
		return;
	h->read_id = p.row.id;
	if (look_up(h, &p, &row) && push(h, &p))
		sift(h);
}

/* What is still to be read has a smaller id, and so an earlier time. */
static bool is_settled(const struct search_hits *h)
{
	return h->pending_count &&
	       (h->over ||
		h->pending[h->pending_count - 1].at.time_ms >= h->read_id);
}

/* --- best first --- */

static int by_rank(const void *a, const void *b)
{
	const struct search_pending *x = a, *y = b;

	if (x->rank != y->rank)
		return x->rank < y->rank ? -1 : 1;
	return (x->row.id > y->row.id) - (x->row.id < y->row.id);
}

static void read_best(struct search_hits *h)
{
	struct search_pending p;

	while (!h->err && step_row(h, &p))
		push(h, &p);
	if (h->pending_count)
		qsort(h->pending, h->pending_count, sizeof(*h->pending),
		      by_rank);
}

/* --- the answer --- */

static bool begin(struct search_hits *h)
{
	h->begun = true;
	if (!start_rows(h))
		return false;
	if (h->sort == SEARCH_BEST)
		read_best(h);
	return !h->err;
}

/* The next pending one, as it is in the log. */
static bool take(struct search_hits *h, struct search_hit *out)
{
	struct search_pending *p = &h->pending[--h->pending_count];

	if (!look_up(h, p, &out->row))
		return false;
	out->at = p->at;
	out->rank = h->sort == SEARCH_BEST ? p->rank : 0;
	return true;
}

bool search_next(struct search_hits *h, struct search_hit *out)
{
	if (h->err || (!h->begun && !begin(h)))
		return false;
	for (;;) {
		while (h->sort == SEARCH_NEWEST && !h->over && !h->err &&
		       !is_settled(h))
			read_newest(h);
		if (txn_error(h->t))
			fail(h, txn_error(h->t));
		if (h->err || !h->pending_count)
			return false;
		if (take(h, out))
			return true;
	}
}

/* --- one message --- */

static bool find_row(struct search_hits *h, const struct view_message *m,
		     uint64_t *id)
{
	uint64_t time_ms = search_time_of(m);
	bool found = false;
	int rc = SQLITE_ROW;

	for (unsigned k = 0; k < SEARCH_SLOTS && rc == SQLITE_ROW && !found;
	     k++) {
		*id = search_slot(time_ms, m->row->rx, k);
		sqlite3_bind_int64(h->slot, 1, (int64_t)*id);
		rc = sqlite3_step(h->slot);
		found = rc == SQLITE_ROW &&
			(uint64_t)sqlite3_column_int64(h->slot, 0) ==
				m->row->rx &&
			sqlite3_column_int64(h->slot, 1) ==
				search_message_word(&m->row->id);
		sqlite3_reset(h->slot);
	}
	if (rc != SQLITE_ROW && rc != SQLITE_DONE)
		fail_db(h, rc);
	return found;
}

static bool prepare_has(struct search_hits *h)
{
	if (!h->slot)
		h->slot = search_prepare(h->s, &h->error, "SELECT rx, message"
					 " FROM rows%d WHERE id = ?1", h->part);
	if (!h->has)
		h->has = search_prepare(h->s, &h->error, "SELECT 1 FROM words%d"
					" WHERE words%d MATCH ?1"
					" AND rowid = ?2", h->part, h->part);
	return h->slot && h->has ? true : fail(h, KITH_EIO);
}

bool search_has(struct search_hits *h, const struct view_message *m)
{
	uint64_t time_ms = search_time_of(m), id;
	int rc;

	if (h->err || time_ms < h->after_ms || time_ms >= h->before_ms ||
	    viewer_hides(h->viewer, m->row->feed_number) || !prepare_has(h) ||
	    !find_row(h, m, &id))
		return false;
	sqlite3_bind_text(h->has, 1, match_text(h), -1, SQLITE_STATIC);
	sqlite3_bind_int64(h->has, 2, (int64_t)id);
	rc = sqlite3_step(h->has);
	sqlite3_reset(h->has);
	if (rc != SQLITE_ROW && rc != SQLITE_DONE)
		fail_db(h, rc);
	return rc == SQLITE_ROW;
}

/* --- beginning and end --- */

/* All that is asked in one answer is asked of one state of the file. */
static enum kith_err enter(struct search *s, int *part, struct kith_error *e)
{
	enum kith_err err = KITH_OK;
	int64_t live = 0;

	if (!s->readers++)
		err = search_run(s, e, "BEGIN");
	if (!err)
		err = search_number(s, &live, e,
				    "SELECT part FROM state WHERE live = 1");
	if (!err && live != 1 && live != 2) {
		s->damaged = true;
		err = kith_fail(e, KITH_EIO, 0, "%s is damaged: it is made "
				"anew", s->path);
	}
	*part = (int)live;
	return err;
}

static void leave(struct search *s)
{
	if (!--s->readers && !sqlite3_get_autocommit(s->db))
		sqlite3_exec(s->db, "COMMIT", NULL, NULL, NULL);
}

enum kith_err search_find(struct search *s, struct txn *t,
			  const struct search_query *q, const struct viewer *v,
			  struct search_hits **out, struct kith_error *e)
{
	struct search_hits *h = calloc(1, sizeof(*h));
	enum kith_err err;

	if (!h)
		return kith_fail(e, KITH_ENOMEM, 0, "out of memory");
	h->s = s;
	h->t = t;
	h->viewer = v;
	err = enter(s, &h->part, e);
	if (!err)
		err = read_query(h, q, e);
	if (err)
		search_hits_end(h);
	else
		*out = h;
	return err;
}

enum kith_err search_hits_error(const struct search_hits *h,
				struct kith_error *e)
{
	if (h->err && e && !e->code)
		*e = h->error;
	return h->err ? kith_fail(e, h->err, 0, "%s", kith_strerror(h->err))
		      : KITH_OK;
}

void search_hits_end(struct search_hits *h)
{
	if (!h)
		return;
	sqlite3_finalize(h->rows);
	sqlite3_finalize(h->slot);
	sqlite3_finalize(h->has);
	leave(h->s);
	for (size_t i = 0; i < h->parsed.count; i++)
		search_words_clear(&h->words[i]);
	search_parsed_clear(&h->parsed);
	free(h->pending);
	free(h);
}
