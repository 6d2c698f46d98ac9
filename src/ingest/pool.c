#include "src/ingest/pool.h"

#include <pthread.h>
#include <signal.h>
#include <stdlib.h>
#include <unistd.h>

#include "feeds/verify.h"
#include "src/store/signals.h"

enum { THREADS_MAX = 64, BATCHES_A_THREAD = 2 };

/* One batch with what its messages borrow from. */
struct slot {
	struct pool_batch batch;
	struct kith_decoder *decoder;
	struct kith_buf bytes;
	bool done;
};

struct worker {
	struct pool *pool;
	pthread_t thread;
	struct kith_verifier *verifier; /* NULL: signatures are not looked at */
};

/* Slots are used in a circle: those from given to taken are being checked or
 * are done, those from taken to filled wait, slot filled is in the making. */
struct pool {
	struct slot *slots;
	size_t slot_count;
	struct worker *workers;
	unsigned worker_count, started;

	pthread_mutex_t lock;
	pthread_cond_t to_check, is_done;
	size_t given, taken, filled;
	bool stop;
};

static struct slot *slot_at(struct pool *p, size_t i)
{
	return &p->slots[i % p->slot_count];
}

static void check_signatures(struct kith_verifier *v, struct pool_batch *b)
{
	struct kith_verify_item items[POOL_BATCH_MESSAGES];
	size_t which[POOL_BATCH_MESSAGES], n = 0;

	for (size_t i = 0; i < b->count; i++) {
		const struct kith_msg *m = &b->items[i].message;

		if (b->items[i].code)
			continue;
		which[n] = i;
		items[n++] = (struct kith_verify_item){
			.key = m->author.b,
			.message = m->signing,
			.signature = m->signature,
		};
	}
	kith_verifier_check(v, items, n);
	for (size_t i = 0; i < n; i++)
		b->items[which[i]].valid = items[i].valid;
}

static void check(const struct worker *w, struct slot *s)
{
	kith_decoder_reset(s->decoder);
	for (size_t i = 0; i < s->batch.count; i++) {
		struct pool_item *it = &s->batch.items[i];

		it->value = (struct kith_slice){ s->bytes.p + it->offset,
						 it->n };
		it->code = kith_msg_decode(s->decoder, it->format, it->value,
					   &it->message, &it->error);
	}
	if (w->verifier)
		check_signatures(w->verifier, &s->batch);
}

static void *run(void *arg)
{
	const struct worker *w = arg;
	struct pool *p = w->pool;
	struct slot *s;

	pthread_mutex_lock(&p->lock);
	for (;;) {
		while (p->taken == p->filled && !p->stop)
			pthread_cond_wait(&p->to_check, &p->lock);
		if (p->stop)
			break;
		s = slot_at(p, p->taken++);
		pthread_mutex_unlock(&p->lock);
		check(w, s);
		pthread_mutex_lock(&p->lock);
		s->done = true;
		pthread_cond_signal(&p->is_done);
	}
	pthread_mutex_unlock(&p->lock);
	return NULL;
}

static unsigned count_threads(unsigned asked)
{
	long n = asked ? (long)asked : sysconf(_SC_NPROCESSORS_ONLN);

	if (n < 1)
		return 1;
	return n < THREADS_MAX ? (unsigned)n : THREADS_MAX;
}

static bool make_slots(struct pool *p, const uint8_t *hmac)
{
	p->slots = calloc(p->slot_count, sizeof(*p->slots));
	for (size_t i = 0; p->slots && i < p->slot_count; i++) {
		p->slots[i].bytes.limit = POOL_BATCH_BYTES;
		p->slots[i].decoder = kith_decoder_new(hmac);
		if (!p->slots[i].decoder)
			return false;
	}
	return p->slots;
}

static bool make_workers(struct pool *p, bool signatures)
{
	p->workers = calloc(p->worker_count, sizeof(*p->workers));
	for (unsigned i = 0; p->workers && i < p->worker_count; i++) {
		p->workers[i].pool = p;
		if (!signatures)
			continue;
		p->workers[i].verifier = kith_verifier_new();
		if (!p->workers[i].verifier)
			return false;
	}
	return p->workers;
}

