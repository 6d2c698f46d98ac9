#include <inttypes.h>
#include <stdio.h>

#include "src/ingest/guard.h"
#include "src/ingest/ingest_private.h"
#include "src/store/wall.h"
#include "src/views/view.h"

/* Between two looks for dead readers. */
#define TIDY_US INT64_C(60000000)

enum kith_err batch_append(struct batch *b, struct cached_feed *feed,
			   const struct kith_msg *m, uint32_t source,
			   uint64_t *rx)
{
	struct message_row row;
	struct view_message seen = {
		.row = &row,
		.author = m->author,
		.claimed = m->claimed,
		.content = m->content,
	};
	enum kith_err err;

	err = message_append(b->txn, &feed->row, m, b->received_us, source,
			     &row);
	if (err)
		return err;
	feed->changed = true;
	views_fold(b->txn, &seen, VIEW_ADDED);
	*rx = row.rx;
	b->counts.added++;
	return txn_error(b->txn);
}

bool batch_holds(struct batch *b, const struct cached_feed *feed,
		 const struct kith_msg *m)
{
	struct message_row held;

	if (m->sequence == feed->row.last)
		return kith_msg_equal(&m->id, &feed->row.last_id);
	return message_by_sequence(b->txn, feed->row.number, m->sequence,
				   &held) &&
	       kith_msg_equal(&m->id, &held.id);
}

/* how: what the message does to message n that we hold. */
static void forked(struct ingest_result *r, const char *how, uint64_t n)
{
	r->verdict = INGEST_FORK;
	r->code = KITH_EFORK;
	snprintf(r->why, sizeof(r->why), "a fork: %s message %" PRIu64
		 " that we hold", how, n);
}

/* The next message of a feed.  Of a forked one no more is taken: which branch
 * others have cannot be known. */
static void append_next(struct batch *b, struct cached_feed *feed,
			const struct kith_msg *m, uint32_t source,
			struct ingest_result *r)
{
	if (feed->fork && m->sequence >= feed->fork) {
		r->forked = true;
		result_set(r, INGEST_FORK, KITH_EFORK,
			   "its feed is forked: no more of it is taken");
		return;
	}
	if (feed->row.forgotten) {
		result_set(r, INGEST_INVALID, KITH_EDENIED,
			   "its feed was forgotten: `kith forget --undo`");
		return;
	}
	if (b->room < (feed->publish == PUBLISH_NOT_OURS ? STORE_ROOM_ALL
							 : STORE_ROOM_OWN)) {
		result_set(r, INGEST_FAILED, KITH_EFULL,
			   "the store has reached its limit: `kith forget`, or "
			   "a higher store.limit");
		return;
	}
	r->verdict = INGEST_ADDED;
	b->err = batch_append(b, feed, m, source, &r->rx);
	if (!b->err && feed->branch == m->sequence)
		batch_settle_branch(b, feed);
	r->forked = feed->fork && m->sequence >= feed->fork;
}

static void append_behind_gap(struct batch *b, struct cached_feed *feed,
			      const struct kith_msg *m, uint32_t source,
			      struct ingest_result *r)
{
	append_next(b, feed, m, source, r);
	if (r->verdict == INGEST_ADDED && feed->row.state == FEED_OK)
		feed->row.state = FEED_PARTIAL;
}

static void append_or_refuse(struct batch *b, struct cached_feed *feed,
			     const struct kith_msg *m, uint32_t source,
			     struct ingest_result *r)
{
	struct kith_tip tip;

	feed_tip(&feed->row, &tip);
	switch (kith_chain(&tip, m)) {
	case KITH_OK:
		append_next(b, feed, m, source, r);
		return;
	case KITH_EEXIST:
		/* What stood below the first was dropped on purpose. */
		r->verdict = INGEST_KNOWN;
		if (m->sequence < feed->row.first || batch_holds(b, feed, m))
			return;
		batch_fork(b, feed, m, source);
		forked(r, "contradicts", m->sequence);
		return;
	case KITH_EFORK:
		batch_fork(b, feed, m, source);
		forked(r, "does not follow", tip.sequence);
		return;
	default:
		if (b->gaps) {
			append_behind_gap(b, feed, m, source, r);
			return;
		}
		r->verdict = INGEST_GAP;
		r->code = KITH_EGAP;
	}
}

static void append_message(struct ingest *in, struct batch *b,
			   struct ingest_job *job, size_t i)
{
	const struct kith_msg *m = &job->messages[i];
	const struct job_item *item = &job->items[i];
	struct ingest_result *r = &job->results[i];
	struct cached_feed *feed;
	bool ours;

	if (b->err || r->code)
		return;
	feed = feed_cache_get(&in->feeds, b->txn, &m->author);
	if (!feed) {
		b->err = KITH_ENOMEM;
		return;
	}
	ours = feed->publish != PUBLISH_NOT_OURS;
	if (ours)
		batch_guard(b, feed, m);
	b->received_us = item->received_us ? item->received_us : b->now_us;
	append_or_refuse(b, feed, m, item->source, r);
	b->received_us = b->now_us;
	if (ours && r->verdict == INGEST_FORK)
		r->verdict = INGEST_OWN;
	if (!b->err)
		b->err = txn_error(b->txn);
}

