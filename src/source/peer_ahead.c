#include "src/source/peer_ahead.h"

#include <assert.h>

#include "feeds/json.h"
#include "feeds/ref.h"
#include "src/client/link.h"

enum { ARGS_BYTES = 256 };

void peer_put_history(struct kith_buf *args, const struct kith_feed_id *feed,
		      uint64_t sequence, uint64_t limit)
{
	char id[KITH_REF_TEXT_BYTES];

	kith_feed_print(feed, id);
	kith_buf_text(args, "[{\"id\":");
	json_put_text(args, id);
	kith_buf_text(args, ",\"seq\":");
	kith_buf_uint(args, sequence);
	kith_buf_text(args, ",\"sequence\":");
	kith_buf_uint(args, sequence);
	if (limit) {
		kith_buf_text(args, ",\"limit\":");
		kith_buf_uint(args, limit);
	}
	kith_buf_text(args, ",\"keys\":true,\"live\":false}]");
}

static enum kith_err ask_one(struct peer_answer *to, struct client *c,
			     struct kith_error *e)
{
	struct kith_buf args = { .limit = ARGS_BYTES };
	enum kith_err err;

	peer_put_history(&args, &to->place.feed, to->place.sequence, 1);
	err = args.err ? kith_fail(e, args.err, 0, "out of memory")
		       : client_request(c, RPC_SOURCE, "createHistoryStream",
					kith_bytes(&args), &to->request, e);
	kith_buf_free(&args);
	return err;
}

static struct peer_answer *asked_by(struct peer_ahead *a, int32_t request)
{
	for (size_t i = 0; i < a->count; i++)
		if (a->answers[i].request == request && !a->answers[i].ended)
			return &a->answers[i];
	return NULL;
}

/* One item is what was asked for: whatever it is, no more is wanted. */
static enum kith_err take(struct peer_answer *to, struct client *c,
			  enum session_step step, struct kith_slice body,
			  struct kith_error *e)
{
	to->ended = true;
	if (step != SESSION_DATA)
		return KITH_OK;
	to->bad = !body.n || body.n > to->item.limit;
	if (!to->bad)
		kith_buf_put(&to->item, body);
	if (to->item.err)
		return kith_fail(e, to->item.err, 0, "out of memory");
	return client_end(c, to->request, e);
}

/* Until all have ended, it is quiet, or it takes too long: who answers drop by
 * drop is never quiet. */
static enum kith_err listen(struct peer_ahead *a, struct client *c,
			    int silence_ms, struct kith_error *e)
{
	int64_t heard_ms = link_now_ms(), end_ms = heard_ms + PEER_AHEAD_MS;
	int64_t passed = 0;
	size_t open = a->count;
	enum kith_err err = KITH_OK;

	while (!err && open && passed < silence_ms && heard_ms < end_ms) {
		struct session_event event = { 0 };
		struct peer_answer *to;
		enum session_step step;

		err = client_event(c, silence_ms - (int)passed, &step, &event,
				   e);
		to = err ? NULL : asked_by(a, event.request);
		if (to) {
			err = take(to, c, step, event.body, e);
			open -= to->ended;
			heard_ms = link_now_ms();
		}
		passed = link_now_ms() - heard_ms;
	}
	return !err && open ? KITH_EBUSY : err;
}

/* Ends what is still open; EBUSY if nothing came at all. */
static enum kith_err give_up(struct peer_ahead *a, struct client *c,
			     struct kith_error *e)
{
	enum kith_err err = KITH_OK;
	bool heard = false;

	for (size_t i = 0; !err && i < a->count; i++) {
		struct peer_answer *to = &a->answers[i];

		heard |= to->ended;
		to->silent = !to->ended;
		if (to->silent)
			err = client_end(c, to->request, e);
		to->ended = true;
	}
	return err || heard ? err : KITH_EBUSY;
}

enum kith_err peer_ahead_ask(struct peer_ahead *a, struct client *c,
			     const struct source_place *places, size_t n,
			     int silence_ms, struct kith_error *e)
{
	enum kith_err err = KITH_OK;

	assert(n <= SOURCE_AHEAD_MAX);
	for (a->count = 0; !err && a->count < n; a->count++) {
		struct peer_answer *to = &a->answers[a->count];

		to->place = places[a->count];
		to->ended = to->silent = to->bad = false;
		to->item.limit = PEER_ITEM_BYTES_MAX;
		kith_buf_reset(&to->item);
		err = ask_one(to, c, e);
	}
	if (!err)
		err = listen(a, c, silence_ms, e);
	if (err == KITH_EBUSY)
		err = give_up(a, c, e);
	if (err && err != KITH_EBUSY)
		a->count = 0;
	return err;
}

void peer_ahead_free(struct peer_ahead *a)
{
	for (size_t i = 0; i < SOURCE_AHEAD_MAX; i++)
		kith_buf_free(&a->answers[i].item);
	a->count = 0;
}

const struct peer_answer *peer_ahead_of(const struct peer_ahead *a,
					const struct kith_feed_id *feed,
					uint64_t sequence)
{
	for (size_t i = 0; i < a->count; i++) {
		const struct source_place *p = &a->answers[i].place;

		if (p->sequence == sequence && kith_feed_equal(&p->feed, feed))
			return &a->answers[i];
	}
	return NULL;
}
