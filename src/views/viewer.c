#include "src/views/viewer.h"

#include <stdlib.h>

#include "feeds/list.h"
#include "src/views/contacts.h"
#include "src/views/private_parts.h"

static int compare(const void *a, const void *b)
{
	uint32_t x = *(const uint32_t *)a, y = *(const uint32_t *)b;

	return (x > y) - (x < y);
}

static enum kith_err add(uint32_t **numbers, size_t *count, size_t *room,
			 uint32_t number)
{
	uint32_t *more = list_room(*numbers, *count, room, sizeof(*more));

	if (!more)
		return KITH_ENOMEM;
	*numbers = more;
	more[(*count)++] = number;
	return KITH_OK;
}

static enum kith_err add_edge(struct viewer *v, enum contact_edge edge,
			      uint32_t number)
{
	switch (edge) {
	case CONTACT_BLOCK:
		return add(&v->blocked, &v->blocked_count, &v->blocked_room,
			   number);
	case CONTACT_FOLLOW:
		return add(&v->followed, &v->followed_count, &v->followed_room,
			   number);
	default:
		return KITH_OK;
	}
}

static void sort(uint32_t *numbers, size_t count)
{
	if (count)
		qsort(numbers, count, sizeof(*numbers), compare);
}

enum kith_err viewer_start(struct viewer *v, struct txn *t,
			   const struct kith_feed_id *self)
{
	struct contact c = { 0 };
	enum kith_err err = KITH_OK;
	struct feed_row feed;

	*v = (struct viewer){ .known = self };
	if (!self)
		return KITH_OK;
	v->self = *self;
	c.from = *self;
	while (!err && contacts_of(t, &c))
		if (!kith_feed_equal(&c.to, self) && feed_get(t, &c.to, &feed))
			err = add_edge(v, c.edge, feed.number);
	sort(v->blocked, v->blocked_count);
	sort(v->followed, v->followed_count);
	return err;
}

void viewer_end(struct viewer *v)
{
	private_texts_free(v->texts);
	free(v->blocked);
	free(v->followed);
	*v = (struct viewer){ 0 };
}

static bool holds(const uint32_t *numbers, size_t count, uint32_t number)
{
	return count && bsearch(&number, numbers, count, sizeof(*numbers),
				compare);
}

bool viewer_hides(const struct viewer *v, uint32_t feed_number)
{
	return holds(v->blocked, v->blocked_count, feed_number);
}

bool viewer_follows(const struct viewer *v, uint32_t feed_number)
{
	return holds(v->followed, v->followed_count, feed_number);
}
