#include "src/gossip/dial.h"

#include <stdlib.h>

#include "feeds/list.h"

struct known {
	struct dial_entry entry; /* first: dial_next gives it out */
	bool paused;		 /* goes back to DIAL_PAUSED when it ends */
	bool ours;		 /* dialled by us, of what is open now */
	int64_t tried_ms;	 /* last dialled */
};

struct dial {
	struct known *all; /* in no order */
	size_t count, room;
	size_t ours; /* entries that are ours: trying or connected */
};

static struct known *find(const struct dial *d, const uint8_t *key)
{
	for (size_t i = 0; i < d->count; i++)
		if (!memcmp(d->all[i].entry.address.key, key,
			    KITH_PUBLIC_BYTES))
			return &d->all[i];
	return NULL;
}

static enum kith_err make_room(struct dial *d)
{
	struct known *all;

	if (d->count >= DIAL_KNOWN_MAX)
		return KITH_EFULL;
	all = list_room(d->all, d->count, &d->room, sizeof(*all));
	if (!all)
		return KITH_ENOMEM;
	d->all = all;
	return KITH_OK;
}

static void set_ours(struct dial *d, struct known *k, bool ours)
{
	if (k->ours == ours)
		return;
	k->ours = ours;
	d->ours = ours ? d->ours + 1 : d->ours - 1;
}

struct dial *dial_new(void)
{
	return calloc(1, sizeof(struct dial));
}

void dial_free(struct dial *d)
{
	if (!d)
		return;
	free(d->all);
	free(d);
}

enum kith_err dial_add(struct dial *d, const struct address *a, int64_t now_ms)
{
	struct known *k;
	enum kith_err err;

	if (!a->has_key)
		return KITH_EFORMAT;
	k = find(d, a->key);
	if (!k) {
		err = make_room(d);
		if (err)
			return err;
		k = &d->all[d->count++];
		*k = (struct known){ .entry.state = DIAL_WAITING };
	}
	k->entry.address = *a;
	k->entry.next_ms = now_ms;
	k->entry.failures = 0;
	k->paused = false;
	if (k->entry.state == DIAL_PAUSED)
		k->entry.state = k->ours ? DIAL_TRYING : DIAL_WAITING;
	return KITH_OK;
}

void dial_pause(struct dial *d, const uint8_t key[static 32])
{
	struct known *k = find(d, key);

	if (!k)
		return;
	k->paused = true;
	k->entry.state = DIAL_PAUSED;
}

void dial_hurry(struct dial *d, const uint8_t key[static 32], int64_t now_ms)
{
	struct known *k = find(d, key);

	if (!k)
		return;
	k->entry.failures = 0;
	k->entry.next_ms = now_ms;
}

static const struct dial_entry *begin(struct dial *d, struct known *k,
				      int64_t now_ms)
{
	k->entry.state = DIAL_TRYING;
	k->tried_ms = now_ms;
	set_ours(d, k, true);
	return &k->entry;
}

const struct dial_entry *dial_asked(struct dial *d,
				    const uint8_t key[static 32],
				    int64_t now_ms)
{
	struct known *k = find(d, key);

	return k && k->entry.state == DIAL_WAITING ? begin(d, k, now_ms) : NULL;
}

const struct dial_entry *dial_next(struct dial *d, int64_t now_ms,
				   int64_t *wake_ms)
{
	struct known *first = NULL;

	*wake_ms = INT64_MAX;
	if (d->ours >= DIAL_CONNECTIONS_MAX)
		return NULL;
	for (size_t i = 0; i < d->count; i++) {
		struct known *k = &d->all[i];

		if (k->entry.state == DIAL_WAITING &&
		    (!first || k->entry.next_ms < first->entry.next_ms))
			first = k;
	}
	if (!first)
		return NULL;
	if (first->entry.next_ms > now_ms) {
		*wake_ms = first->entry.next_ms;
		return NULL;
	}
	return begin(d, first, now_ms);
}

void dial_connected(struct dial *d, const uint8_t key[static 32])
{
	struct known *k = find(d, key);

	if (k)
		k->entry.state = DIAL_CONNECTED;
}

/* Between half of the pause and all of it, so that peers that lost each other
 * at the same moment do not come back at the same moment. */
static int64_t back_off_ms(uint32_t failures, uint32_t random)
{
	int64_t pause = DIAL_FIRST_MS;

	while (--failures > 0 && pause < DIAL_MAX_MS)
		pause *= 2;
	if (pause > DIAL_MAX_MS)
		pause = DIAL_MAX_MS;
	return pause / 2 + (int64_t)(random % (uint32_t)(pause / 2 + 1));
}

void dial_failed(struct dial *d, const uint8_t key[static 32], int64_t now_ms,
		 uint32_t random)
{
	struct known *k = find(d, key);

	if (!k)
		return;
	/* A peer that takes every connection and ends it at once is no
	 * success: only one that lasted starts the count again. */
	if (k->entry.state == DIAL_CONNECTED &&
	    (!k->ours || now_ms - k->tried_ms >= DIAL_LASTED_MS))
		k->entry.failures = 0;
	k->entry.failures++;
	k->entry.next_ms = now_ms + back_off_ms(k->entry.failures, random);
	k->entry.state = k->paused ? DIAL_PAUSED : DIAL_WAITING;
	set_ours(d, k, false);
}

const struct dial_entry *dial_entry(const struct dial *d, size_t *at)
{
	return *at < d->count ? &d->all[(*at)++].entry : NULL;
}
