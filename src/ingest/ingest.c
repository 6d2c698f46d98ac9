#include "src/ingest/ingest.h"

#include <signal.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>

#include <sodium.h>

#include "src/ingest/ingest_private.h"
#include "src/store/signals.h"

enum { VERIFIERS_MAX = 64 };

static unsigned count_verifiers(unsigned asked)
{
	long cores = asked ? (long)asked : sysconf(_SC_NPROCESSORS_ONLN);

	if (cores < 1)
		return 1;
	return cores < VERIFIERS_MAX ? (unsigned)cores : VERIFIERS_MAX;
}

static bool prepare_verifiers(struct ingest *in)
{
	in->verifier_count = count_verifiers(in->config.verifiers);
	in->verifiers = calloc(in->verifier_count, sizeof(*in->verifiers));
	for (unsigned i = 0; in->verifiers && i < in->verifier_count; i++) {
		struct verifier *v = &in->verifiers[i];

		v->in = in;
		v->decoder = kith_decoder_new(in->config.hmac);
		v->signatures = kith_verifier_new();
		if (!v->decoder || !v->signatures)
			return false;
	}
	return in->verifiers;
}

static int start_threads(struct ingest *in)
{
	int rc = pthread_create(&in->writer, NULL, writer_run, in);

	in->writer_started = !rc;
	for (unsigned i = 0; !rc && i < in->verifier_count; i++) {
		rc = pthread_create(&in->verifiers[i].thread, NULL,
				    verifier_run, &in->verifiers[i]);
		in->verifiers_started += !rc;
	}
	return rc;
}

/* Signals are for the owner's thread. */
static int start_without_signals(struct ingest *in)
{
	sigset_t before;
	int rc;

	signals_block(&before);
	rc = start_threads(in);
	pthread_sigmask(SIG_SETMASK, &before, NULL);
	return rc;
}

static void init_shared(struct ingest *in)
{
	pthread_condattr_t monotonic;

	pthread_mutex_init(&in->lock, NULL);
	pthread_cond_init(&in->to_verify, NULL);
	pthread_condattr_init(&monotonic);
	pthread_condattr_setclock(&monotonic, CLOCK_MONOTONIC);
	pthread_cond_init(&in->to_append, &monotonic);
	pthread_condattr_destroy(&monotonic);
	pthread_cond_init(&in->is_done, NULL);
	job_list_init(&in->queue);
	job_list_init(&in->finished);
	publish_list_init(&in->publishes);
	publish_list_init(&in->tasks);
	publish_list_init(&in->published);
}

enum kith_err ingest_start(const struct ingest_config *config,
			   struct ingest **out, struct kith_error *e)
{
	struct ingest *in = calloc(1, sizeof(*in));

	if (!in)
		return kith_fail(e, KITH_ENOMEM, 0, "out of memory");
	in->config = *config;
	in->hooked.limit = KITH_MSG_WIRE_BYTES_MAX;
	init_shared(in);
	randombytes_buf(in->feeds.key, sizeof(in->feeds.key));
	in->decoder = kith_decoder_new(config->hmac);
	if (!in->decoder || !prepare_verifiers(in)) {
		ingest_stop(in);
		return kith_fail(e, KITH_ENOMEM, 0, "out of memory");
	}
	in->config.hmac = NULL;
	if (config->signer)
		in->feeds.self = kith_signer_id(config->signer);
	if (start_without_signals(in)) {
		ingest_stop(in);
		return kith_fail(e, KITH_ENOMEM, 0, "no more threads");
	}
	*out = in;
	return KITH_OK;
}

static void free_job(struct ingest_job *job)
{
	if (!job)
		return;
	kith_buf_free(&job->wire);
	kith_buf_free(&job->canon);
	free(job);
}

static size_t job_memory(const struct ingest_job *job)
{
	return sizeof(*job) + job->wire.cap + job->canon.cap;
}

/* Back to the pool, or freed when the pool holds as much as the queue may. */
static void recycle(struct ingest *in, struct ingest_job *job)
{
	if (!job)
		return;
	in->queue_bytes -= job->cost;
	if (in->pool_bytes + job_memory(job) > INGEST_QUEUE_BYTES_MAX) {
		free_job(job);
		return;
	}
	in->pool_bytes += job_memory(job);
	job->next = in->pool;
	in->pool = job;
}

