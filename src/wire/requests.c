#include "src/wire/requests.h"

#include <stdlib.h>

enum { FIRST_CAPACITY = 16 };

/* 2^64 / golden ratio: spreads runs of numbers. */
#define FACTOR UINT64_C(0x9e3779b97f4a7c15)

/* Where the search for a number begins: the high bits of a product. */
static size_t home(const struct requests *t, int32_t number)
{
	uint64_t hash = (uint32_t)number * ((t->factor ^ FACTOR) | 1);

	return (size_t)((hash >> 32) * t->capacity >> 32);
}

/* The slot of number, or the free one where it would stand. */
static struct request *slot(const struct requests *t, int32_t number)
{
	size_t i = home(t, number);

	while (t->slots[i].number && t->slots[i].number != number)
		i = (i + 1) & (t->capacity - 1);
	return t->slots + i;
}

static bool grow(struct requests *t)
{
	struct requests wide = {
		.factor = t->factor,
		.capacity = t->capacity ? t->capacity * 2 : FIRST_CAPACITY,
	};

	wide.slots = calloc(wide.capacity, sizeof(*wide.slots));
	if (!wide.slots)
		return false;
	for (size_t i = 0; i < t->capacity; i++)
		if (t->slots[i].number)
			*slot(&wide, t->slots[i].number) = t->slots[i];
	free(t->slots);
	t->slots = wide.slots;
	t->capacity = wide.capacity;
	return true;
}

/* Moves back what stands behind the hole and would not be found over it. */
static void delete(struct requests *t, struct request *r)
{
	size_t mask = t->capacity - 1, hole = (size_t)(r - t->slots);

	for (size_t i = (hole + 1) & mask; t->slots[i].number;
	     i = (i + 1) & mask) {
		size_t from = home(t, t->slots[i].number);

		if (((i - from) & mask) < ((i - hole) & mask))
			continue;
		t->slots[hole] = t->slots[i];
		hole = i;
	}
	t->slots[hole] = (struct request){ 0 };
	t->used--;
}

/* Takes the place of the one that has been past for longest. */
static void remember(struct requests *t, int32_t number)
{
	int32_t *oldest = t->past + t->past_at;
	struct request *r = *oldest ? requests_find(t, *oldest) : NULL;

	if (r && r->past)
		delete(t, r);
	*oldest = number;
	t->past_at = (t->past_at + 1) % REQUESTS_PAST_MAX;
}

void requests_clear(struct requests *t)
{
	free(t->slots);
	*t = (struct requests){ 0 };
}

struct request *requests_find(const struct requests *t, int32_t number)
{
	struct request *r = t->capacity ? slot(t, number) : NULL;

	return r && r->number ? r : NULL;
}

struct request *requests_add(struct requests *t, int32_t number)
{
	struct request *r;

	if (2 * (t->used + 1) > t->capacity && !grow(t))
		return NULL;
	r = slot(t, number);
	*r = (struct request){ .number = number };
	t->used++;
	if (number > 0)
		t->theirs++;
	return r;
}

void requests_retire(struct requests *t, struct request *r)
{
	if (r->number < 0) {
		delete(t, r);
		return;
	}
	r->past = true;
	t->theirs--;
	remember(t, r->number);
}

struct request *requests_next(const struct requests *t, size_t *at)
{
	while (*at < t->capacity) {
		struct request *r = t->slots + (*at)++;

		if (r->number && !r->past)
			return r;
	}
	return NULL;
}
