#include "src/store/id_index.h"

#include <stdlib.h>

#include "src/store/keys.h"
#include "src/store/row.h"
#include "src/store/store_private.h"

enum { FIRST_CAPACITY = 64, SETTLE_PARTS = 4 };

static struct id_part *part_of(struct id_index *ids, const uint8_t id[8])
{
	return &ids->parts[id[0] >> 2];
}

/* Room for n more entries. */
static bool reserve(struct id_part *part, size_t n)
{
	size_t capacity = part->capacity ? part->capacity : FIRST_CAPACITY;
	struct id_entry *more;

	if (part->capacity - part->count >= n)
		return true;
	while (capacity - part->count < n)
		capacity *= 2;
	more = realloc(part->entries, capacity * sizeof(*more));
	if (!more)
		return false;
	part->entries = more;
	part->capacity = capacity;
	return true;
}

/* part has room for it. */
static void add(struct id_index *ids, const uint8_t id[8], uint64_t rx)
{
	struct id_part *part = part_of(ids, id);
	struct id_entry *entry = &part->entries[part->count++];

	memcpy(entry->id, id, sizeof(entry->id));
	entry->rx = rx;
	if (part->count == 1 || rx < part->oldest)
		part->oldest = rx;
	ids->count++;
}

/* The new entries will find room once they are committed. */
static bool reserve_new(struct store *s)
{
	size_t counts[ID_PARTS] = { 0 };

	for (size_t i = 0; i < s->index_count; i++)
		counts[s->index[i].id[0] >> 2]++;
	for (size_t i = 0; i < ID_PARTS; i++)
		if (!reserve(&s->ids.parts[i], counts[i]))
			return false;
	return true;
}

static int compare(const void *left, const void *right)
{
	const struct id_entry *a = left, *b = right;
	int order = memcmp(a->id, b->id, sizeof(a->id));

	return order ? order : (a->rx > b->rx) - (a->rx < b->rx);
}

static void put(struct txn *t, const uint8_t id[8], uint64_t rx)
{
	struct key value = key_number(rx);
	struct kith_slice row;

	if (t->store->ids.suspect &&
	    !txn_get(t, TABLE_LOG, key_slice(&value), &row))
		return;
	txn_put_sorted(t, TABLE_BY_ID, (struct kith_slice){ id, 8 },
		       key_slice(&value));
}

static void write_part(struct txn *t, struct id_part *part)
{
	if (part->count)
		qsort(part->entries, part->count, sizeof(*part->entries),
		      compare);
	for (size_t i = 0; i < part->count; i++)
		put(t, part->entries[i].id, part->entries[i].rx);
}

static int compare_new(const void *left, const void *right)
{
	const struct index_row *a = left, *b = right;
	int order = memcmp(a->id, b->id, sizeof(a->id));

	return order ? order : (a->rx > b->rx) - (a->rx < b->rx);
}

static void write_new(struct txn *t)
{
	struct store *s = t->store;

	if (s->index_count)
		qsort(s->index, s->index_count, sizeof(*s->index),
		      compare_new);
	for (size_t i = 0; i < s->index_count; i++)
		put(t, s->index[i].id, s->index[i].rx);
}

/* How many parts to write so that no more than the limit waits. */
static unsigned count_due(const struct store *s, bool settle)
{
	const struct id_index *ids = &s->ids;
	size_t waiting = ids->count + s->index_count;
	unsigned n = 0;

	for (; n < ID_PARTS && (waiting > ID_WAITING_MAX ||
				(settle && n < SETTLE_PARTS)); n++)
		waiting -= ids->parts[(ids->next + n) % ID_PARTS].count;
	return n;
}

/* The least rx that waits once plan is committed; UINT64_MAX: nothing does. */
static uint64_t first_waiting(const struct store *s,
			      const struct id_plan *plan)
{
	const struct id_index *ids = &s->ids;
	uint64_t first = UINT64_MAX;

	if (plan->all)
		return first;
	for (unsigned i = plan->parts; i < ID_PARTS; i++) {
		const struct id_part *part =
			&ids->parts[(ids->next + i) % ID_PARTS];

		if (part->count && part->oldest < first)
			first = part->oldest;
	}
	for (size_t i = 0; i < s->index_count; i++)
		if (s->index[i].rx < first)
			first = s->index[i].rx;
	return first;
}

