#include "tools/stream/spill.h"

#include <assert.h>
#include <stdlib.h>

#include "tools/stream/spill_private.h"

enum {
	LEVELS_MAX = 4,
	RUNS_MAX = SPILL_WAYS * LEVELS_MAX,
	RECORDS_MAX = SPILL_MEMORY_BYTES / sizeof(struct spill_head)
};

/* A record in memory; they are sorted by moving these. */
struct kept {
	const struct spill_head *head;
};

/* What is on its way into a run. */
struct stage {
	struct spill_run run;
	size_t n;
	uint8_t bytes[256 * 1024];
};

struct spill {
	const char *folder;
	uint64_t disk_max, disk;
	size_t ways_max, memory_max;
	uint64_t count;

	/* Records as they come; the last ones stay here. */
	uint8_t *memory;
	size_t n;
	struct kept *sorted;
	size_t sorted_count, sorted_room;
	size_t given; /* of sorted */

	struct spill_run runs[RUNS_MAX];
	size_t run_count;
	struct stage *stage; /* made when first needed */

	/* A heap of those that are merged, the first record's on top. */
	struct spill_run *heap[RUNS_MAX];
	uint8_t *windows;
	size_t ways;
	bool top_is_given;

	uint8_t big[SPILL_RECORD_BYTES_MAX];
};

struct spill *spill_new(const char *folder, uint64_t disk_bytes_max,
			size_t ways)
{
	struct spill *s = calloc(1, sizeof(*s));

	assert(ways >= SPILL_WAYS_MIN && ways <= SPILL_WAYS);
	if (!s)
		return NULL;
	s->ways_max = ways;
	s->memory_max = ways * SPILL_WINDOW_BYTES;
	s->folder = folder;
	s->disk_max = disk_bytes_max;
	return s;
}

void spill_free(struct spill *s)
{
	if (!s)
		return;
	for (size_t i = 0; i < s->run_count; i++)
		spill_run_close(&s->runs[i]);
	free(s->memory);
	free(s->windows);
	free(s->sorted);
	free(s->stage);
	free(s);
}

uint64_t spill_count(const struct spill *s)
{
	return s->count;
}

static int compare(const void *a, const void *b)
{
	const struct kept *x = a, *y = b;

	return spill_compare(x->head, y->head);
}

static void sort(struct spill *s)
{
	if (s->sorted_count)
		qsort(s->sorted, s->sorted_count, sizeof(*s->sorted), compare);
}

/* --- merging --- */

/* Restores the order of the heap below i. */
static void sift(struct spill *s, size_t i)
{
	for (;;) {
		size_t least = i, child = 2 * i + 1;
		struct spill_run *moved = s->heap[i];

		for (size_t k = child; k < s->ways && k < child + 2; k++)
			if (spill_compare(&s->heap[k]->head,
					  &s->heap[least]->head) < 0)
				least = k;
		if (least == i)
			return;
		s->heap[i] = s->heap[least];
		s->heap[least] = moved;
		i = least;
	}
}

/* Begins to merge the last n runs. */
static enum kith_err begin(struct spill *s, size_t n, struct kith_error *e)
{
	struct spill_run *first = s->runs + s->run_count - n;
	enum kith_err err = KITH_OK;

	s->windows = malloc(n * SPILL_WINDOW_BYTES);
	if (!s->windows)
		return kith_fail(e, KITH_ENOMEM, 0, "out of memory");
	for (size_t i = 0; i < n && !err; i++) {
		s->heap[i] = first + i;
		err = spill_run_rewind(first + i,
				       s->windows + i * SPILL_WINDOW_BYTES, e);
	}
	s->ways = n;
	for (size_t i = n / 2; i-- > 0 && !err;)
		sift(s, i);
	s->top_is_given = false;
	return err;
}

static void end(struct spill *s)
{
	free(s->windows);
	s->windows = NULL;
	s->ways = 0;
	s->top_is_given = false;
}

