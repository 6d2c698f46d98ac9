#include "src/views/viewer.h"

#include <stdlib.h>

#include "src/views/contacts.h"

static int compare(const void *a, const void *b)
{
	uint32_t x = *(const uint32_t *)a, y = *(const uint32_t *)b;

	return (x > y) - (x < y);
}

static enum kith_err add(struct viewer *v, uint32_t feed_number)
{
	/* Room doubles at each power of two. */
	if (!(v->blocked_count & (v->blocked_count - 1))) {
		size_t room = v->blocked_count ? 2 * v->blocked_count : 1;
		uint32_t *more = realloc(v->blocked, room * sizeof(*more));

		if (!more)
			return KITH_ENOMEM;
		v->blocked = more;
	}
	v->blocked[v->blocked_count++] = feed_number;
	return KITH_OK;
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
		if (c.edge == CONTACT_BLOCK && !kith_feed_equal(&c.to, self) &&
		    feed_get(t, &c.to, &feed))
			err = add(v, feed.number);
	if (v->blocked_count)
		qsort(v->blocked, v->blocked_count, sizeof(*v->blocked),
		      compare);
	return err;
}

void viewer_end(struct viewer *v)
{
	free(v->blocked);
	*v = (struct viewer){ 0 };
}

bool viewer_hides(const struct viewer *v, uint32_t feed_number)
{
	return v->blocked_count &&
	       bsearch(&feed_number, v->blocked, v->blocked_count,
		       sizeof(*v->blocked), compare);
}
