#include "src/views/rows_private.h"

#include <assert.h>
#include <time.h>

/* As much as a commit of messages; and how many rows go between two looks at
 * the clock. */
enum { PUT_DIRTY_BYTES_MAX = 16 << 20, LOOK_EVERY = 64 };

int64_t rows_now_ms(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (int64_t)t.tv_sec * 1000 + t.tv_nsec / 1000000;
}

static void put_number(uint8_t *p, uint64_t n)
{
	for (int i = 5; i >= 0; i--, n >>= 8)
		p[i] = (uint8_t)n;
}

static uint64_t time_of(const struct view_message *m)
{
	double ms = view_time_ms(m);

	return ms > 0 ? (uint64_t)ms : 0;
}

void rows_run(struct rows *r, const struct view *view,
	      const struct view_message *m)
{
	r->view = view;
	r->message = m;
	r->skipped = false;
	put_number(r->place, time_of(m));
	put_number(r->place + 6, m->row->rx);
	view->rows(r, m);
}

void rows_skip(struct rows *r)
{
	r->skipped = true;
}

static void hold(struct held_postings *held, struct kith_slice key)
{
	uint64_t hash = row_sum_hash(held->sum, key, (struct kith_slice){ 0 });

	for (size_t i = 0; i < held->count; i++)
		if (held->hashes[i] == hash)
			return;
	assert(held->count < POSTINGS_HELD_MAX);
	held->hashes[held->count++] = hash;
}

void rows_posting(struct rows *r, const struct term *term)
{
	uint8_t key[TERM_BYTES_MAX + POSTING_BYTES];
	struct kith_slice at = { key, term->n + POSTING_BYTES };

	memcpy(key, term->b, term->n);
	memcpy(key + term->n, r->place, POSTING_BYTES);
	if (r->held)
		hold(r->held, at);
	else if (r->into)
		sheaf_add(r->into, TABLE_POSTINGS, at,
			  (struct kith_slice){ 0 });
	else if (r->out_of)
		txn_delete(r->out_of, TABLE_POSTINGS, at);
	else if (r->private)
		private_row_put(r->private, TABLE_PRIVATE_POSTINGS, at,
				(struct kith_slice){ 0 });
}

/* --- an author's word gives way to the one before --- */

/* Finds what the author of r's message said before of the same; false:
 * nothing that is still held. */
static bool find_earlier(const struct rows *r, const struct subject *of,
			 struct rows *seek)
{
	uint64_t s = r->message->row->sequence;
	struct message_row row;
	struct view_message m;
	struct feed_row feed;

	if (!feed_get(r->out_of, &r->message->author, &feed))
		return false;
	while (s-- > feed.first && !seek->found_bytes) {
		if (!message_by_sequence(r->out_of, feed.number, s, &row))
			continue;
		views_message(&row, &feed, &m);
		seek->seeks = of;
		rows_run(seek, r->view, &m);
	}
	return seek->found_bytes;
}

static void take_back(const struct rows *r, const struct subject *of,
		      struct kith_slice key)
{
	struct rows seek = { 0 };
	struct opinion held = { 0 };
	const struct message_row *row = r->message->row;

	if (!opinion_get(r->out_of, NULL, of, row->feed_number, &held) ||
	    held.sequence != row->sequence)
		return;
	if (find_earlier(r, of, &seek))
		txn_put(r->out_of, TABLE_OPINIONS, key,
			(struct kith_slice){ seek.found, seek.found_bytes });
	else
		txn_delete(r->out_of, TABLE_OPINIONS, key);
}

/* The author's own numbering says which word is newer; of two in one message
 * it is the greater, so that the order does not matter. */
static bool is_newer(struct kith_slice value, struct kith_slice than)
{
	int order = memcmp(value.p, than.p, value.n < than.n ? value.n
							     : than.n);

	return order ? order > 0 : value.n > than.n;
}

static void note_found(struct rows *r, struct kith_slice value)
{
	struct kith_slice held = { r->found, r->found_bytes };

	if (held.n && !is_newer(value, held))
		return;
	memcpy(r->found, value.p, value.n);
	r->found_bytes = value.n;
}

static bool same_subject(const struct subject *a, const struct subject *b)
{
	return a->n == b->n && !memcmp(a->b, b->b, a->n);
}

/* What somebody is called, and how a feed shows itself, is public. */
static bool is_of_a_feed(const struct subject *of)
{
	return of->b[0] == SUBJECT_NAME ||
	       (of->b[0] == SUBJECT_ABOUT && (of->b[1] & 15) == KITH_REF_FEED);
}

/* All words are kept: each has its sequence in its key. */
static void put_private(struct rows *r, const struct subject *of,
			struct kith_slice at, struct kith_slice value)
{
	uint8_t key[SUBJECT_BYTES_MAX + 12];

	if (is_of_a_feed(of))
		return;
	memcpy(key, at.p, at.n);
	kith_put_be64(key + at.n, r->message->row->sequence);
	private_row_put(r->private, TABLE_PRIVATE_OPINIONS,
			(struct kith_slice){ key, at.n + 8 }, value);
}

void rows_opinion(struct rows *r, const struct subject *of,
		  struct kith_slice says)
{
	uint8_t key[SUBJECT_BYTES_MAX + 4];
	uint8_t value[OPINION_HEADER_BYTES + OPINION_BYTES_MAX];
	struct kith_slice at = { key, of->n + 4 };
	const struct message_row *row = r->message->row;

	if (says.n > OPINION_BYTES_MAX)
		says.n = OPINION_BYTES_MAX;
	memcpy(key, of->b, of->n);
	kith_put_be32(key + of->n, row->feed_number);
	put_number(value, row->sequence);
	put_number(value + 6, row->rx);
	if (says.n)
		memcpy(value + OPINION_HEADER_BYTES, says.p, says.n);
	says = (struct kith_slice){ value, OPINION_HEADER_BYTES + says.n };
	if (r->into) {
		sheaf_add(r->into, TABLE_OPINIONS, at, says);
	} else if (r->private) {
		put_private(r, of, at, says);
	} else if (r->out_of) {
		take_back(r, of, at);
	} else if (r->seeks && same_subject(r->seeks, of)) {
		note_found(r, says);
	}
}

/* --- putting in --- */

static void put_opinion(struct cursor *c, const struct sheaf_item *row)
{
	if (!cursor_seek(c, row->key) || !kith_equal(c->key, row->key) ||
	    is_newer(row->value, c->value))
		cursor_put(c, row->key, row->value);
}

void rows_put(struct txn *t, struct sheaf *s, int64_t end_ms)
{
	struct cursor postings, opinions;
	struct sheaf_item row;
	size_t n = 0;

	cursor_open(&postings, t, TABLE_POSTINGS);
	cursor_open(&opinions, t, TABLE_OPINIONS);
	while (!txn_error(t) && sheaf_first(s, &row) &&
	       (++n % LOOK_EVERY || (rows_now_ms() < end_ms &&
				     txn_dirty(t) < PUT_DIRTY_BYTES_MAX))) {
		if (row.table == TABLE_OPINIONS)
			put_opinion(&opinions, &row);
		else
			cursor_put(&postings, row.key, row.value);
		sheaf_drop_first(s);
	}
	cursor_close(&opinions);
	cursor_close(&postings);
}