static void append_job(struct ingest *in, struct batch *b,
		       struct ingest_job *job)
{
	for (size_t i = 0; i < job->count; i++)
		append_message(in, b, job, i);
	job_list_add(&b->jobs, job);
}

static void append_publishes(struct ingest *in, struct batch *b,
			     struct publish_list *list)
{
	struct publish *p;

	while ((p = publish_list_take(list))) {
		if (!b->err)
			b->err = batch_publish(in, b, p);
		publish_list_add(&b->publishes, p);
	}
}

static bool has_room(const struct batch *b)
{
	return !b->txn || txn_dirty(b->txn) < INGEST_DIRTY_BYTES_MAX;
}

/* The oldest job of those that b may take; NULL: no more, or publishes came and
 * go first.  Waits for its verification, but not once b has a publish, which
 * somebody waits for.  Holds the lock. */
static struct ingest_job *take_job(struct ingest *in, const struct batch *b)
{
	struct ingest_job *job;

	for (;;) {
		job = in->queue.first;
		if (!job || job->serial > b->until || in->publishes.first)
			return NULL;
		if (job->state == JOB_READY)
			return job_list_take(&in->queue);
		if (b->publishes.first)
			return NULL;
		pthread_cond_wait(&in->to_append, &in->lock);
	}
}

/* Puts into b all publishes, and the jobs that had been submitted when b
 * began: they waited while the last commit ran. */
static void fill(struct ingest *in, struct batch *b)
{
	struct publish_list publishes;
	struct ingest_job *job;
	bool more = true;

	publish_list_init(&publishes);
	while (more && has_room(b)) {
		pthread_mutex_lock(&in->lock);
		publish_list_move(&publishes, &in->publishes);
		job = publishes.first ? NULL : take_job(in, b);
		more = publishes.first || job || in->publishes.first;
		pthread_mutex_unlock(&in->lock);

		append_publishes(in, b, &publishes);
		if (job)
			append_job(in, b, job);
	}
}

/* Nothing of b was written: nothing of it may be acknowledged. */
static void fail(struct ingest *in, struct batch *b)
{
	bool stuck = store_stuck(in->config.store);
	const char *why = stuck ? room_why(b->err) : kith_strerror(b->err);

	b->counts.added = 0;
	if (stuck && in->config.patient) {
		room_lost(in, b->err);
		room_keep(in, b);
	} else {
		log_limited(&in->failures, LOG_LEVEL_ERROR, LOG_INGEST,
			    "nothing can be written: %s", why);
	}
	for (struct ingest_job *job = b->jobs.first; job; job = job->next)
		room_fail_job(job, b->err, why);
	for (struct publish *p = b->publishes.first; p; p = p->next)
		room_fail_publish(p, b->err, why);
}

static void commit(struct ingest *in, struct batch *b)
{
	bool changed = b->txn && txn_dirty(b->txn);

	if (!b->err && changed) {
		feed_cache_put(&in->feeds, b->txn);
		b->err = txn_commit(b->txn);
		in->room.careful = in->room.careful && b->err;
	} else {
		txn_end(b->txn);
	}
	feed_cache_clear(&in->feeds);
	if (b->err)
		fail(in, b);
}

static void count(struct batch *b)
{
	for (const struct ingest_job *job = b->jobs.first; job; job = job->next)
		for (size_t i = 0; i < job->count; i++) {
			enum ingest_verdict v = job->results[i].verdict;

			b->counts.waiting++;
			if (v == INGEST_KNOWN)
				b->counts.known++;
			else if (v != INGEST_ADDED)
				b->counts.refused++;
		}
}

/* Hands b back to the owner.  Holds the lock. */
static void give_back(struct ingest *in, struct batch *b)
{
	in->turns++;
	for (struct ingest_job *job = b->jobs.first; job; job = job->next) {
		job->turn = in->turns;
		in->under_way--;
	}
	for (struct publish *p = b->publishes.first; p; p = p->next) {
		p->turn = in->turns;
		in->under_way--;
	}
	in->counts.added += b->counts.added;
	in->counts.known += b->counts.known;
	in->counts.refused += b->counts.refused;
	in->counts.waiting -= b->counts.waiting;
	job_list_move(&in->finished, &b->jobs);
	publish_list_move(&in->published, &b->publishes);
}

/* Pages that a dead reader holds are not used again; whoever writes makes sure
 * now and then that there is none, and who does not, needs no pages. */
static void tidy(struct ingest *in, int64_t now_us)
{
	int64_t since_us = now_us - in->tidied_us;

	if (since_us >= 0 && since_us < TIDY_US)
		return;
	in->tidied_us = now_us;
	store_tidy(in->config.store);
}

/* Something is done.  Without the lock, which the owner takes at once. */
static void wake_owner(struct ingest *in)
{
	pthread_cond_broadcast(&in->is_done);
	if (in->config.wake)
		in->config.wake(in->config.wake_arg);
}

