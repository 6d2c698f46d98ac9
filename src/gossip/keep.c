#include "src/gossip/keep.h"

#include <assert.h>
#include <stdlib.h>

#include "feeds/list.h"

/* --- what is here --------------------------------------------------------- */

size_t keep_class(uint8_t hops)
{
	if (hops == KEEP_HOPS_UNKNOWN)
		return KEEP_LAST;
	return hops < KEEP_LAST ? hops : KEEP_LAST - 1;
}

/* Pinned ones count as own ones do. */
static size_t class_of(const struct keep_row *row)
{
	return row->pinned ? 0 : keep_class(row->hops);
}

void keep_init(struct keep *k, const struct keep_quotas *quotas)
{
	*k = (struct keep){ .quotas = *quotas };
}

void keep_add(struct keep *k, const struct keep_row *row)
{
	k->used[class_of(row)] += row->size;
	k->count++;
}

void keep_remove(struct keep *k, const struct keep_row *row)
{
	uint64_t *used = &k->used[class_of(row)];

	assert(*used >= row->size && k->count > 0);
	*used -= row->size;
	k->count--;
}

void keep_reserve(struct keep *k, const struct keep_row *row)
{
	k->used[class_of(row)] += row->size;
	k->coming += row->size;
}

void keep_release(struct keep *k, const struct keep_row *row)
{
	uint64_t *used = &k->used[class_of(row)];

	assert(*used >= row->size && k->coming >= row->size);
	*used -= row->size;
	k->coming -= row->size;
}

/* Of this class and all nearer ones. */
static uint64_t used_up_to(const struct keep *k, size_t class)
{
	uint64_t sum = 0;

	for (size_t i = 0; i <= class; i++)
		sum += k->used[i];
	return sum;
}

uint64_t keep_total(const struct keep *k)
{
	return used_up_to(k, KEEP_LAST);
}

static uint64_t over(uint64_t used, uint64_t more, uint64_t limit)
{
	if (used > limit)
		return used - limit + more;
	return more > limit - used ? more - (limit - used) : 0;
}

/* What has to go: of each class, and in all.  For one that comes the other
 * classes need not keep to their quotas. */
struct needs {
	uint64_t of[KEEP_HOPS], total, sum; /* sum: of all classes */
};

static struct needs needs_of(const struct keep *k,
			     const struct keep_row *coming)
{
	size_t class = coming ? class_of(coming) : 0;
	uint64_t size = coming ? coming->size : 0;
	struct needs needs = {
		.total = over(keep_total(k), size, k->quotas.total)
	};

	for (size_t i = 0; i < KEEP_HOPS; i++) {
		if (coming && i != class)
			continue;
		needs.of[i] = over(k->used[i], size, k->quotas.hops[i]);
		needs.sum += needs.of[i];
	}
	return needs;
}

uint64_t keep_over(const struct keep *k)
{
	struct needs needs = needs_of(k, NULL);

	return needs.total > needs.sum ? needs.total : needs.sum;
}

/* Only what is nearer, or never goes, has to stay. */
enum keep_answer keep_ask(const struct keep *k, const struct keep_row *row)
{
	size_t class = class_of(row);
	uint64_t stays = class ? used_up_to(k, class - 1) : k->used[0];
	struct needs needs = needs_of(k, row);

	if (!needs.total && !needs.of[class])
		return KEEP_YES;
	if (over(class ? 0 : stays, row->size, k->quotas.hops[class]) ||
	    over(stays, row->size, k->quotas.total))
		return KEEP_NO;
	return KEEP_SWEEP;
}

/* --- a sweep -------------------------------------------------------------- */

/* The least recently used of one class that are enough: a heap with the last
 * used on top, then in order. */
struct shelf {
	struct keep_row *rows;
	size_t count, room;
	uint64_t bytes;	 /* of these rows */
	uint64_t enough; /* bytes */
	uint64_t seen;	 /* bytes of all that may go */
};

struct keep_sweep {
	struct shelf shelves[KEEP_HOPS];
	struct needs needs; /* without the spare */
	uint64_t spare, named_bytes;
	struct keep_row coming;
	bool for_coming, ordered, failed;
	size_t class, at; /* of the next row */
};

/* Needs and the bytes to spare, where something is needed at all. */
static uint64_t with_spare(const struct keep_sweep *s, uint64_t need)
{
	if (!need)
		return 0;
	return need > UINT64_MAX - s->spare ? UINT64_MAX : need + s->spare;
}

struct keep_sweep *keep_sweep_new(const struct keep *k,
				  const struct keep_row *coming,
				  uint64_t spare)
{
	struct keep_sweep *s = calloc(1, sizeof(*s));

	if (!s)
		return NULL;
	s->needs = needs_of(k, coming);
	s->spare = spare;
	s->for_coming = coming != NULL;
	if (coming)
		s->coming = *coming;
	for (size_t i = 1; i < KEEP_HOPS; i++) {
		uint64_t own = with_spare(s, s->needs.of[i]);
		uint64_t all = with_spare(s, s->needs.total);

		s->shelves[i].enough = own > all ? own : all;
	}
	return s;
}

void keep_sweep_free(struct keep_sweep *s)
{
	if (!s)
		return;
	for (size_t i = 0; i < KEEP_HOPS; i++)
		free(s->shelves[i].rows);
	free(s);
}

