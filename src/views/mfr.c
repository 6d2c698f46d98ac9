#include "src/views/mfr.h"

#include <stdlib.h>

#include "feeds/list.h"
#include "src/views/mfr_private.h"

enum stage_kind { STAGE_FILTER, STAGE_MAP, STAGE_REDUCE, STAGE_SORT };

static const char *const names[] = { "$filter", "$map", "$reduce", "$sort" };

struct stage {
	enum stage_kind kind;
	struct kith_slice rule;
	struct kith_buf made; /* MAP: its last value; REDUCE: a result */
	struct reduction *reduction;
	struct kith_slice *sorted; /* SORT: each owned */
	size_t count, capacity, kept;
};

struct mfr {
	struct kith_buf text;
	struct stage stages[MFR_STAGES_MAX];
	size_t count;
	mfr_fn *emit;
	void *arg;
};

/* --- what is asked --- */

static enum kith_err read_stage(struct mfr *m, struct kith_slice stage,
				struct kith_error *e)
{
	struct kith_slice key = { 0 }, rule;
	struct stage *s = &m->stages[m->count];
	size_t at = 0;
	int kind = 0;

	if (m->count == MFR_STAGES_MAX)
		return kith_fail(e, KITH_ETOOBIG, 0, "more than %d stages",
				 MFR_STAGES_MAX);
	if (!json_next_member(stage, &at, &key, &rule))
		return kith_fail(e, KITH_EFORMAT, 0, "a stage is an object "
				 "with one of $filter, $map, $reduce, $sort");
	while (kind < 4 && !json_is(key, names[kind]))
		kind++;
	if (kind == 4)
		return kith_fail(e, KITH_EFORMAT, 0, "unknown function:%.*s",
				 key.n < 40 ? (int)key.n : 40,
				 (const char *)key.p);
	m->count++;
	*s = (struct stage){ .kind = (enum stage_kind)kind, .rule = rule,
			     .made = { .limit = MFR_ITEM_BYTES_MAX } };
	if (kind == STAGE_FILTER)
		return rule_check_filter(rule, 0, e);
	if (kind == STAGE_MAP)
		return rule_check_map(rule, 0, e);
	if (kind == STAGE_REDUCE)
		return reduction_new(rule, &s->reduction, e);
	if (json_kind(rule) == JSON_KIND_ARRAY)
		return KITH_OK;
	return kith_fail(e, KITH_EFORMAT, 0, "$sort wants a list of paths");
}

enum kith_err mfr_new(struct kith_slice stages, mfr_fn *emit, void *arg,
		      struct mfr **out, struct kith_error *e)
{
	struct mfr *m = calloc(1, sizeof(*m));
	enum kith_err err = KITH_OK;
	struct kith_slice stage;
	size_t at = 0;

	if (!m)
		return kith_fail(e, KITH_ENOMEM, 0, "no memory for the query");
	m->text.limit = MFR_TEXT_BYTES_MAX;
	m->emit = emit;
	m->arg = arg;
	kith_buf_put(&m->text, stages);
	if (json_kind(stages) != JSON_KIND_ARRAY)
		err = kith_fail(e, KITH_EFORMAT, 0, "query must be a list of "
				"stages");
	else if (m->text.err)
		err = kith_fail(e, m->text.err, 0, "a query has at most %d "
				"bytes", MFR_TEXT_BYTES_MAX);
	while (!err && json_next_element(kith_bytes(&m->text), &at, &stage))
		err = read_stage(m, stage, e);
	if (err)
		mfr_free(m);
	else
		*out = m;
	return err;
}

static void clear_sorted(struct stage *s)
{
	for (size_t i = 0; i < s->count; i++)
		free((void *)(uintptr_t)s->sorted[i].p);
	free(s->sorted);
}

void mfr_free(struct mfr *m)
{
	if (!m)
		return;
	for (size_t i = 0; i < m->count; i++) {
		kith_buf_free(&m->stages[i].made);
		reduction_free(m->stages[i].reduction);
		clear_sorted(&m->stages[i]);
	}
	kith_buf_free(&m->text);
	free(m);
}

struct kith_slice mfr_pattern(const struct mfr *m)
{
	if (m->count && m->stages[0].kind == STAGE_FILTER)
		return m->stages[0].rule;
	return (struct kith_slice){ 0 };
}

/* --- sorting --- */

