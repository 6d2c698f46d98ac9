#include "src/fsck/check.h"

#include <inttypes.h>
#include <stdlib.h>

#include "src/store/keys.h"
#include "src/store/seal.h"

enum { FIRST_CAPACITY = 256 };

static size_t spread(uint32_t number)
{
	return number * UINT32_C(2654435761);
}

struct feed_check *feeds_find(const struct check *c, uint32_t number)
{
	const struct feed_table *t = &c->feeds;
	uint32_t at;

	if (!t->slot_count)
		return NULL;
	for (size_t i = spread(number);; i++) {
		at = t->slots[i % t->slot_count];
		if (!at)
			return NULL;
		if (t->feeds[at - 1].number == number)
			return &t->feeds[at - 1];
	}
}

static void put_slot(struct feed_table *t, uint32_t i)
{
	size_t at = spread(t->feeds[i].number);

	while (t->slots[at % t->slot_count])
		at++;
	t->slots[at % t->slot_count] = i + 1;
}

/* Half of the slots stay free. */
static bool grow(struct feed_table *t)
{
	size_t capacity = t->capacity ? t->capacity * 2 : FIRST_CAPACITY;
	struct feed_check *feeds =
		realloc(t->feeds, capacity * sizeof(*feeds));
	uint32_t *slots;

	if (!feeds)
		return false;
	t->feeds = feeds;
	slots = calloc(capacity * 2, sizeof(*slots));
	if (!slots)
		return false;
	free(t->slots);
	t->slots = slots;
	t->slot_count = capacity * 2;
	t->capacity = capacity;
	for (size_t i = 0; i < t->count; i++)
		put_slot(t, (uint32_t)i);
	return true;
}

struct feed_check *feeds_get(struct check *c, uint32_t number)
{
	struct feed_check *f = feeds_find(c, number);
	struct feed_table *t = &c->feeds;

	if (f)
		return f;
	if (t->count == t->capacity && !grow(t)) {
		c->err = KITH_ENOMEM;
		return NULL;
	}
	f = &t->feeds[t->count++];
	*f = (struct feed_check){ .number = number,
				  .chosen = !c->config->feeds };
	put_slot(t, (uint32_t)(t->count - 1));
	return f;
}

void feeds_free(struct check *c)
{
	free(c->feeds.feeds);
	free(c->feeds.slots);
}

static void read_numbers(struct check *c)
{
	struct feed_check *f;
	struct rows w;

	rows_start(&w, c, TABLE_FEED_NUMBERS);
	while (rows_next(&w)) {
		if (w.row.key.n != 4 || w.row.value.n != KEY_FEED_BYTES) {
			if (!w.row.doubtful)
				check_find(c, (struct fsck_finding){
					.class = FSCK_INDEX_WRONG,
					.table = TABLE_FEED_NUMBERS,
					.page = w.row.page,
				}, "a row of feed_numbers has a wrong size");
			continue;
		}
		/* What a damaged page says is no reason to doubt a feed. */
		if (w.row.doubtful)
			continue;
		f = feeds_get(c, kith_be32(w.row.key.p));
		if (!f)
			break;
		f->has_number = true;
		f->row.id = key_read_feed(w.row.value.p);
	}
	rows_end(&w);
}

/* Both tables must tell the same. */
static void match_row(struct check *c, const struct feed_row *row)
{
	struct fsck_finding wrong = {
		.class = FSCK_INDEX_WRONG, .table = TABLE_FEED_NUMBERS,
		.feed = row->id,
	};
	struct feed_check *f = feeds_get(c, row->number);

	if (!f)
		return;
	if (f->has_row) {
		wrong.table = TABLE_FEEDS;
		check_find(c, wrong, "two feeds have the number %" PRIu32,
			   row->number);
		return;
	}
	if (check_skips(c, TABLE_FEED_NUMBERS)) {
		f->has_number = true;
	} else if (!f->has_number) {
		wrong.class = FSCK_INDEX_STALE;
		check_find(c, wrong, "feed_numbers lacks the number %" PRIu32,
			   row->number);
	} else if (!kith_feed_equal(&f->row.id, &row->id)) {
		check_find(c, wrong, "feed_numbers has another feed for the "
			   "number %" PRIu32, row->number);
	}
	f->has_row = true;
	f->row = *row;
}

