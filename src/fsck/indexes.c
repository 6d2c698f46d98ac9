#include "src/fsck/check.h"

#include <inttypes.h>
#include <stdlib.h>

static struct fsck_finding of_place(const struct check *c, uint32_t feed,
				    uint64_t sequence, enum fsck_class class)
{
	const struct feed_check *f = feeds_find(c, feed);
	struct fsck_finding out = { .class = class, .table = TABLE_BY_FEED,
				    .sequence = sequence };

	if (f)
		out.feed = f->row.id;
	return out;
}

static struct fsck_finding of_slot(const struct check *c, const struct slot *s,
				   enum fsck_class class, int table)
{
	struct fsck_finding f = of_place(c, s->feed, s->sequence, class);

	f.table = table;
	f.rx = c->window.base + (uint64_t)(s - c->window.slots);
	return f;
}

/* The slot of a receive number; NULL: it belongs to another window.  Numbers
 * that no row has are given to the window before them, as *none. */
static struct slot *slot_for(struct check *c, uint64_t rx, bool *none)
{
	struct window *w = &c->window;

	*none = false;
	if (rx >= w->base && rx - w->base < w->count)
		return &w->slots[rx - w->base];
	*none = rx >= w->base && (rx < w->end || w->end == UINT64_MAX);
	return NULL;
}

static void hurt(const struct check *c, uint32_t feed)
{
	struct feed_check *f = feeds_find(c, feed);

	if (f)
		f->hurt = true;
}

/* --- by_feed -------------------------------------------------------------- */

static void note_absent(struct check *c, uint32_t feed, uint64_t sequence,
			uint64_t rx, bool told)
{
	struct absent *a = list_add(c, &c->absent, sizeof(*a));

	if (a)
		*a = (struct absent){ feed, told, sequence, rx };
}

static void corrupt_message(struct check *c, uint32_t feed, uint64_t sequence,
			    uint64_t rx)
{
	struct fsck_finding f = of_place(c, feed, sequence, FSCK_CORRUPT);

	f.table = TABLE_LOG;
	f.rx = rx;
	hurt(c, feed);
	check_find(c, f, "its row fails its checksum");
	note_absent(c, feed, sequence, rx, true);
}

static void whole_on_bad_page(struct check *c, const struct pages_row *r,
			      const struct slot *s, int table)
{
	struct fsck_finding f = of_slot(c, s, FSCK_BAD_PAGE, table);

	f.page = r->page;
	check_find(c, f, "its row of %s is whole, but not the page",
		   store_table_name((enum store_table)table));
}

static void match_by_feed(struct check *c, const struct pages_row *r)
{
	uint32_t feed = kith_be32(r->key.p);
	uint64_t sequence = kith_be64(r->key.p + 4);
	uint64_t rx = kith_be64(r->value.p);
	struct fsck_finding f;
	struct slot *s;
	bool none;

	s = slot_for(c, rx, &none);
	if (s && s->state == SLOT_GOOD && s->feed == feed &&
	    s->sequence == sequence) {
		if (r->doubtful && !(s->seen & SEEN_BY_FEED))
			whole_on_bad_page(c, r, s, TABLE_BY_FEED);
		s->seen |= SEEN_BY_FEED;
	} else if (r->doubtful) {
		return;
	} else if (s && s->state == SLOT_CORRUPT) {
		s->seen |= SEEN_BY_FEED;
		corrupt_message(c, feed, sequence, rx);
	} else if (s && s->state == SLOT_GOOD) {
		f = of_place(c, feed, sequence, FSCK_INDEX_WRONG);
		f.rx = rx;
		check_find(c, f, "by_feed leads to another message");
	} else if (s || none) {
		note_absent(c, feed, sequence, rx, false);
	}
}

static void wrong_size(struct check *c, const struct pages_row *r, int table)
{
	if (!r->doubtful)
		check_find(c, (struct fsck_finding){
			.class = FSCK_INDEX_WRONG, .table = table,
			.page = r->page,
		}, "a row of %s has a wrong size",
			   store_table_name((enum store_table)table));
}

static void check_by_feed(struct check *c)
{
	struct rows w;

	rows_start(&w, c, TABLE_BY_FEED);
	while (rows_next(&w))
		if (w.row.key.n == 12 && w.row.value.n == 8)
			match_by_feed(c, &w.row);
		else
			wrong_size(c, &w.row, TABLE_BY_FEED);
	rows_end(&w);
}

/* --- by_id ---------------------------------------------------------------- */