/* Passes over the record that was given last. */
static enum kith_err move_on(struct spill *s, struct kith_error *e)
{
	enum kith_err err;

	if (!s->top_is_given || !s->ways)
		return KITH_OK;
	s->top_is_given = false;
	err = spill_run_skip(s->heap[0], e);
	if (err == KITH_ENOENT) {
		s->heap[0] = s->heap[--s->ways];
		err = KITH_OK;
	}
	if (!err)
		sift(s, 0);
	return err;
}

/* The first record of all runs that are merged; ENOENT: no more. */
static enum kith_err merge_next(struct spill *s, struct spill_head *head,
				struct kith_slice *value, struct kith_error *e)
{
	enum kith_err err = move_on(s, e);

	if (err)
		return err;
	if (!s->ways)
		return KITH_ENOENT;
	s->top_is_given = true;
	*head = s->heap[0]->head;
	return spill_run_value(s->heap[0], s->big, value, e);
}

/* --- writing runs --- */

static enum kith_err stage_flush(struct stage *g, struct kith_error *e)
{
	enum kith_err err = spill_run_write(&g->run, g->bytes, g->n, e);

	g->n = 0;
	return err;
}

static enum kith_err stage_put(struct stage *g, const struct spill_head *head,
			       const uint8_t *value, struct kith_error *e)
{
	size_t n = spill_record_bytes(head->n);
	enum kith_err err = KITH_OK;
	uint8_t *to;

	if (n > sizeof(g->bytes) - g->n)
		err = stage_flush(g, e);
	to = g->bytes + g->n;
	memcpy(to, head, sizeof(*head));
	memcpy(to + sizeof(*head), value, head->n);
	memset(to + sizeof(*head) + head->n, 0, n - sizeof(*head) - head->n);
	g->n += n;
	return err;
}

static enum kith_err stage_begin(struct spill *s, struct kith_error *e)
{
	if (!s->stage)
		s->stage = malloc(sizeof(*s->stage));
	if (!s->stage)
		return kith_fail(e, KITH_ENOMEM, 0, "out of memory");
	s->stage->n = 0;
	return spill_run_create(s->folder, &s->stage->run, e);
}

/* The run becomes the last one, in place of the last n; or is dropped if it
 * could not be written. */
static enum kith_err stage_end(struct spill *s, size_t n, enum kith_err err,
			       struct kith_error *e)
{
	struct stage *g = s->stage;

	if (!err)
		err = stage_flush(g, e);
	if (err) {
		spill_run_close(&g->run);
		return err;
	}
	for (; n; n--) {
		struct spill_run *last = &s->runs[--s->run_count];

		g->run.level = last->level + 1;
		s->disk -= last->bytes;
		spill_run_close(last);
	}
	s->disk += g->run.bytes;
	s->runs[s->run_count++] = g->run;
	return KITH_OK;
}

static size_t count_last_level(const struct spill *s)
{
	size_t n = 0;

	while (n < s->run_count && s->runs[s->run_count - 1 - n].level ==
					   s->runs[s->run_count - 1].level)
		n++;
	return n;
}

/* Merges the last n runs into one of the next level. */
static enum kith_err merge_last(struct spill *s, size_t n, struct kith_error *e)
{
	struct kith_slice value;
	struct spill_head head;
	enum kith_err err = stage_begin(s, e);

	if (err)
		return err;
	err = begin(s, n, e);
	while (!err) {
		err = merge_next(s, &head, &value, e);
		if (!err)
			err = stage_put(s->stage, &head, value.p, e);
	}
	end(s);
	return stage_end(s, n, err == KITH_ENOENT ? KITH_OK : err, e);
}

/* Writes what is in memory, in order, as a run of its own. */
static enum kith_err write_memory(struct spill *s, struct kith_error *e)
{
	enum kith_err err;

