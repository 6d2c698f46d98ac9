#include "src/views/private_try.h"

#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <unistd.h>

#include "src/views/rows_private.h"

/* Fewer boxes than this for each are not worth a thread. */
enum { WORTH_A_THREAD = 16 };

bool tries_alloc(struct tries *t)
{
	long n = sysconf(_SC_NPROCESSORS_ONLN);

	*t = (struct tries){ .threads = n < 1 ? 1 : n > TRY_THREADS_MAX
						? TRY_THREADS_MAX
						: (unsigned)n };
	t->boxes = calloc(TRY_BOXES, sizeof(*t->boxes));
	return t->boxes;
}

static void free_openers(struct tries *t)
{
	for (unsigned i = 0; i < t->threads; i++) {
		kith_opener_free(t->openers[i]);
		t->openers[i] = NULL;
	}
}

void tries_free(struct tries *t)
{
	tries_reset(t);
	free_openers(t);
	free(t->boxes);
	*t = (struct tries){ 0 };
}

/* It may have been shrunk. */
static void drop_opened(struct kith_opened *o)
{
	if (o)
		sodium_memzero(o, offsetof(struct kith_opened, plain) + o->n);
	free(o);
}

void tries_reset(struct tries *t)
{
	for (size_t i = 0; i < t->count; i++)
		drop_opened(t->boxes[i].opened);
	t->count = 0;
	t->lone = false;
	sodium_memzero(&t->key, sizeof(t->key));
}

bool tries_add(struct tries *t, const struct message_row *row,
	       const struct view_message *m)
{
	struct trying *b = &t->boxes[t->count];

	if (kith_box_scheme(m->content) == KITH_BOX_NONE)
		return true;
	if (t->count == TRY_BOXES)
		return false;
	*b = (struct trying){ .row = *row, .m = *m };
	b->m.row = &b->row;
	b->box = kith_box_scheme(m->content);
	t->count += boxed_read(&b->row, &b->m, &b->previous, &b->boxed);
	return true;
}

enum kith_err tries_load(struct tries *t, struct txn *txn,
			 const struct keys *k)
{
	free_openers(t);
	for (unsigned i = 0; i < t->threads; i++) {
		t->openers[i] = keys_opener(k, txn);
		if (!t->openers[i])
			return txn_error(txn) ? txn_error(txn) : KITH_ENOMEM;
	}
	return KITH_OK;
}

/* --- one thread of several --- */

struct team {
	struct tries *tries;
	int64_t end_ms;
	_Atomic size_t next;
	_Atomic bool failed;
};

struct hand {
	struct team *team;
	struct kith_opener *opener;
	struct kith_opened *room; /* for what is opened next */
	pthread_t thread;
};

/* Many wait for the end of a batch: each takes no more than it has. */
static struct kith_opened *shrink(struct kith_opened *o)
{
	size_t n = offsetof(struct kith_opened, plain) + o->n;
	void *less;

	sodium_memzero(o->plain + o->n, sizeof(o->plain) - o->n);
	less = realloc(o, n);
	return less ? less : o;
}

static bool try_one(struct hand *h, struct trying *b)
{
	const struct tries *t = h->team->tries;

	if (!h->room)
		h->room = calloc(1, sizeof(*h->room));
	if (!h->room)
		return false;
	b->outcome = t->lone ? kith_box2_open(&b->boxed, &t->key, 1, h->room)
			     : kith_open(h->opener, &b->boxed, KITH_TRY_USUAL,
					 h->room);
	if (b->outcome == KITH_OPENED) {
		b->opened = shrink(h->room);
		h->room = NULL;
	} else if (b->outcome == KITH_UNUSABLE) {
		kith_opened_clear(h->room);
	}
	return true;
}

/* What is taken is done: so all before the next are. */
static void *work(void *arg)
{
	struct hand *h = arg;
	struct team *team = h->team;
	bool good = true;
	size_t i;

	do {
		i = atomic_fetch_add(&team->next, 1);
		if (i < team->tries->count)
			good = try_one(h, &team->tries->boxes[i]);
	} while (good && i < team->tries->count &&
		 rows_now_ms() < team->end_ms);
	if (!good)
		atomic_store(&team->failed, true);
	drop_opened(h->room);
	h->room = NULL;
	return NULL;
}

enum kith_err tries_run(struct tries *t, int64_t end_ms, size_t *done)
{
	struct team team = { .tries = t, .end_ms = end_ms };
	struct hand hands[TRY_THREADS_MAX] = {
		{ .team = &team, .opener = t->openers[0] },
	};
	unsigned wanted = (unsigned)(t->count / WORTH_A_THREAD) + 1;
	unsigned n = 0;

	if (wanted > t->threads)
		wanted = t->threads;
	for (unsigned i = 1; i < wanted; i++)
		hands[i] = (struct hand){ .team = &team,
					  .opener = t->openers[i] };
	while (n + 1 < wanted &&
	       !pthread_create(&hands[n].thread, NULL, work, &hands[n]))
		n++;
	work(&hands[n]); /* this one works too */
	for (unsigned i = 0; i < n; i++)
		pthread_join(hands[i].thread, NULL);
	*done = atomic_load(&team.next);
	if (*done > t->count)
		*done = t->count;
	return atomic_load(&team.failed) ? KITH_ENOMEM : KITH_OK;
}

/* --- what came of it --- */

static enum kith_err put_content(const struct trying *b, struct txn *t,
				 const struct keys *k,
				 const struct opened *how,
				 struct kith_slice content)
{
	struct view_message m;
	struct message_row row;
	enum kith_err err;

	if (!message_get(t, b->row.rx, &row) || !views_read(t, &row, &m))
		return txn_error(t);
	m.boxed = m.content;
	m.content = content;
	opened_gone(t, row.rx); /* as it was, shut */
	err = opened_put(t, k, &m, how);
	if (!err && message_get(t, b->row.rx, &row))
		group_learn(t, k, &row, content);
	return err;
}

static enum kith_err put_opened(const struct trying *b, struct txn *t,
				const struct keys *k,
				const struct kith_msg_id *groups, bool lone)
{
	struct opened how = { .via = b->opened->via, .key = b->opened->key };
	struct kith_buf content;
	enum kith_err err = opened_content(b->opened, &content);

	if (how.via == KITH_VIA_GROUP || lone) {
		how.via = KITH_VIA_GROUP;
		how.group = groups[b->opened->which];
	}
	if (!err)
		err = put_content(b, t, k, &how, kith_bytes(&content));
	opened_content_free(&content);
	sodium_memzero(&how, sizeof(how));
	return err;
}

enum kith_err trying_put(const struct trying *b, struct txn *t,
			 const struct keys *k,
			 const struct kith_msg_id *groups, bool lone)
{
	switch (b->outcome) {
	case KITH_OPENED:
		return put_opened(b, t, k, groups, lone);
	case KITH_UNUSABLE:
	case KITH_BROKEN:
		opened_put_state(t, b->row.rx, OPENED_BROKEN);
		return KITH_OK;
	default:
		break;
	}
	/* Of a box1 that is not for us that will never change. */
	if (b->box == KITH_BOX2 && !lone)
		opened_put_state(t, b->row.rx, OPENED_SHUT);
	return KITH_OK;
}
