#include "src/depot/ranges.h"

#include <assert.h>
#include <stdlib.h>

#include "feeds/json.h"
#include "feeds/ref.h"
#include "src/depot/rows.h"

/* Sorted by feed and end, so that the range that holds a sequence is the first
 * that does not end before it. */
struct row {
	struct key {
		uint8_t format, feed[KITH_ID_BYTES], last[8];
	} key;
	uint8_t first[8];
};

struct depot_ranges {
	struct rows rows;
};

struct depot_ranges *depot_ranges_new(void)
{
	struct depot_ranges *r = malloc(sizeof(*r));

	if (r)
		rows_init(&r->rows, sizeof(struct row), sizeof(struct key),
			  DEPOT_RANGES_MAX);
	return r;
}

void depot_ranges_free(struct depot_ranges *r)
{
	if (r)
		rows_clear(&r->rows);
	free(r);
}

static void set_row(struct row *row, const struct kith_feed_id *feed,
		    uint64_t first, uint64_t last)
{
	row->key.format = (uint8_t)feed->format;
	memcpy(row->key.feed, feed->b, KITH_ID_BYTES);
	kith_put_be64(row->key.last, last);
	kith_put_be64(row->first, first);
}

static uint64_t first_of(const struct row *row)
{
	return kith_be64(row->first);
}

static uint64_t last_of(const struct row *row)
{
	return kith_be64(row->key.last);
}

/* The first range of feed that does not end before sequence; at: where that
 * is, or would be. */
static struct row *find(const struct depot_ranges *r,
			const struct kith_feed_id *feed, uint64_t sequence,
			rows_at *at)
{
	struct row wanted, *row;

	set_row(&wanted, feed, 0, sequence);
	*at = rows_seek(&r->rows, &wanted.key.format);
	row = rows_get(&r->rows, *at);
	if (row && !memcmp(row, &wanted, 1 + KITH_ID_BYTES))
		return row;
	return NULL;
}

static void check(const struct depot_range *range)
{
	assert(range->first >= 1 && range->first <= range->last &&
	       range->last < UINT64_MAX);
	(void)range;
}

static bool same_feed(const struct row *a, const struct row *b)
{
	return !memcmp(a, b, 1 + KITH_ID_BYTES);
}

/* --- changing ------------------------------------------------------------- */

static enum kith_err insert(struct depot_ranges *r, rows_at at,
			    const struct kith_feed_id *feed, uint64_t first,
			    uint64_t last)
{
	void *row;
	enum kith_err err = rows_insert(&r->rows, at, &row);

	if (!err)
		set_row(row, feed, first, last);
	return err;
}

/* Takes the ranges behind the one at at away that begin before last or right
 * behind it; the last sequence of them all. */
static uint64_t absorb(struct depot_ranges *r, rows_at at, uint64_t last)
{
	for (;;) {
		rows_at behind = rows_after(&r->rows, at);
		const struct row *row = rows_get(&r->rows, at);
		const struct row *next = rows_get(&r->rows, behind);

		if (!next || !same_feed(row, next) ||
		    first_of(next) > last + 1)
			return last;
		if (last_of(next) > last)
			last = last_of(next);
		rows_remove(&r->rows, behind);
	}
}

enum kith_err depot_ranges_add(struct depot_ranges *r,
			       const struct depot_range *range)
{
	uint64_t first = range->first, last = range->last;
	struct row *row;
	rows_at at;

	check(range);
	row = find(r, &range->feed, first - 1, &at);
	if (!row || first_of(row) > last + 1)
		return insert(r, at, &range->feed, first, last);
	if (first_of(row) < first)
		first = first_of(row);
	if (last_of(row) > last)
		last = last_of(row);
	set_row(row, &range->feed, first, absorb(r, at, last));
	return KITH_OK;
}

