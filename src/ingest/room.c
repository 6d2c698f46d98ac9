/*
 * A disk that is full, read-only or broken.
 *
 * While nothing can be written the node reads and serves on: publishes fail at
 * once, and so does what local programs add, since somebody waits for it; what
 * peers sent waits, until the queue is full and they are not read any more.
 * The writer looks every second whether the disk takes writes again.
 */
#include <time.h>

#include "src/ingest/ingest_private.h"

enum { LOOK_MS = 1000 };

int64_t room_now_ms(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (int64_t)t.tv_sec * 1000 + t.tv_nsec / 1000000;
}

const char *room_why(enum kith_err err)
{
	switch (err) {
	case KITH_EFULL:
		return "no room on the disk: make room there, and it goes on "
		       "by itself";
	case KITH_EDENIED:
		return "the disk is read-only: make it writable, and it goes "
		       "on by itself";
	default:
		return "the disk fails: see the system's log; it goes on by "
		       "itself if it can";
	}
}

void room_lost(struct ingest *in, enum kith_err err)
{
	bool before = in->room.lost;

	pthread_mutex_lock(&in->lock);
	if (!before)
		in->room.since_ms = room_now_ms();
	in->room.lost = in->room.careful = true;
	in->room.code = err;
	in->room.look_ms = room_now_ms() + LOOK_MS;
	pthread_mutex_unlock(&in->lock);
	if (!before)
		log_limited(&in->failures, LOG_LEVEL_ERROR, LOG_INGEST,
			    "nothing can be written; reading and serving go "
			    "on: %s", room_why(err));
}

static void found(struct ingest *in)
{
	int64_t lost_ms = room_now_ms() - in->room.since_ms;

	pthread_mutex_lock(&in->lock);
	in->room.lost = false;
	pthread_mutex_unlock(&in->lock);
	log_limited(&in->failures, LOG_LEVEL_INFO, LOG_INGEST,
		    "the disk takes writes again after_ms=%lld",
		    (long long)lost_ms);
}

void room_look(struct ingest *in)
{
	enum kith_err err = store_probe(in->config.store);

	if (err)
		room_lost(in, err);
	else
		found(in);
}

bool room_is_due(const struct ingest *in)
{
	return in->room.lost && room_now_ms() >= in->room.look_ms;
}

void room_wait_until(struct ingest *in, int64_t end_ms)
{
	struct timespec t = {
		.tv_sec = (time_t)(end_ms / 1000),
		.tv_nsec = (long)(end_ms % 1000) * 1000000,
	};

	pthread_cond_timedwait(&in->to_append, &in->lock, &t);
}

void room_wait(struct ingest *in)
{
	int64_t follow_ms = following_due_ms(in);

	if (in->room.lost)
		room_wait_until(in, in->room.look_ms);
	else if (follow_ms < INT64_MAX)
		room_wait_until(in, follow_ms);
	else
		pthread_cond_wait(&in->to_append, &in->lock);
}

/* --- what waits --- */

/* True if a local program added some of it. */
static bool is_local(const struct ingest_job *job)
{
	for (size_t i = 0; i < job->count; i++)
		if (!job->items[i].source)
			return true;
	return false;
}

uint64_t room_kept(const struct ingest *in)
{
	const struct ingest_job *job = in->room.lost ? in->queue.first : NULL;
	uint64_t n = 0;

	for (; job; job = job->next)
		n += !is_local(job);
	return n;
}

void room_fail_job(struct ingest_job *job, enum kith_err err, const char *why)
{
	for (size_t i = 0; i < job->count; i++)
		if (job->results[i].verdict != INGEST_INVALID)
			result_set(&job->results[i], INGEST_FAILED, err, why);
}

void room_fail_publish(struct publish *p, enum kith_err err, const char *why)
{
	if (!p->done.code)
		p->done.code = kith_fail(&p->done.error, err, 0,
					 "not written: %s", why);
}

/* Moves the local ones that are verified from the queue to out. */
static void take_local(struct ingest *in, struct job_list *out)
{
	struct job_list rest;
	struct ingest_job *job;

	job_list_init(&rest);
	while ((job = job_list_take(&in->queue)))
		job_list_add(job->state == JOB_READY && is_local(job) ? out
								      : &rest,
			     job);
	job_list_move(&in->queue, &rest);
}

bool room_refuse(struct ingest *in, struct batch *b)
{
	const char *why = room_why(in->room.code);

	publish_list_move(&b->publishes, &in->publishes);
	take_local(in, &b->jobs);
	for (struct publish *p = b->publishes.first; p; p = p->next)
		room_fail_publish(p, in->room.code, why);
	for (struct ingest_job *job = b->jobs.first; job; job = job->next)
		room_fail_job(job, in->room.code, why);
	return b->publishes.first || b->jobs.first;
}

/* As it was before it was appended: what the verifier said stays. */
static void reset_job(struct ingest_job *job)
{
	for (size_t i = 0; i < job->count; i++) {
		struct ingest_result *r = &job->results[i];

		if (r->verdict == INGEST_INVALID ||
		    r->verdict == INGEST_FAILED)
			continue;
		r->verdict = INGEST_ADDED;
		r->code = KITH_OK;
		r->rx = 0;
		r->why[0] = '\0';
	}
}

void room_keep(struct ingest *in, struct batch *b)
{
	struct job_list keep, rest;
	struct ingest_job *job;

	job_list_init(&keep);
	job_list_init(&rest);
	pthread_mutex_lock(&in->lock);
	while ((job = job_list_take(&b->jobs))) {
		if (in->stop || is_local(job)) {
			job_list_add(&rest, job);
		} else {
			reset_job(job);
			job_list_add(&keep, job);
		}
	}
	job_list_move(&b->jobs, &rest);
	job_list_move(&keep, &in->queue);
	job_list_move(&in->queue, &keep);
	pthread_mutex_unlock(&in->lock);
}

bool ingest_trouble(struct ingest *in, struct ingest_trouble *out)
{
	bool lost;

	pthread_mutex_lock(&in->lock);
	lost = in->room.lost;
	if (lost)
		*out = (struct ingest_trouble){
			.code = in->room.code,
			.why = room_why(in->room.code),
			.lasts_ms = room_now_ms() - in->room.since_ms,
		};
	pthread_mutex_unlock(&in->lock);
	return lost;
}
