#include <stdlib.h>

#include "src/gossip/wants_private.h"

enum kith_err wants_push(struct wants *w, const struct kith_blob_id *id,
			 uint64_t size, int64_t now_ms)
{
	struct wants_blob *b = wants_find(w, id);

	w->now_ms = now_ms;
	if (b && b->pushing)
		return KITH_OK;
	if (w->push_count >= WANTS_PUSH_MAX)
		return KITH_EFULL;
	if (b)
		wants_came(w, id, size, now_ms);
	b = wants_take(w, id);
	if (!b)
		return KITH_ENOMEM;
	b->copies = calloc(w->options.pushy, sizeof(*b->copies));
	if (!b->copies) {
		wants_let_go(w, b);
		return KITH_ENOMEM;
	}
	b->pushing = true;
	b->size = size;
	chain_put(&w->pushing, &b->push);
	w->push_count++;
	wants_tell(w, b);
	return KITH_OK;
}

void wants_unpush(struct wants *w, struct wants_blob *b)
{
	if (!b->pushing)
		return;
	b->pushing = false;
	chain_take(&b->push);
	w->push_count--;
	if (w->pushed_now == b)
		w->pushed_now = NULL;
	wants_tell(w, b);
}

void wants_gone(struct wants *w, const struct kith_blob_id *id)
{
	struct wants_blob *b = wants_find(w, id);

	if (!b || !b->pushing)
		return;
	wants_unpush(w, b);
	if (!wants_is_wanted(b))
		wants_let_go(w, b);
}

static bool is_seen(const struct wants_blob *b, const struct kith_feed_id *peer)
{
	for (uint32_t i = 0; i < b->copy_count; i++)
		if (kith_feed_equal(&b->copies[i].peer, peer))
			return true;
	return false;
}

void wants_copy_seen(struct wants *w, struct wants_blob *b,
		     const struct wants_peer *p, uint64_t size)
{
	if (b->pushed || is_seen(b, &p->id))
		return;
	b->copies[b->copy_count++] = (struct wants_copy){ p->id, size };
	if (b->copy_count < w->options.pushy)
		return;
	b->pushed = true;
	chain_move(&w->pushed, &b->push);
}

bool wants_copies(const struct wants *w, const struct kith_blob_id *id,
		  size_t i, struct kith_feed_id *peer, uint64_t *size)
{
	const struct wants_blob *b = wants_find(w, id);

	if (!b || !b->pushing || i >= b->copy_count)
		return false;
	*peer = b->copies[i].peer;
	*size = b->copies[i].size;
	return true;
}