/* Takes from the middle of the range at at. */
static enum kith_err split(struct depot_ranges *r, rows_at at,
			   const struct depot_range *range)
{
	struct row *row = rows_get(&r->rows, at);
	enum kith_err err = insert(r, at, &range->feed, first_of(row),
				   range->first - 1);

	if (err)
		return err;
	row = find(r, &range->feed, range->last, &at);
	assert(row); /* its other half */
	kith_put_be64(row->first, range->last + 1);
	return KITH_OK;
}

enum kith_err depot_ranges_remove(struct depot_ranges *r,
				  const struct depot_range *range)
{
	struct row *row;
	rows_at at;

	check(range);
	while ((row = find(r, &range->feed, range->first, &at)) &&
	       first_of(row) <= range->last) {
		bool before = first_of(row) < range->first;
		bool behind = last_of(row) > range->last;

		if (before && behind)
			return split(r, at, range);
		if (behind)
			kith_put_be64(row->first, range->last + 1);
		else if (before)
			kith_put_be64(row->key.last, range->first - 1);
		else
			rows_remove(&r->rows, at);
	}
	return KITH_OK;
}

enum kith_err depot_ranges_join(struct depot_ranges *r,
				const struct depot_ranges *other)
{
	struct depot_range range;
	enum kith_err err = KITH_OK;

	for (size_t at = 0; !err && depot_ranges_next(other, &at, &range);)
		err = depot_ranges_add(r, &range);
	return err;
}

/* --- asking --------------------------------------------------------------- */

uint64_t depot_ranges_reach(const struct depot_ranges *r,
			    const struct kith_feed_id *feed, uint64_t first)
{
	rows_at at;
	const struct row *row = find(r, feed, first, &at);

	return row && first_of(row) <= first ? last_of(row) : first - 1;
}

bool depot_ranges_lack(const struct depot_ranges *r,
		       const struct depot_range *all, struct depot_range *out)
{
	uint64_t first = depot_ranges_reach(r, &all->feed, all->first) + 1;
	const struct row *next;
	rows_at at;

	if (first > all->last)
		return false;
	next = find(r, &all->feed, first, &at);
	*out = (struct depot_range){ all->feed, first, all->last };
	if (next && first_of(next) <= all->last)
		out->last = first_of(next) - 1;
	return true;
}

bool depot_ranges_next(const struct depot_ranges *r, size_t *at,
		       struct depot_range *out)
{
	const struct row *row = rows_get(&r->rows, *at);

	if (!row)
		return false;
	out->feed.format = (enum kith_format)row->key.format;
	memcpy(out->feed.b, row->key.feed, KITH_ID_BYTES);
	out->first = first_of(row);
	out->last = last_of(row);
	*at = rows_after(&r->rows, *at);
	return true;
}

size_t depot_ranges_count(const struct depot_ranges *r)
{
	return r->rows.count;
}

/* --- as JSON -------------------------------------------------------------- */

enum kith_err depot_range_decode(struct kith_slice json,
				 struct depot_range *out)
{
	struct kith_slice value;
	struct depot_range range;

	if (json_check(json, &value, NULL) ||
	    kith_feed_parse(json_plain(json_get(value, "feed")),
			    &range.feed) ||
	    !json_uint(json_get(value, "first"), &range.first) ||
	    !json_uint(json_get(value, "last"), &range.last) ||
	    range.first < 1 || range.first > range.last)
		return KITH_EFORMAT;
	*out = range;
	return KITH_OK;
}

void depot_range_encode(struct kith_buf *out, const struct depot_range *range)
{
	char feed[KITH_REF_TEXT_BYTES];

	kith_feed_print(&range->feed, feed);
	kith_buf_text(out, "{\"feed\":\"");
	kith_buf_text(out, feed);
	kith_buf_text(out, "\",\"first\":");
	kith_buf_uint(out, range->first);
	kith_buf_text(out, ",\"last\":");
	kith_buf_uint(out, range->last);
	kith_buf_byte(out, '}');
}
