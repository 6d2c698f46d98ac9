/* Catching up with the log, a slice at a time. */
#include <inttypes.h>
#include <stdlib.h>
#include <time.h>

#include "feeds/channel.h"
#include "feeds/list.h"
#include "src/log.h"
#include "src/views/private.h"
#include "src/views/search_private.h"
#include "src/views/search_text.h"
#include "src/views/view.h"

/* Text gathered in one slice, in memory. */
enum { SLICE_TEXT_BYTES = 4 << 20 };

#define NO_ID UINT64_MAX

struct post {
	struct search_row row;
	uint64_t time_ms;
	uint32_t author;
	size_t text, text_bytes, who, who_bytes; /* in the buffers */
};

struct fold {
	struct search *s;
	struct store *store;
	struct search_slice *slice;
	struct kith_error *e;
	struct kith_buf text, who;
	struct post *posts;
	size_t count, room;
};

static int64_t now_us(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (int64_t)t.tv_sec * 1000000 + t.tv_nsec / 1000;
}

/* --- reading the log --- */

static struct post *new_post(struct fold *f)
{
	struct post *more = list_room(f->posts, f->count, &f->room,
				      sizeof(*more));

	if (!more)
		return NULL;
	f->posts = more;
	return &f->posts[f->count];
}

static void put_who(struct fold *f, const struct view_message *m)
{
	char name[CHANNEL_TEXT_BYTES];
	size_t step = 0, n;

	search_put_author(&f->who, m->row->feed_number);
	while (search_channel_next(m->content, &step, name, &n)) {
		kith_buf_byte(&f->who, ' ');
		search_put_channel(&f->who, (struct kith_slice){
						    (const uint8_t *)name, n });
	}
}

/* Only what is in words becomes a post; errors stay in the buffers. */
static enum kith_err take(struct fold *f, struct txn *t,
			  const struct message_row *row)
{
	size_t text = f->text.n, who = f->who.n;
	struct view_message m;
	struct post *p;

	if (!viewer_message(&f->s->reader, t, row, &m))
		return KITH_EIO;
	search_text(m.content, &f->text, &f->s->scratch);
	if (f->text.n == text)
		return f->text.err;
	put_who(f, &m);
	p = new_post(f);
	if (!p || f->text.err || f->who.err)
		return KITH_ENOMEM;
	*p = (struct post){
		.row = { .rx = row->rx,
			 .message = search_message_word(&row->id) },
		.time_ms = search_time_of(&m),
		.text = text, .text_bytes = f->text.n - text,
		.who = who, .who_bytes = f->who.n - who,
	};
	f->count++;
	return KITH_OK;
}

static enum kith_err read_log(struct fold *f, struct txn *t,
			      struct search_part *p)
{
	size_t left = f->slice->messages;
	enum kith_err err = KITH_OK;
	struct message_row row;
	struct search_walk w;

	p->at_end = true;
	search_walk_start(&w, f->s, t, p->position);
	while (!err && search_walk_next(&w, &row)) {
		if (!left-- || f->text.n > SLICE_TEXT_BYTES) {
			p->at_end = false;
			break;
		}
		err = take(f, t, &row);
		p->position = w.at;
		p->message = search_message_word(&row.id);
		p->count++;
	}
	search_walk_end(&w);
	viewer_turn(&f->s->reader);
	if (!err)
		err = txn_error(t);
	f->slice->done = p->count;
	f->slice->total = search_source_count(f->s, t);
	p->stale = p->at_end && p->count != f->slice->total;
	return err;
}

static enum kith_err read_slice(struct fold *f, struct search_part *p)
{
	enum kith_err err;
	struct txn *t;

	f->count = 0;
	kith_buf_reset(&f->text);
	kith_buf_reset(&f->who);
	err = store_read(f->store, &t);
	if (err)
		return kith_fail(f->e, err, 0, "the store: %s",
				 kith_strerror(err));
	p->foreign = !search_part_fits(f->s, t, p);
	if (!p->foreign)
		err = read_log(f, t, p);
	txn_end(t);
	return err ? kith_fail(f->e, err, 0, "reading the log: %s",
			       kith_strerror(err))
		   : KITH_OK;
}

/* --- putting rows in --- */

static int by_time(const void *a, const void *b)
{
	const struct post *x = a, *y = b;

	if (x->time_ms != y->time_ms)
		return x->time_ms < y->time_ms ? -1 : 1;
	return (x->row.rx > y->row.rx) - (x->row.rx < y->row.rx);
}

static int by_id(const void *a, const void *b)
{
	const struct post *x = a, *y = b;

	return (x->row.id > y->row.id) - (x->row.id < y->row.id);
}

