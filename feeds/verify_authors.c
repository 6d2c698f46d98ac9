#include "feeds/verify_authors.h"

#include <stdlib.h>

/* How many must ask for a comb before somebody else may lose his. */
enum { COMB_PATIENCE = 8 };

struct comb_slot {
	struct author *owner; /* NULL: free */
	bool met;	      /* since the hand last passed */
	struct comb comb;
};

struct authors {
	uint64_t now; /* signatures */
	size_t hand, asked;
	struct comb_slot combs[AUTHOR_COMBS];
	struct author sets[AUTHOR_SETS][AUTHOR_WAYS];
};

struct authors *authors_new(void)
{
	return calloc(1, sizeof(struct authors));
}

void authors_free(struct authors *a)
{
	free(a);
}

static void lose_comb(struct authors *a, struct author *who)
{
	a->combs[who->slot].owner = NULL;
	who->comb = NULL;
	who->times = 0;
}

/* The hand goes around slowly, and takes the comb from whoever was not met
 * since it was there last: so many frequent authors in turn do not take the
 * combs from each other all the time. */
static void give_comb(struct authors *a, struct author *who)
{
	size_t at = a->hand;
	struct comb_slot *slot = &a->combs[at];

	if (slot->owner && ++a->asked % COMB_PATIENCE)
		return;
	a->hand = (at + 1) % AUTHOR_COMBS;
	if (slot->owner && slot->met) {
		slot->met = false;
		return;
	}
	if (slot->owner)
		lose_comb(a, slot->owner);
	comb_make(&slot->comb, &who->rake);
	slot->owner = who;
	who->slot = at;
	who->comb = &slot->comb;
}

/* Any byte of a point is as good as another to tell them apart; who makes keys
 * of one set on purpose makes no signature slower than libsodium's. */
static struct author *set_of(struct authors *a, const uint8_t *key)
{
	return a->sets[key[8] % AUTHOR_SETS];
}

static struct author *find(struct author *set, const uint8_t *key)
{
	for (size_t i = 0; i < AUTHOR_WAYS; i++)
		/* Public: memcmp is right. */
		if (set[i].met && !memcmp(set[i].key, key, POINT_BYTES))
			return &set[i];
	return NULL;
}

static struct author *enter(struct authors *a, struct author *set,
			    const uint8_t *key)
{
	struct author *who = &set[0];
	struct point p;

	if (!point_decode(&p, key))
		return NULL;
	point_negate(&p);
	for (size_t i = 1; i < AUTHOR_WAYS; i++)
		if (set[i].met < who->met)
			who = &set[i];
	if (who->comb)
		lose_comb(a, who);
	memcpy(who->key, key, POINT_BYTES);
	who->times = 0;
	rake_make(&who->rake, &p);
	return who;
}

const struct author *authors_meet(struct authors *a,
				  const uint8_t key[static POINT_BYTES])
{
	struct author *set = set_of(a, key), *who = find(set, key);

	if (!who)
		who = enter(a, set, key);
	if (!who)
		return NULL;
	who->met = ++a->now;
	if (who->comb)
		a->combs[who->slot].met = true;
	else if (++who->times >= AUTHOR_IS_FREQUENT)
		give_comb(a, who);
	return who;
}