/* Signals are for the owner's thread. */
static bool start_threads(struct pool *p)
{
	sigset_t before;

	signals_block(&before);
	while (p->started < p->worker_count &&
	       !pthread_create(&p->workers[p->started].thread, NULL, run,
			       &p->workers[p->started]))
		p->started++;
	pthread_sigmask(SIG_SETMASK, &before, NULL);
	return p->started;
}

struct pool *pool_start(const struct pool_config *config)
{
	struct pool *p = calloc(1, sizeof(*p));

	if (!p)
		return NULL;
	pthread_mutex_init(&p->lock, NULL);
	pthread_cond_init(&p->to_check, NULL);
	pthread_cond_init(&p->is_done, NULL);
	p->worker_count = count_threads(config->threads);
	/* One more is being filled, and one settled. */
	p->slot_count = p->worker_count * BATCHES_A_THREAD + 2;
	if (make_slots(p, config->hmac) &&
	    make_workers(p, config->signatures) && start_threads(p))
		return p;
	pool_stop(p);
	return NULL;
}

void pool_stop(struct pool *p)
{
	if (!p)
		return;
	pthread_mutex_lock(&p->lock);
	p->stop = true;
	pthread_cond_broadcast(&p->to_check);
	pthread_mutex_unlock(&p->lock);
	for (unsigned i = 0; i < p->started; i++)
		pthread_join(p->workers[i].thread, NULL);
	for (size_t i = 0; p->slots && i < p->slot_count; i++) {
		kith_decoder_free(p->slots[i].decoder);
		kith_buf_free(&p->slots[i].bytes);
	}
	pthread_cond_destroy(&p->is_done);
	pthread_cond_destroy(&p->to_check);
	pthread_mutex_destroy(&p->lock);
	for (unsigned i = 0; p->workers && i < p->worker_count; i++)
		kith_verifier_free(p->workers[i].verifier);
	free(p->workers);
	free(p->slots);
	free(p);
}

size_t pool_room(const struct pool *p)
{
	return p->slot_count * POOL_BATCH_MESSAGES;
}

struct pool_batch *pool_batch(struct pool *p)
{
	/* Both move in this thread only. */
	if (p->filled - p->given == p->slot_count)
		return NULL;
	return &slot_at(p, p->filled)->batch;
}

enum kith_err pool_put(struct pool *p, struct kith_slice value,
		       enum kith_format format, uint64_t tag)
{
	struct slot *s = slot_at(p, p->filled);
	struct pool_batch *b = &s->batch;

	/* One byte over the limit is enough to be refused for. */
	if (value.n > KITH_MSG_WIRE_BYTES_MAX)
		value.n = KITH_MSG_WIRE_BYTES_MAX + 1;
	if (b->count == POOL_BATCH_MESSAGES ||
	    value.n > POOL_BATCH_BYTES - s->bytes.n)
		return KITH_ETOOBIG;
	kith_buf_put(&s->bytes, value);
	if (s->bytes.err)
		return KITH_ENOMEM;
	b->items[b->count++] = (struct pool_item){
		.format = format,
		.tag = tag,
		.offset = s->bytes.n - value.n,
		.n = value.n,
	};
	return KITH_OK;
}

void pool_submit(struct pool *p)
{
	struct pool_batch *b = pool_batch(p);

	if (!b || !b->count)
		return;
	pthread_mutex_lock(&p->lock);
	p->filled++;
	pthread_cond_signal(&p->to_check);
	pthread_mutex_unlock(&p->lock);
}

const struct pool_batch *pool_next(struct pool *p)
{
	struct slot *s = slot_at(p, p->given);

	if (p->given == p->filled)
		return NULL;
	pthread_mutex_lock(&p->lock);
	while (!s->done)
		pthread_cond_wait(&p->is_done, &p->lock);
	pthread_mutex_unlock(&p->lock);
	return &s->batch;
}

void pool_release(struct pool *p)
{
	struct slot *s = slot_at(p, p->given);

	pthread_mutex_lock(&p->lock);
	p->given++;
	pthread_mutex_unlock(&p->lock);
	s->done = false;
	s->batch.count = 0;
	kith_buf_reset(&s->bytes);
}