static void free_all(struct ingest *in)
{
	struct ingest_job *job;
	struct publish *p;

	while ((job = in->pool)) {
		in->pool = job->next;
		free_job(job);
	}
	while ((job = job_list_take(&in->queue)) ||
	       (job = job_list_take(&in->finished)))
		free_job(job);
	while ((p = publish_list_take(&in->publishes)) ||
	       (p = publish_list_take(&in->tasks)) ||
	       (p = publish_list_take(&in->published)))
		publish_free(p);
	free_job(in->filling);
	free_job(in->shown);
	publish_free(in->shown_publish);
	for (unsigned i = 0; in->verifiers && i < in->verifier_count; i++) {
		kith_decoder_free(in->verifiers[i].decoder);
		kith_verifier_free(in->verifiers[i].signatures);
	}
	free(in->verifiers);
	kith_decoder_free(in->decoder);
	kith_buf_free(&in->hooked);
	feed_cache_free(&in->feeds);
}

static void join_threads(struct ingest *in)
{
	pthread_mutex_lock(&in->lock);
	in->stop = true;
	pthread_cond_broadcast(&in->to_verify);
	pthread_cond_broadcast(&in->to_append);
	pthread_mutex_unlock(&in->lock);
	if (in->writer_started)
		pthread_join(in->writer, NULL);
	for (unsigned i = 0; i < in->verifiers_started; i++)
		pthread_join(in->verifiers[i].thread, NULL);
}

void ingest_stop(struct ingest *in)
{
	if (!in)
		return;
	ingest_flush(in);
	join_threads(in);
	free_all(in);
	pthread_cond_destroy(&in->is_done);
	pthread_cond_destroy(&in->to_append);
	pthread_cond_destroy(&in->to_verify);
	pthread_mutex_destroy(&in->lock);
	free(in);
}

/* The job in the making; NULL when out of memory. */
static struct ingest_job *filling(struct ingest *in)
{
	struct ingest_job *job = in->filling;

	if (job)
		return job;
	job = in->pool;
	if (job) {
		in->pool = job->next;
		in->pool_bytes -= job_memory(job);
	} else {
		job = calloc(1, sizeof(*job));
		if (!job)
			return NULL;
		job->wire.limit = INGEST_JOB_BYTES;
		job->canon.limit =
			INGEST_JOB_MESSAGES * KITH_MSG_CANON_BYTES_MAX;
	}
	job->count = 0;
	kith_buf_reset(&job->wire);
	kith_buf_reset(&job->canon);
	job->cost = sizeof(*job);
	in->queue_bytes += job->cost;
	in->filling = job;
	return job;
}

static void add_to_job(struct ingest *in, struct ingest_job *job,
		       const struct job_item *item, uint32_t tag)
{
	job->items[job->count] = *item;
	job->items[job->count].offset = job->wire.n - item->n;
	job->results[job->count++] = (struct ingest_result){ .tag = tag };
	job->cost += item->n;
	in->queue_bytes += item->n;
	if (job->count == INGEST_JOB_MESSAGES)
		ingest_flush(in);
}

enum kith_err ingest_add_received(struct ingest *in, struct kith_slice value,
				  uint32_t tag, uint32_t source,
				  int64_t received_us)
{
	struct job_item item = { .source = source, .received_us = received_us };
	struct ingest_job *job;

	/* One byte over the limit is enough to be refused for. */
	if (value.n > KITH_MSG_WIRE_BYTES_MAX)
		value.n = KITH_MSG_WIRE_BYTES_MAX + 1;
	job = in->filling;
	if (job && value.n > INGEST_JOB_BYTES - job->wire.n)
		ingest_flush(in);
	job = filling(in);
	if (!job)
		return KITH_ENOMEM;
	kith_buf_put(&job->wire, value);
	if (job->wire.err) {
		job->wire.err = KITH_OK;
		return KITH_ENOMEM;
	}
	item.n = value.n;
	add_to_job(in, job, &item, tag);
	return KITH_OK;
}

enum kith_err ingest_add(struct ingest *in, struct kith_slice value,
			 uint32_t tag, uint32_t source)
{
	return ingest_add_received(in, value, tag, source, 0);
}

