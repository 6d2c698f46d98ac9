#include "src/ingest/ingest_private.h"

#include "feeds/peek.h"

void result_set(struct ingest_result *r, enum ingest_verdict verdict,
		enum kith_err code, const char *why)
{
	size_t n = strnlen(why, sizeof(r->why) - 1);

	r->verdict = verdict;
	r->code = code;
	memcpy(r->why, why, n);
	r->why[n] = '\0';
}

static struct kith_slice wire_of(const struct ingest_job *job, size_t i)
{
	const struct job_item *item = &job->items[i];

	/* Nothing but empty messages, and there are no bytes at all. */
	if (!item->n)
		return KITH_SLICE("");
	return (struct kith_slice){ job->wire.p + item->offset, item->n };
}

static void refuse(struct ingest_result *r, struct kith_slice wire,
		   enum kith_err err, const struct kith_error *e)
{
	enum ingest_verdict verdict =
		err == KITH_ENOMEM ? INGEST_FAILED : INGEST_INVALID;

	result_set(r, verdict, err, e->code ? e->text : kith_strerror(err));
	if (!msg_peek(wire, &r->author, &r->sequence)) {
		r->author.format = KITH_FORMAT_NONE;
		r->sequence = 0;
	}
}

/* Decodes message i of the job, and lines its signature up as item n. */
static bool decode(struct verifier *v, struct ingest_job *job, size_t i,
		   size_t n)
{
	struct kith_slice wire = wire_of(job, i);
	struct kith_msg *m = &job->messages[i];
	struct ingest_result *r = &job->results[i];
	struct kith_error e = { 0 };
	enum kith_err err;

	err = kith_msg_decode(v->decoder, KITH_CLASSIC, wire, m, &e);
	if (err) {
		refuse(r, wire, err, &e);
		return false;
	}
	r->author = m->author;
	r->sequence = m->sequence;
	v->which[n] = i;
	v->items[n] = (struct kith_verify_item){
		.key = m->author.b,
		.message = m->signing,
		.signature = m->signature,
	};
	return true;
}

static bool is_inside(const struct kith_buf *b, struct kith_slice s)
{
	return (uintptr_t)s.p - (uintptr_t)b->p < b->n;
}

/* Moves what the decoder holds of m into to, which has room for it. */
static void keep_canon(struct kith_buf *to, struct kith_msg *m)
{
	size_t content = (size_t)(m->content.p - m->canon.p);
	const uint8_t *at = to->p + to->n;

	kith_buf_put(to, m->canon);
	m->canon.p = at;
	m->content.p = at + content;
}

/* The decoder is needed for the next job: after this the job's messages
 * borrow from the job alone. */
static void leave_decoder(struct verifier *v, struct ingest_job *job, size_t n)
{
	size_t bytes = 0;

	for (size_t k = 0; k < n; k++) {
		const struct kith_msg *m = &job->messages[v->which[k]];

		if (!is_inside(&job->wire, m->canon))
			bytes += m->canon.n;
	}
	if (bytes)
		(void)kith_buf_reserve(&job->canon, bytes);
	for (size_t k = 0; k < n; k++) {
		size_t i = v->which[k];
		struct kith_msg *m = &job->messages[i];

		m->signing = (struct kith_slice){ NULL, 0 };
		if (is_inside(&job->wire, m->canon))
			continue;
		if (job->canon.err)
			result_set(&job->results[i], INGEST_FAILED,
				   KITH_ENOMEM, "out of memory");
		else
			keep_canon(&job->canon, m);
	}
}

static void verify_job(struct verifier *v, struct ingest_job *job)
{
	size_t n = 0;

	kith_decoder_reset(v->decoder);
	for (size_t i = 0; i < job->count; i++)
		if (!job->results[i].code && decode(v, job, i, n))
			n++;
	kith_verifier_check(v->signatures, v->items, n);
	for (size_t k = 0; k < n; k++)
		if (!v->items[k].valid)
			result_set(&job->results[v->which[k]], INGEST_INVALID,
				   KITH_ESIGN, "the signature does not verify");
	leave_decoder(v, job, n);
}

/* The next job that nobody has taken; NULL: stop.  Holds the lock. */
static struct ingest_job *take(struct ingest *in)
{
	struct ingest_job *job;

	while (!in->unverified && !in->stop)
		pthread_cond_wait(&in->to_verify, &in->lock);
	job = in->unverified;
	if (job) {
		in->unverified = job->next;
		job->state = JOB_VERIFYING;
	}
	return job;
}

void *verifier_run(void *verifier)
{
	struct verifier *v = verifier;
	struct ingest *in = v->in;
	struct ingest_job *job;

	pthread_mutex_lock(&in->lock);
	while ((job = take(in))) {
		pthread_mutex_unlock(&in->lock);
		verify_job(v, job);
		pthread_mutex_lock(&in->lock);
		job->state = JOB_READY;
		pthread_cond_signal(&in->to_append);
	}
	pthread_mutex_unlock(&in->lock);
	return NULL;
}