static void read_row(struct check *c, const struct pages_row *r)
{
	struct feed_row row = { 0 };
	struct kith_slice value = r->value;
	struct fsck_finding f = {
		.class = FSCK_INDEX_WRONG,
		.table = TABLE_FEEDS,
		.page = r->page,
	};

	if (r->key.n == KEY_FEED_BYTES)
		row.id = f.feed = key_read_feed(r->key.p);
	if (r->key.n == KEY_FEED_BYTES &&
	    seal_check(&c->crc, TABLE_FEEDS, r->key, &value) &&
	    feed_decode(value, &row)) {
		if (r->doubtful) {
			f.class = FSCK_BAD_PAGE;
			check_find(c, f, "the row of the feed is whole, but "
				   "not its page");
		}
		match_row(c, &row);
	} else if (!r->doubtful) {
		check_find(c, f, "the row of the feed fails its checksum");
	}
}

static void choose(struct check *c, struct feed_check *f)
{
	for (size_t i = 0; i < c->config->feed_count; i++)
		if (kith_feed_equal(&c->config->feeds[i], &f->row.id))
			f->chosen = true;
}

void feeds_read(struct check *c)
{
	struct rows w;

	read_numbers(c);
	rows_start(&w, c, TABLE_FEEDS);
	while (rows_next(&w))
		read_row(c, &w.row);
	rows_end(&w);
	for (size_t i = 0; i < c->feeds.count; i++) {
		struct feed_check *f = &c->feeds.feeds[i];

		choose(c, f);
		c->summary.feeds++;
		if (!f->has_row && !check_skips(c, TABLE_FEEDS))
			check_find(c, (struct fsck_finding){
				.class = FSCK_INDEX_STALE,
				.table = TABLE_FEEDS, .feed = f->row.id,
			}, "the row of the feed is missing");
	}
}

static struct fsck_finding of_feed(const struct feed_check *f)
{
	return (struct fsck_finding){ .class = FSCK_INDEX_WRONG,
				      .table = TABLE_FEEDS,
				      .feed = f->row.id };
}

/* The row against the log.  What is lost at the end was found already. */
static void compare_log(struct check *c, const struct feed_check *f)
{
	const struct feed_row *r = &f->row;

	if (r->last != f->last && !(f->hurt && r->last > f->last))
		check_find(c, of_feed(f), "its row ends with message %" PRIu64
			   ", its log with %" PRIu64, r->last, f->last);
	else if (r->last && r->last == f->last &&
		 !kith_msg_equal(&r->last_id, &f->last_id))
		check_find(c, of_feed(f), "its row has another id for its last "
			   "message");
	else if (r->last && r->first != f->first && !f->hurt)
		check_find(c, of_feed(f), "its row starts with message %" PRIu64
			   ", its log with %" PRIu64, r->first, f->first);
	else if (r->bytes != f->bytes && !f->hurt)
		check_find(c, of_feed(f), "its row counts %" PRIu64 " bytes, "
			   "its log has %" PRIu64, r->bytes, f->bytes);
}

static void compare_index(struct check *c, const struct feed_check *f)
{
	const struct feed_row *r = &f->row;

	if (r->last != f->indexed_last)
		check_find(c, of_feed(f), "its row ends with message %" PRIu64
			   ", the index with %" PRIu64, r->last,
			   f->indexed_last);
	else if (r->last && r->first != f->indexed_first)
		check_find(c, of_feed(f), "its row starts with message %" PRIu64
			   ", the index with %" PRIu64, r->first,
			   f->indexed_first);
}

void feeds_compare(struct check *c)
{
	bool log = c->config->depth != FSCK_QUICK;

	if (check_skips(c, TABLE_FEEDS) || check_skips(c, TABLE_LOG) || c->err)
		return;
	for (size_t i = 0; i < c->feeds.count; i++) {
		const struct feed_check *f = &c->feeds.feeds[i];

		if (f->has_row && log)
			compare_log(c, f);
		else if (f->has_row && !check_skips(c, TABLE_BY_FEED))
			compare_index(c, f);
	}
}