void ingest_flush(struct ingest *in)
{
	struct ingest_job *job = in->filling;

	if (!job || !job->count)
		return;
	in->filling = NULL;
	pthread_mutex_lock(&in->lock);
	job->serial = ++in->submitted;
	job->state = JOB_WAITING;
	job_list_add(&in->queue, job);
	if (!in->unverified)
		in->unverified = job;
	in->under_way++;
	in->counts.waiting += job->count;
	pthread_cond_signal(&in->to_verify);
	pthread_mutex_unlock(&in->lock);
}

bool ingest_full(const struct ingest *in)
{
	return in->queue_bytes > INGEST_QUEUE_BYTES_MAX;
}

static void submit(struct ingest *in, struct publish_list *to,
		   struct publish *p)
{
	pthread_mutex_lock(&in->lock);
	publish_list_add(to, p);
	in->under_way++;
	pthread_mutex_unlock(&in->lock);
	pthread_cond_signal(&in->to_append);
}

enum kith_err ingest_publish_by(struct ingest *in, struct kith_slice content,
				const struct ingest_hook *hook, void *arg,
				void *user)
{
	struct publish *p;

	if (content.n > KITH_MSG_WIRE_BYTES_MAX)
		return KITH_ETOOBIG;
	p = calloc(1, sizeof(*p) + content.n);
	if (!p)
		return KITH_ENOMEM;
	p->done.user = user;
	p->hook = hook;
	p->arg = arg;
	p->n = content.n;
	if (content.n)
		memcpy(p->content, content.p, content.n);
	submit(in, &in->publishes, p);
	return KITH_OK;
}

enum kith_err ingest_publish(struct ingest *in, struct kith_slice content,
			     void *user)
{
	return ingest_publish_by(in, content, NULL, NULL, user);
}

enum kith_err ingest_run(struct ingest *in, ingest_fn fn, void *arg, void *user)
{
	struct publish *p = calloc(1, sizeof(*p));

	if (!p)
		return KITH_ENOMEM;
	p->fn = fn;
	p->arg = arg;
	p->done.task = true;
	p->done.user = user;
	submit(in, &in->tasks, p);
	return KITH_OK;
}

/* True if a publish is to be told of, before any job.  Holds the lock. */
static bool publish_is_next(const struct ingest *in)
{
	const struct publish *p = in->published.first;
	const struct ingest_job *job = in->finished.first;

	return p && (!job || p->turn <= job->turn);
}

bool ingest_done(struct ingest *in, struct ingest_done *out)
{
	recycle(in, in->shown);
	publish_free(in->shown_publish);
	in->shown = NULL;
	in->shown_publish = NULL;
	pthread_mutex_lock(&in->lock);
	if (publish_is_next(in))
		in->shown_publish = publish_list_take(&in->published);
	else
		in->shown = job_list_take(&in->finished);
	pthread_mutex_unlock(&in->lock);
	if (in->shown_publish)
		*out = in->shown_publish->done;
	else if (in->shown)
		*out = (struct ingest_done){ .results = in->shown->results,
					     .count = in->shown->count };
	return in->shown_publish || in->shown;
}

struct kith_slice ingest_value(const struct ingest *in, size_t i)
{
	const struct job_item *item = &in->shown->items[i];

	if (!item->n)
		return KITH_SLICE("");
	return (struct kith_slice){ in->shown->wire.p + item->offset, item->n };
}

bool ingest_has_done(struct ingest *in)
{
	bool has;

	pthread_mutex_lock(&in->lock);
	has = in->published.first || in->finished.first;
	pthread_mutex_unlock(&in->lock);
	return has;
}

void ingest_wait(struct ingest *in)
{
	ingest_flush(in);
	pthread_mutex_lock(&in->lock);
	while (in->under_way > room_kept(in))
		pthread_cond_wait(&in->is_done, &in->lock);
	pthread_mutex_unlock(&in->lock);
}

void ingest_wait_some(struct ingest *in)
{
	ingest_flush(in);
	pthread_mutex_lock(&in->lock);
	while (in->under_way && !in->finished.first && !in->published.first)
		pthread_cond_wait(&in->is_done, &in->lock);
	pthread_mutex_unlock(&in->lock);
}

void ingest_counts(struct ingest *in, struct ingest_counts *out)
{
	pthread_mutex_lock(&in->lock);
	*out = in->counts;
	pthread_mutex_unlock(&in->lock);
}