/* Ids break ties, so that the order of the rows does not matter. */
static bool is_later(const struct keep_row *a, const struct keep_row *b)
{
	if (a->used_ms != b->used_ms)
		return a->used_ms > b->used_ms;
	return memcmp(a->id.b, b->id.b, KITH_ID_BYTES) > 0;
}

static void sink(struct keep_row *rows, size_t count, size_t i)
{
	struct keep_row row = rows[i];

	for (size_t child; (child = 2 * i + 1) < count; i = child) {
		if (child + 1 < count &&
		    is_later(&rows[child + 1], &rows[child]))
			child++;
		if (!is_later(&rows[child], &row))
			break;
		rows[i] = rows[child];
	}
	rows[i] = row;
}

static void rise(struct keep_row *rows, size_t i)
{
	struct keep_row row = rows[i];

	for (; i > 0 && is_later(&row, &rows[(i - 1) / 2]); i = (i - 1) / 2)
		rows[i] = rows[(i - 1) / 2];
	rows[i] = row;
}

static void drop_top(struct shelf *shelf)
{
	shelf->bytes -= shelf->rows[0].size;
	shelf->rows[0] = shelf->rows[--shelf->count];
	if (shelf->count)
		sink(shelf->rows, shelf->count, 0);
}

static bool is_enough(const struct shelf *shelf)
{
	return shelf->count == KEEP_SWEEP_ROWS ||
	       shelf->bytes >= shelf->enough;
}

/* One more that may go; then those that were used last need not. */
static bool shelve(struct shelf *shelf, const struct keep_row *row)
{
	struct keep_row *rows;

	if (is_enough(shelf)) {
		if (!shelf->count || is_later(row, &shelf->rows[0]))
			return true;
		if (shelf->count == KEEP_SWEEP_ROWS)
			drop_top(shelf);
	}
	rows = list_room(shelf->rows, shelf->count, &shelf->room,
			 sizeof(*rows));
	if (!rows)
		return false;
	shelf->rows = rows;
	shelf->rows[shelf->count++] = *row;
	shelf->bytes += row->size;
	rise(shelf->rows, shelf->count - 1);
	while (shelf->bytes - shelf->rows[0].size >= shelf->enough)
		drop_top(shelf);
	return true;
}

static bool may_go(const struct keep_sweep *s, const struct keep_row *row)
{
	size_t class = class_of(row), coming = class_of(&s->coming);

	if (class == 0)
		return false;
	if (!s->for_coming || class > coming)
		return true;
	return class == coming && row->used_ms < s->coming.used_ms;
}

void keep_sweep_row(struct keep_sweep *s, const struct keep_row *row)
{
	struct shelf *shelf = &s->shelves[class_of(row)];

	assert(!s->ordered);
	if (!may_go(s, row) || !row->size)
		return;
	shelf->seen += row->size;
	if (!shelve(shelf, row))
		s->failed = true;
}

/* Takes from the front of the order, until enough bytes are named. */
static size_t rows_for(const struct shelf *shelf, uint64_t bytes,
		       uint64_t *named)
{
	size_t n = 0;

	*named = 0;
	while (n < shelf->count && *named < bytes)
		*named += shelf->rows[n++].size;
	return n;
}

static void order(struct shelf *shelf)
{
	for (size_t n = shelf->count; n-- > 1;) {
		struct keep_row last = shelf->rows[0];

		shelf->rows[0] = shelf->rows[n];
		shelf->rows[n] = last;
		sink(shelf->rows, n, 0);
	}
}

/* False: all that may go would not be enough. */
static bool is_possible(const struct keep_sweep *s)
{
	uint64_t seen = 0;

	for (size_t i = 0; i < KEEP_HOPS; i++) {
		if (s->shelves[i].seen < s->needs.of[i])
			return false;
		seen += s->shelves[i].seen;
	}
	return seen >= s->needs.total;
}

/* First what each class has to give, then the farthest for the rest. */
static void choose(struct keep_sweep *s)
{
	uint64_t named[KEEP_HOPS], total = with_spare(s, s->needs.total);

	for (size_t i = 0; i < KEEP_HOPS; i++) {
		struct shelf *shelf = &s->shelves[i];

		order(shelf);
		rows_for(shelf, with_spare(s, s->needs.of[i]), &named[i]);
		s->named_bytes += named[i];
	}
	for (size_t i = KEEP_HOPS; i-- > 0;) {
		struct shelf *shelf = &s->shelves[i];
		uint64_t more = total > s->named_bytes ?
					total - s->named_bytes :
					0;
		uint64_t was = named[i];

		shelf->count = rows_for(shelf, was + more, &named[i]);
		s->named_bytes += named[i] - was;
	}
}

const struct keep_row *keep_sweep_next(struct keep_sweep *s)
{
	if (!s->ordered) {
		s->ordered = true;
		s->class = KEEP_LAST;
		if (s->failed || (s->for_coming && !is_possible(s)))
			s->class = 0;
		else
			choose(s);
	}
	for (; s->class > 0; s->class--, s->at = 0)
		if (s->at < s->shelves[s->class].count)
			return &s->shelves[s->class].rows[s->at++];
	return NULL;
}

uint64_t keep_sweep_bytes(const struct keep_sweep *s)
{
	return s->named_bytes;
}