/* Gives p its id.  Where so many posts claim one moment that none is free, it
 * is left out, with NO_ID. */
static int put_row(struct fold *f, sqlite3_stmt *put, struct post *p)
{
	int rc = SQLITE_DONE;

	for (unsigned k = 0; k < SEARCH_SLOTS; k++) {
		p->row.id = search_slot(p->time_ms, p->row.rx, k);
		sqlite3_bind_int64(put, 1, (sqlite3_int64)p->row.id);
		sqlite3_bind_int64(put, 2, (sqlite3_int64)p->row.rx);
		sqlite3_bind_int64(put, 3, p->row.message);
		rc = sqlite3_step(put);
		sqlite3_reset(put);
		if (rc != SQLITE_DONE || sqlite3_changes(f->s->db))
			return rc;
	}
	p->row.id = NO_ID;
	return rc;
}

static int put_words(struct fold *f, sqlite3_stmt *put, const struct post *p)
{
	int rc;

	sqlite3_bind_int64(put, 1, (sqlite3_int64)p->row.id);
	sqlite3_bind_text(put, 2, (const char *)f->text.p + p->text,
			  (int)p->text_bytes, SQLITE_STATIC);
	sqlite3_bind_text(put, 3, (const char *)f->who.p + p->who,
			  (int)p->who_bytes, SQLITE_STATIC);
	rc = sqlite3_step(put);
	sqlite3_reset(put);
	return rc;
}

static int put_all(struct fold *f, sqlite3_stmt *rows, sqlite3_stmt *words)
{
	int rc = SQLITE_DONE;

	qsort(f->posts, f->count, sizeof(*f->posts), by_time);
	for (size_t i = 0; i < f->count && rc == SQLITE_DONE; i++)
		rc = put_row(f, rows, &f->posts[i]);
	qsort(f->posts, f->count, sizeof(*f->posts), by_id);
	for (size_t i = 0; i < f->count && rc == SQLITE_DONE; i++)
		if (f->posts[i].row.id != NO_ID)
			rc = put_words(f, words, &f->posts[i]);
	return rc;
}

/* FTS5 takes rows in the order of their ids at a fraction of the price. */
static enum kith_err put_posts(struct fold *f, struct search_part *p)
{
	sqlite3_stmt *rows, *words;
	enum kith_err err;
	int rc = SQLITE_NOMEM;

	if (!f->count)
		return KITH_OK;
	rows = search_prepare(f->s, f->e, "INSERT OR IGNORE INTO rows%d"
			      " VALUES(?1, ?2, ?3)", p->number);
	words = search_prepare(f->s, f->e, "INSERT INTO words%d(rowid, text,"
			       " who) VALUES(?1, ?2, ?3)", p->number);
	if (rows && words)
		rc = put_all(f, rows, words);
	err = search_error(f->s, rows && words
				 ? rc : sqlite3_extended_errcode(f->s->db),
			   f->e);
	sqlite3_finalize(rows);
	sqlite3_finalize(words);
	p->posts += f->count;
	return err;
}

static enum kith_err fold_part(struct fold *f, struct search_part *p)
{
	uint64_t before = p->position;
	enum kith_err err = read_slice(f, p);

	if (err || p->foreign || p->position == before)
		return err;
	err = put_posts(f, p);
	return err ? err : search_part_write(f->s, p, f->e);
}

/* --- one call --- */

/* Every part goes, and the live one begins anew. */
static enum kith_err start_anew(struct fold *f, const char *why)
{
	struct search_part p;
	enum kith_err err = KITH_OK;

	for (int live = 0; live < 2 && !err; live++) {
		err = search_part_read(f->s, live, &p, f->e);
		if (!err && p.number)
			err = search_part_drop(f->s, p.number, f->e);
	}
	if (!err)
		err = search_part_make(f->s, 1, f->e);
	if (!err)
		err = search_run(f->s, f->e, "UPDATE state SET live = 1");
	f->s->why = why;
	f->s->spent_us = 0;
	f->slice->more = true;
	return err;
}

/* The part that takes the place of the live one, made if there is none. */
static enum kith_err other_part(struct fold *f, const struct search_part *live,
				struct search_part *out)
{
	enum kith_err err = search_part_read(f->s, false, out, f->e);

	if (err || out->number)
		return err;
	f->s->why = "messages are gone";
	f->s->spent_us = 0;
	err = search_part_make(f->s, 3 - live->number, f->e);
	return err ? err : search_part_read(f->s, false, out, f->e);
}

static enum kith_err drop_part(struct fold *f, const struct search_part *p)
{
	f->slice->more = true;
	return search_part_drop(f->s, p->number, f->e);
}