/* Hands b back to the owner. */
static void finish(struct ingest *in, struct batch *b)
{
	count(b);
	pthread_mutex_lock(&in->lock);
	give_back(in, b);
	pthread_mutex_unlock(&in->lock);
	wake_owner(in);
}

static void batch_init(struct batch *b, uint64_t until)
{
	*b = (struct batch){ .until = until };
	job_list_init(&b->jobs);
	publish_list_init(&b->publishes);
}

static int64_t clock_us(const struct ingest *in)
{
	return in->config.now_us ? in->config.now_us() : wall_us();
}

static void begin(struct ingest *in, struct batch *b)
{
	int64_t now_us = clock_us(in);

	tidy(in, now_us);
	b->err = store_write(in->config.store, &b->txn);
	if (b->err)
		return;
	b->room = txn_room(b->txn);
	b->now_us = clock_believe(now_us, message_newest_us(b->txn),
				  &b->clock_ahead);
	b->received_us = b->now_us;
	b->gaps = in->config.gaps;
	b->forks = &in->forks;
}

static void run_batch(struct ingest *in, uint64_t until)
{
	struct batch b;

	batch_init(&b, until);
	begin(in, &b);
	fill(in, &b);
	commit(in, &b);
	finish(in, &b);
}

/* What the writer does next. */
struct work {
	enum {
		WORK_BATCH,
		WORK_TASK,
		WORK_REFUSE, /* what somebody waits for; room.c */
		WORK_LOOK,   /* whether the disk takes writes again */
		WORK_SETTLE, /* write what a flood left to be written */
		WORK_FOLLOW, /* let what follows the log follow */
		WORK_END
	} what;
	struct publish *task;
	struct batch refused;
	uint64_t until; /* serial of the newest job of the batch */
};

/* Publishes go before tasks, tasks before jobs; false: there is nothing to do.
 * Holds the lock. */
static bool next_work(struct ingest *in, struct work *w)
{
	const struct ingest_job *job = in->queue.first;
	bool lost = in->room.lost && !in->stop;

	batch_init(&w->refused, 0);
	w->until = in->room.careful && job ? job->serial : in->submitted;
	w->what = WORK_BATCH;
	if (lost && room_refuse(in, &w->refused))
		w->what = WORK_REFUSE;
	else if (in->publishes.first)
		return true;
	else if (lost && room_is_due(in))
		w->what = WORK_LOOK;
	else if ((w->task = publish_list_take(&in->tasks)))
		w->what = WORK_TASK;
	else
		return job && !lost && (in->stop || job->state == JOB_READY);
	return true;
}

/* Jobs go before what a flood left to be written, and mostly before what
 * follows the log, which gets every second turn when it has waited long. */
static void wait_for_work(struct ingest *in, struct work *w)
{
	bool idle = in->settled || !store_unsettled(in->config.store);

	following_look(in);
	pthread_mutex_lock(&in->lock);
	for (;;) {
		bool found = next_work(in, w);

		if (found && (w->what != WORK_BATCH || in->publishes.first))
			break;
		if (!in->stop && !in->room.lost && following_is_due(in)) {
			w->what = WORK_FOLLOW;
			break;
		}
		if (found)
			break;
		if (in->stop && (idle || in->room.lost)) {
			w->what = WORK_END;
			break;
		}
		if (!idle && !in->room.lost) {
			w->what = WORK_SETTLE;
			break;
		}
		room_wait(in);
	}
	pthread_mutex_unlock(&in->lock);
}

static void run_task(struct ingest *in, struct publish *p)
{
	p->done.code = p->fn(in->config.store, p->arg, &p->done.error);
	pthread_mutex_lock(&in->lock);
	in->under_way--;
	p->turn = ++in->turns;
	publish_list_add(&in->published, p);
	pthread_mutex_unlock(&in->lock);
	wake_owner(in);
}

void *writer_run(void *ingest)
{
	struct ingest *in = ingest;
	const struct kith_signer *self = in->config.signer;
	struct work w;

	/* It is unconfirmed without its row, too; the row says since when. */
	if (self && guard_adopt(in->config.store, kith_signer_id(self)))
		log_warn(LOG_INGEST, "the state of our feed is not written");
	do {
		wait_for_work(in, &w);
		switch (w.what) {
		case WORK_BATCH: run_batch(in, w.until); break;
		case WORK_TASK: run_task(in, w.task); break;
		case WORK_REFUSE: finish(in, &w.refused); break;
		case WORK_LOOK: room_look(in); break;
		case WORK_FOLLOW: following_run(in); break;
		case WORK_SETTLE:
		case WORK_END: break;
		}
		/* Where there is no room now, the next batch tries again. */
		in->settled = w.what == WORK_SETTLE &&
			      store_settle(in->config.store);
		in->following.last = w.what == WORK_FOLLOW;
		in->following.look |= w.what == WORK_BATCH ||
				      w.what == WORK_TASK;
	} while (w.what != WORK_END);
	return NULL;
}