static enum kith_err keep(struct stage *s, struct kith_slice value)
{
	struct kith_slice *more;
	uint8_t *copy;

	if (value.n + sizeof(value) > MFR_KEPT_BYTES_MAX - s->kept)
		return KITH_ETOOBIG;
	more = list_room(s->sorted, s->count, &s->capacity, sizeof(*more));
	if (!more)
		return KITH_ENOMEM;
	s->sorted = more;
	copy = malloc(value.n);
	if (!copy)
		return KITH_ENOMEM;
	memcpy(copy, value.p, value.n);
	s->sorted[s->count++] = (struct kith_slice){ copy, value.n };
	s->kept += value.n + sizeof(value);
	return KITH_OK;
}

/* Once a path is reversed, those behind it are too, as in the original. */
static int compare(struct kith_slice paths, struct kith_slice a,
		   struct kith_slice b)
{
	struct kith_slice path;
	int order = 0, sign = 1;
	size_t at = 0;

	while (!order && json_next_element(paths, &at, &path)) {
		if (json_kind(path) == JSON_KIND_OBJECT) {
			path = json_get(path, "$reverse");
			sign = -1;
		}
		order = sign * value_compare(rule_get(path, a),
					     rule_get(path, b));
	}
	return order;
}

/* Merges the sorted halves of s->sorted from low on: equal ones stay in
 * their order. */
static void merge_sort(struct stage *s, struct kith_slice *room, size_t low,
		       size_t n)
{
	struct kith_slice *v = s->sorted + low;
	size_t half = n / 2, i = 0, k = half;

	if (n < 2)
		return;
	merge_sort(s, room, low, half);
	merge_sort(s, room, low + half, n - half);
	for (size_t to = 0; to < n; to++)
		room[to] = k == n || (i < half &&
				      compare(s->rule, v[i], v[k]) <= 0)
				   ? v[i++] : v[k++];
	memcpy(v, room, n * sizeof(*v));
}

static enum kith_err sort(struct stage *s)
{
	struct kith_slice *room = malloc((s->count + 1) * sizeof(*room));

	if (!room)
		return KITH_ENOMEM;
	merge_sort(s, room, 0, s->count);
	free(room);
	return KITH_OK;
}

/* --- values --- */

/* Through the stages from number at on. */
static enum kith_err pass(struct mfr *m, size_t at, struct kith_slice value)
{
	for (; at < m->count; at++) {
		struct stage *s = &m->stages[at];

		switch (s->kind) {
		case STAGE_FILTER:
			if (!rule_matches(s->rule, value))
				return KITH_OK;
			break;
		case STAGE_MAP:
			kith_buf_reset(&s->made);
			if (!rule_map(s->rule, value, &s->made) ||
			    s->made.err ||
			    !value_truthy(kith_bytes(&s->made)))
				return s->made.err;
			value = kith_bytes(&s->made);
			break;
		case STAGE_REDUCE:
			return reduction_take(s->reduction, value);
		case STAGE_SORT:
			return keep(s, value);
		}
	}
	m->emit(m->arg, value);
	return KITH_OK;
}

enum kith_err mfr_take(struct mfr *m, struct kith_slice value)
{
	return pass(m, 0, value);
}

static enum kith_err finish_reduce(struct mfr *m, size_t at)
{
	struct stage *s = &m->stages[at];
	enum kith_err err = KITH_OK;

	for (size_t i = 0; !err; i++) {
		kith_buf_reset(&s->made);
		if (!reduction_result(s->reduction, i, &s->made))
			break;
		err = s->made.err;
		if (!err)
			err = pass(m, at + 1, kith_bytes(&s->made));
	}
	return err;
}

static enum kith_err finish_sort(struct mfr *m, size_t at)
{
	struct stage *s = &m->stages[at];
	enum kith_err err = sort(s);

	for (size_t i = 0; i < s->count && !err; i++)
		err = pass(m, at + 1, s->sorted[i]);
	return err;
}

enum kith_err mfr_finish(struct mfr *m)
{
	enum kith_err err = KITH_OK;

	for (size_t i = 0; i < m->count && !err; i++) {
		if (m->stages[i].kind == STAGE_REDUCE)
			err = finish_reduce(m, i);
		else if (m->stages[i].kind == STAGE_SORT)
			err = finish_sort(m, i);
	}
	return err;
}