static void put_gap(struct txn *t, uint64_t first)
{
	struct key key = key_kind(KEY_UNINDEXED), rx = key_number(first);

	if (first == id_index_gap(t))
		return;
	if (first != UINT64_MAX)
		txn_put(t, TABLE_LOCAL, key_slice(&key), key_slice(&rx));
	else
		txn_delete(t, TABLE_LOCAL, key_slice(&key));
}

uint64_t id_index_gap(struct txn *t)
{
	struct key key = key_kind(KEY_UNINDEXED);
	struct kith_slice value;

	if (!txn_get(t, TABLE_LOCAL, key_slice(&key), &value) || value.n != 8)
		return UINT64_MAX;
	return kith_be64(value.p);
}

size_t id_index_pages(struct txn *t)
{
	const struct id_index *ids = &t->store->ids;
	size_t waiting = ids->count + t->store->index_count, due, pages;

	if (!t->store->index_count || waiting <= ID_FEW)
		return 0;
	if (waiting <= ID_SMALL)
		return waiting;
	due = waiting > ID_WAITING_MAX ? waiting - ID_WAITING_MAX : 0;
	pages = txn_pages(t, TABLE_BY_ID) / ID_PARTS *
		(due / (ID_WAITING_MAX / ID_PARTS) + 1);
	return due < pages ? due : pages;
}

/* Nothing, all, or some parts. */
static struct id_plan make_plan(struct store *s, bool settle)
{
	size_t waiting = s->ids.count + s->index_count;
	bool can_wait = reserve_new(s);

	if (can_wait && !settle && waiting <= ID_FEW)
		return (struct id_plan){ 0 };
	if (!can_wait || waiting <= ID_SMALL)
		return (struct id_plan){ ID_PARTS, true };
	return (struct id_plan){ count_due(s, settle), false };
}

void id_index_write(struct txn *t, bool settle, struct id_plan *plan)
{
	struct store *s = t->store;
	struct id_index *ids = &s->ids;

	*plan = (struct id_plan){ 0 };
	if (!s->index_count && !settle)
		return;
	*plan = make_plan(s, settle);
	for (unsigned i = 0; i < plan->parts; i++)
		write_part(t, &ids->parts[(ids->next + i) % ID_PARTS]);
	if (plan->all)
		write_new(t);
	put_gap(t, first_waiting(s, plan));
}

void id_index_committed(struct store *s, const struct id_plan *plan)
{
	struct id_index *ids = &s->ids;

	for (unsigned i = 0; i < plan->parts; i++) {
		struct id_part *part = &ids->parts[ids->next];

		ids->count -= part->count;
		part->count = 0;
		ids->next = (ids->next + 1) % ID_PARTS;
	}
	if (plan->all)
		ids->suspect = false; /* nothing waits any more */
	for (size_t i = 0; i < s->index_count && !plan->all; i++)
		add(ids, s->index[i].id, s->index[i].rx);
}

void id_index_suspect(struct txn *t)
{
	t->store->ids.suspect = true;
}

/* Reads the log from first on. */
static enum kith_err load_from(struct store *s, struct txn *t, uint64_t first)
{
	struct key key = key_number(first);
	struct cursor c;
	bool room = true;

	cursor_open(&c, t, TABLE_LOG);
	for (bool more = cursor_seek(&c, key_slice(&key)); more && room;
	     more = cursor_next(&c)) {
		struct kith_slice id = row_id(c.value);

		if (c.key.n != 8 || !id.n)
			continue; /* damage is for others to tell */
		room = reserve(part_of(&s->ids, id.p), 1);
		if (room)
			add(&s->ids, id.p, kith_be64(c.key.p));
	}
	cursor_close(&c);
	return room ? txn_error(t) : KITH_ENOMEM;
}

static enum kith_err load(struct store *s, struct txn *t)
{
	uint64_t first = id_index_gap(t);

	return first == UINT64_MAX ? txn_error(t) : load_from(s, t, first);
}

enum kith_err id_index_load(struct store *s)
{
	struct txn *t;
	enum kith_err err = store_read(s, &t);

	if (err)
		return err;
	err = load(s, t);
	txn_end(t);
	return err;
}

enum kith_err id_index_load_again(struct store *s)
{
	struct txn *t;
	enum kith_err err = txn_begin(s, false, &t);

	id_index_clear(&s->ids);
	if (err)
		return err;
	err = load(s, t);
	txn_end(t);
	return err;
}

void id_index_clear(struct id_index *ids)
{
	for (size_t i = 0; i < ID_PARTS; i++)
		free(ids->parts[i].entries);
	*ids = (struct id_index){ 0 };
}