static void match_by_id(struct check *c, const struct pages_row *r)
{
	uint64_t rx = kith_be64(r->value.p);
	struct slot *s;
	bool none;

	s = slot_for(c, rx, &none);
	if (s && s->state == SLOT_GOOD &&
	    !memcmp(s->id, r->key.p, sizeof(s->id))) {
		if (r->doubtful && !(s->seen & SEEN_BY_ID))
			whole_on_bad_page(c, r, s, TABLE_BY_ID);
		s->seen |= SEEN_BY_ID;
	} else if (r->doubtful) {
		return;
	} else if (s && s->state == SLOT_GOOD) {
		check_find(c, of_slot(c, s, FSCK_INDEX_WRONG, TABLE_BY_ID),
			   "by_id has it under another id");
	} else if (none || (s && s->state == SLOT_ABSENT)) {
		check_find(c, (struct fsck_finding){
			.class = FSCK_INDEX_WRONG, .table = TABLE_BY_ID,
			.rx = rx,
		}, "by_id leads to a message that is not there");
	}
}

static void check_by_id(struct check *c)
{
	struct rows w;

	rows_start(&w, c, TABLE_BY_ID);
	while (rows_next(&w))
		if (w.row.key.n == 8 && w.row.value.n == 8)
			match_by_id(c, &w.row);
		else
			wrong_size(c, &w.row, TABLE_BY_ID);
	rows_end(&w);
}

/* --- what no index knows -------------------------------------------------- */

static void check_seen(struct check *c, const struct slot *s)
{
	struct fsck_finding f;

	if (s->state == SLOT_CORRUPT && !(s->seen & SEEN_BY_FEED))
		check_find(c, of_slot(c, s, FSCK_CORRUPT, TABLE_LOG),
			   "its row fails its checksum");
	if (s->state != SLOT_GOOD)
		return;
	if (!(s->seen & SEEN_BY_FEED) && !check_skips(c, TABLE_BY_FEED))
		check_find(c, of_slot(c, s, FSCK_INDEX_STALE, TABLE_BY_FEED),
			   "by_feed lacks it");
	f = of_slot(c, s, FSCK_INDEX_STALE, TABLE_BY_ID);
	if (!(s->seen & SEEN_BY_ID) && f.rx < c->unindexed &&
	    !check_skips(c, TABLE_BY_ID))
		check_find(c, f, "by_id lacks it");
}

void indexes_check_window(struct check *c)
{
	if (check_skips(c, TABLE_LOG))
		return;
	check_by_feed(c);
	check_by_id(c);
	for (uint64_t i = 0; i < c->window.count && !c->err; i++)
		check_seen(c, &c->window.slots[i]);
}

/* --- what is missing ------------------------------------------------------ */

static int absent_by_place(const void *left, const void *right)
{
	const struct absent *a = left, *b = right;

	if (a->feed != b->feed)
		return a->feed < b->feed ? -1 : 1;
	return (a->sequence > b->sequence) - (a->sequence < b->sequence);
}

static int by_place(const void *left, const void *right)
{
	const struct hole *a = left, *b = right;

	if (a->feed != b->feed)
		return a->feed < b->feed ? -1 : 1;
	return (a->first > b->first) - (a->first < b->first);
}

/* The hole that a place lies in, or NULL. */
static struct hole *find_hole(const struct check *c, uint32_t feed,
			      uint64_t sequence)
{
	struct hole *holes = c->holes.items;
	size_t low = 0, high = c->holes.count;

	while (low < high) {
		size_t middle = low + (high - low) / 2;
		struct hole *h = &holes[middle];

		if (h->feed == feed && sequence >= h->first &&
		    sequence <= h->last)
			return h;
		if (h->feed < feed ||
		    (h->feed == feed && h->last < sequence))
			low = middle + 1;
		else
			high = middle;
	}
	return NULL;
}

static const struct lost *find_lost(const struct check *c, uint64_t rx)
{
	const struct lost *lost = c->lost.items;

	for (size_t i = 0; i < c->lost.count; i++)
		if (rx >= lost[i].low && rx < lost[i].high)
			return &lost[i];
	return NULL;
}

static bool log_has(const struct check *c, uint32_t feed, uint64_t sequence)
{
	const struct feed_check *f = feeds_find(c, feed);

	return f && sequence >= f->first && sequence <= f->last &&
	       !find_hole(c, feed, sequence);
}

static void tell_absent(struct check *c, const struct absent *a)
{
	const struct lost *lost = find_lost(c, a->rx);
	struct fsck_finding f;

	if (a->told)
		return;
	if (log_has(c, a->feed, a->sequence)) {
		f = of_place(c, a->feed, a->sequence, FSCK_INDEX_WRONG);
		f.rx = a->rx;
		check_find(c, f, "by_feed leads to a receive number that no "
			   "message has");
		return;
	}
	f = of_place(c, a->feed, a->sequence, FSCK_CORRUPT);
	f.table = TABLE_LOG;
	f.rx = a->rx;
	hurt(c, a->feed);
	if (lost) {
		f.page = lost->page;
		check_find(c, f, "it is lost with a damaged page");
	} else {
		check_find(c, f, "the log lacks it");
	}
}