/* A step of filling the part that has no words of what is gone. */
static enum kith_err sweep(struct fold *f, const struct search_part *live)
{
	struct search_part p;
	enum kith_err err = other_part(f, live, &p);

	if (!err)
		err = fold_part(f, &p);
	if (err)
		return err;
	if (p.stale || p.foreign)
		return drop_part(f, &p);
	f->slice->more = true;
	if (!p.at_end)
		return KITH_OK;
	err = search_run(f->s, f->e, "UPDATE state SET live = part = %d",
			 p.number);
	if (!err)
		err = search_part_drop(f->s, live->number, f->e);
	f->slice->stale = false;
	f->slice->more = false;
	return err;
}

static enum kith_err compare(struct fold *f, const struct search_part *p,
			     bool *same)
{
	struct txn *t;
	enum kith_err err = store_read(f->store, &t);

	if (err)
		return kith_fail(f->e, err, 0, "the store: %s",
				 kith_strerror(err));
	err = search_part_compare(f->s, t, p, same, f->e);
	txn_end(t);
	return err;
}

static enum kith_err fold_live(struct fold *f)
{
	struct search_part live;
	enum kith_err err = search_part_read(f->s, true, &live, f->e);
	bool same = true;

	if (!err && live.number && !f->s->checked)
		err = compare(f, &live, &same);
	if (err)
		return err;
	f->s->checked = true;
	if (!live.number)
		return start_anew(f, "it had no tables");
	if (!same)
		return start_anew(f, "it was of another store");
	err = fold_part(f, &live);
	if (!err && live.foreign)
		return start_anew(f, "it was of another store");
	f->slice->more = !live.at_end;
	f->slice->stale = live.stale;
	if (!err && live.stale && f->slice->sweep)
		err = sweep(f, &live);
	return err;
}

/* Gives room back, and takes what was dropped out of the files. */
static enum kith_err tidy(struct fold *f)
{
	int64_t unused = 0;
	enum kith_err err = search_number(f->s, &unused, f->e,
					  "PRAGMA freelist_count");

	if (err || !unused)
		return err;
	return search_run(f->s, f->e, "PRAGMA incremental_vacuum;"
				      "PRAGMA wal_checkpoint(TRUNCATE)");
}

static void tell(struct fold *f)
{
	struct search *s = f->s;

	if (s->why && !f->slice->more && !(f->slice->stale && f->slice->sweep)) {
		log_info(LOG_STORE, "search: the index was made anew, since %s "
			 "messages=%" PRIu64 " ms=%" PRId64, s->why,
			 f->slice->done, s->spent_us / 1000);
		s->why = NULL;
		s->spent_us = 0;
	}
}

static enum kith_err fold_slice(struct fold *f)
{
	enum kith_err err = search_run(f->s, f->e, "BEGIN IMMEDIATE");

	if (err)
		return err;
	err = fold_live(f);
	if (!err)
		err = search_run(f->s, f->e, "COMMIT");
	if (!sqlite3_get_autocommit(f->s->db))
		sqlite3_exec(f->s->db, "ROLLBACK", NULL, NULL, NULL);
	if (!err && !f->slice->more)
		err = tidy(f);
	return err;
}

/* What nobody can write may have all there is. */
static enum kith_err look_only(struct fold *f)
{
	struct search_part live;
	enum kith_err err = search_part_read(f->s, true, &live, f->e);
	bool current;
	struct txn *t;

	if (!err)
		err = store_read(f->store, &t);
	if (err)
		return err;
	current = search_part_is_current(f->s, t, &live);
	f->slice->done = live.count;
	f->slice->total = search_source_count(f->s, t);
	txn_end(t);
	return current ? KITH_OK
		       : kith_fail(f->e, KITH_EDENIED, 0,
				   "%s cannot be written", f->s->path);
}

enum kith_err search_catch_up(struct search *s, struct store *st,
			      struct search_slice *slice, struct kith_error *e)
{
	struct fold f = { .s = s, .store = st, .slice = slice, .e = e,
			  .text = { .limit = SIZE_MAX },
			  .who = { .limit = SIZE_MAX } };
	int64_t start_us = now_us();
	enum kith_err err;

	slice->more = slice->stale = false;
	err = search_refresh(s, e);
	if (!err)
		err = s->writes ? fold_slice(&f) : look_only(&f);
	if (err && s->damaged) {
		log_warn(LOG_STORE, "search: %s is damaged, and made anew",
			 s->path);
		slice->more = true;
		err = KITH_OK;
	}
	s->spent_us += now_us() - start_us;
	if (!err)
		tell(&f);
	kith_buf_free(&f.text);
	kith_buf_free(&f.who);
	free(f.posts);
	return err;
}
