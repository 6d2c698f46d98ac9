#include "tools/wire/dissect.h"

#include <stdlib.h>

#include <sodium.h>

struct conn *conn_new(struct dissection *d, uint32_t number, bool we_dialled,
		      int64_t now_us)
{
	struct conn *c = calloc(1, sizeof(*c));
	struct dissect_config config = {
		.client = we_dialled ? DISSECT_OUT : DISSECT_IN,
		.app_key = dissect_app_key(d->keys),
	};

	if (!c)
		return NULL;
	c->dissect = dissect_new(&config);
	if (!c->dissect) {
		free(c);
		return NULL;
	}
	c->number = number;
	c->we_dialled = we_dialled;
	c->first_us = c->last_us = now_us;
	return c;
}

void conn_end(struct dissection *d, struct conn *c)
{
	if (!c)
		return;
	if (d->view->over)
		d->view->over(d, c);
	dissect_free(c->dissect);
	free(c);
}

/* --- by number ------------------------------------------------------------ */

static void to_front(struct conns *t, size_t i)
{
	struct conn *c = t->conn[i];

	memmove(t->conn + 1, t->conn, i * sizeof(struct conn *));
	t->conn[0] = c;
}

struct conn *conns_find(struct conns *t, uint32_t number)
{
	for (size_t i = 0; i < t->n; i++) {
		if (t->conn[i]->number != number)
			continue;
		to_front(t, i);
		return t->conn[0];
	}
	return NULL;
}

void conns_remove(struct dissection *d, struct conns *t, struct conn *c)
{
	size_t i = 0;

	while (i < t->n && t->conn[i] != c)
		i++;
	if (i == t->n)
		return;
	t->n--;
	memmove(t->conn + i, t->conn + i + 1, (t->n - i) * sizeof(struct conn *));
	conn_end(d, c);
}

void conns_add(struct dissection *d, struct conns *t, struct conn *c)
{
	struct conn *old = conns_find(t, c->number);

	if (!old && t->n == DISSECT_CONNS_MAX)
		old = t->conn[t->n - 1];
	if (old)
		conns_remove(d, t, old);
	t->conn[t->n] = c;
	to_front(t, t->n++);
}

void conns_clear(struct dissection *d, struct conns *t)
{
	while (t->n)
		conns_remove(d, t, t->conn[t->n - 1]);
}

/* --- what is said on one -------------------------------------------------- */

static void use_keys(struct dissection *d, struct conn *c,
		     const struct sealed *s)
{
	struct capture_keys keys;
	struct heard h = { .what = HEARD_KEYS, .time_us = s->time_us,
			   .place = s->place, .conn = c, .dir = s->dir,
			   .keys = &keys };

	if (!dissect_keys_find(d->keys, c->dissect, &keys))
		return;
	dissect_set_keys(c->dissect, &keys);
	dissect_tell(d, &h);
	sodium_memzero(&keys, sizeof(keys));
}

void conn_hear(struct dissection *d, struct conn *c, const struct sealed *s)
{
	struct kith_slice in = s->bytes;
	struct dissect_event event;
	enum dissect_step step;

	while ((step = dissect_next(c->dissect, s->dir, s->time_us, &in,
				    &event)) != DISSECT_MORE) {
		struct heard h = { .what = HEARD_EVENT, .time_us = s->time_us,
				   .place = s->place, .conn = c,
				   .dir = s->dir, .event = &event };

		if (step == DISSECT_ASK)
			use_keys(d, c, s);
		else
			dissect_tell(d, &h);
		if (step == DISSECT_EVENT && event.what == DISSECT_BROKEN)
			dissect_finding(d, s->place, "connection %lu: what %s "
					"said cannot be read on: %s",
					(unsigned long)c->number,
					s->dir == DISSECT_IN ? "came in"
							     : "went out",
					event.why);
	}
}