/* What of a hole was named by the index is no gap any more. */
static bool named(const struct check *c, uint32_t feed, uint64_t sequence)
{
	const struct absent key = { .feed = feed, .sequence = sequence };

	return c->absent.count && bsearch(&key, c->absent.items,
					  c->absent.count, sizeof(key),
					  absent_by_place);
}

/* Neither the log nor by_feed knows these. */
static void tell_hole(struct check *c, const struct hole *h)
{
	uint64_t known = 0;

	for (uint64_t s = h->first; s <= h->last && s - h->first < LIST_MAX;
	     s++)
		known += named(c, h->feed, s);
	if (known == h->last - h->first + 1)
		return;
	if (!known) {
		struct fsck_finding f = of_place(c, h->feed, h->first,
						 FSCK_GAP);

		f.table = TABLE_LOG;
		f.last = h->last;
		check_find(c, f, "messages between others are missing");
		return;
	}
	for (uint64_t s = h->first; s <= h->last && s - h->first < LIST_MAX;
	     s++)
		if (!named(c, h->feed, s)) {
			struct fsck_finding f =
				of_place(c, h->feed, s, FSCK_GAP);

			f.table = TABLE_LOG;
			check_find(c, f,
				   "messages between others are missing");
		}
}

void indexes_finish(struct check *c)
{
	const struct absent *absent;
	const struct hole *holes;

	if (check_skips(c, TABLE_LOG) || c->err)
		return;
	if (c->holes.count)
		qsort(c->holes.items, c->holes.count, sizeof(struct hole),
		      by_place);
	if (c->absent.count)
		qsort(c->absent.items, c->absent.count, sizeof(struct absent),
		      absent_by_place);
	absent = c->absent.items;
	holes = c->holes.items;
	for (size_t i = 0; i < c->absent.count; i++)
		tell_absent(c, &absent[i]);
	for (size_t i = 0; i < c->holes.count; i++)
		tell_hole(c, &holes[i]);
}

/* --- quick ---------------------------------------------------------------- */

static void follow(struct check *c, struct feed_check *f, uint64_t sequence)
{
	struct fsck_finding gap;

	if (!f->indexed_last) {
		f->indexed_first = sequence;
	} else if (sequence != f->indexed_last + 1) {
		gap = of_place(c, f->number, f->indexed_last + 1, FSCK_GAP);
		gap.last = sequence - 1;
		check_find(c, gap, "by_feed jumps over messages");
	}
	f->indexed_last = sequence;
}

static void compare_counts(struct check *c)
{
	static const enum store_table same[] = { TABLE_BY_FEED, TABLE_BY_ID };
	uint64_t log = pages_rows(c->pages, TABLE_LOG);

	for (size_t i = 0; i < sizeof(same) / sizeof(*same); i++) {
		uint64_t n = pages_rows(c->pages, (int)same[i]);

		/* What waits for a writer is not lost. */
		if (same[i] == TABLE_BY_ID && n < log &&
		    c->unindexed != UINT64_MAX)
			continue;
		if (n != log)
			check_find(c, (struct fsck_finding){
				.class = FSCK_INDEX_STALE,
				.table = (int)same[i],
			}, "%s has %" PRIu64 " rows, the log has %" PRIu64,
				   store_table_name(same[i]), n, log);
	}
}

void indexes_check_quick(struct check *c)
{
	struct feed_check *f;
	struct rows w;

	compare_counts(c);
	rows_start(&w, c, TABLE_BY_FEED);
	while (rows_next(&w)) {
		if (w.row.key.n != 12 || w.row.value.n != 8) {
			wrong_size(c, &w.row, TABLE_BY_FEED);
			continue;
		}
		f = w.row.doubtful ? NULL
				   : feeds_find(c, kith_be32(w.row.key.p));
		if (f)
			follow(c, f, kith_be64(w.row.key.p + 4));
		else if (!w.row.doubtful)
			check_find(c, (struct fsck_finding){
				.class = FSCK_INDEX_WRONG,
				.table = TABLE_BY_FEED, .page = w.row.page,
				.sequence = kith_be64(w.row.key.p + 4),
			}, "by_feed names a feed that is not there");
	}
	rows_end(&w);
	for (size_t i = 0; i < c->feeds.count; i++)
		c->summary.messages += c->feeds.feeds[i].indexed_last
			? c->feeds.feeds[i].indexed_last -
				  c->feeds.feeds[i].indexed_first + 1
			: 0;
}