	if (!s->sorted_count)
		return KITH_OK;
	sort(s);
	err = stage_begin(s, e);
	if (err)
		return err;
	for (size_t i = 0; i < s->sorted_count && !err; i++) {
		const struct spill_head *head = s->sorted[i].head;

		err = stage_put(s->stage, head, (const uint8_t *)(head + 1),
				e);
	}
	err = stage_end(s, 0, err, e);
	if (!err)
		s->n = s->sorted_count = 0;
	return err;
}

/* Makes room in memory. */
static enum kith_err make_room(struct spill *s, struct kith_error *e)
{
	enum kith_err err;

	if (s->n > s->disk_max - s->disk)
		return kith_fail(e, KITH_EFULL, 0, "the limit of %llu MB is "
				 "reached", (unsigned long long)s->disk_max >>
						    20);
	err = write_memory(s, e);
	while (!err && count_last_level(s) == s->ways_max)
		err = merge_last(s, s->ways_max, e);
	return err;
}

/* --- putting --- */

static bool has_memory(struct spill *s)
{
	size_t room = s->sorted_room * 2 + 1024;
	struct kept *sorted;

	if (!s->memory)
		s->memory = malloc(s->memory_max);
	if (!s->memory || s->sorted_count < s->sorted_room)
		return s->memory;
	if (room > RECORDS_MAX)
		room = RECORDS_MAX;
	sorted = realloc(s->sorted, room * sizeof(*sorted));
	if (!sorted)
		return false;
	s->sorted = sorted;
	s->sorted_room = room;
	return true;
}

enum kith_err spill_put(struct spill *s, const struct spill_entry *in,
			struct kith_error *e)
{
	size_t n = spill_record_bytes(in->value.n);
	struct spill_head *head;
	enum kith_err err = KITH_OK;

	if (n > s->memory_max - s->n)
		err = make_room(s, e);
	if (err)
		return err;
	if (!has_memory(s))
		return kith_fail(e, KITH_ENOMEM, 0, "out of memory");
	/* Aligned: every record's size is a multiple of eight. */
	head = (struct spill_head *)(void *)(s->memory + s->n);
	memset(head, 0, sizeof(*head));
	head->feed = in->feed;
	head->sequence = in->sequence;
	head->line = in->line;
	head->file = in->file;
	head->received_us = in->received_us;
	head->n = (uint32_t)in->value.n;
	memcpy(head + 1, in->value.p, in->value.n);
	s->sorted[s->sorted_count++].head = head;
	s->n += n;
	s->count++;
	return KITH_OK;
}

/* --- giving --- */

enum kith_err spill_sort(struct spill *s, struct kith_error *e)
{
	enum kith_err err = KITH_OK;

	sort(s);
	/* Where there is no room to merge, all are read at once. */
	while (!err && s->run_count > s->ways_max) {
		size_t n = count_last_level(s);

		err = merge_last(s, n > 1 ? n : 2, NULL);
	}
	return s->run_count ? begin(s, s->run_count, e) : KITH_OK;
}

static void give(struct spill *s, const struct spill_head *head,
		 struct kith_slice value, struct spill_entry *out)
{
	*out = (struct spill_entry){
		.feed = head->feed,
		.sequence = head->sequence,
		.line = head->line,
		.file = head->file,
		.received_us = head->received_us,
		.value = value,
	};
	s->count--;
}

/* The first record in memory comes before the first of all runs. */
static bool memory_is_first(const struct spill *s)
{
	if (s->given == s->sorted_count)
		return false;
	return !s->ways || spill_compare(s->sorted[s->given].head,
					 &s->heap[0]->head) < 0;
}

enum kith_err spill_next(struct spill *s, struct spill_entry *out,
			 struct kith_error *e)
{
	struct spill_head head;
	struct kith_slice value;
	enum kith_err err = move_on(s, e);

	if (!err && memory_is_first(s)) {
		const struct spill_head *at = s->sorted[s->given++].head;

		value = (struct kith_slice){ (const uint8_t *)(at + 1), at->n };
		give(s, at, value, out);
		return KITH_OK;
	}
	if (!err)
		err = merge_next(s, &head, &value, e);
	if (!err)
		give(s, &head, value, out);
	return err;
}
