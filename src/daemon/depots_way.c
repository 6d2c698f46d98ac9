#include "src/daemon/depots_way.h"

#include <stdio.h>
#include <stdlib.h>

#include "src/daemon/daemon.h"
#include "src/depot/blob_in.h"

/* --- the session's thread ------------------------------------------------- */

static enum kith_err interrupted(struct kith_error *e)
{
	return kith_fail(e, KITH_EBUSY, 0, "interrupted");
}

/* The first of w->spare or w->posted, or NULL. */
static struct parcel *take_first(struct depots_way *w,
				 struct parcel_queue *from)
{
	struct parcel *p;

	pthread_mutex_lock(&w->lock);
	p = STAILQ_FIRST(from);
	if (p)
		STAILQ_REMOVE_HEAD(from, next);
	pthread_mutex_unlock(&w->lock);
	return p;
}

/* p is the loop's from now on. */
static void post(struct depots_way *w, struct parcel *p)
{
	pthread_mutex_lock(&w->lock);
	STAILQ_INSERT_TAIL(&w->posted, p, next);
	w->under_way += p->kind == PARCEL_OF_MESSAGES;
	pthread_mutex_unlock(&w->lock);
	net_wake(w->daemon->net);
}

static void post_filling(struct depots_way *w)
{
	if (!w->filling || !w->filling->count)
		return;
	post(w, w->filling);
	w->filling = NULL;
}

static bool has_room(const struct parcel *p)
{
	return p->count < PARCEL_MESSAGES &&
	       p->bytes.n < PARCEL_BYTES - KITH_MSG_WIRE_BYTES_MAX;
}

/* Of what is longer than any message no more is needed to say so. */
static enum kith_err add(struct parcel *p, struct kith_slice value,
			 uint32_t tag, struct kith_error *e)
{
	if (value.n > KITH_MSG_WIRE_BYTES_MAX)
		value.n = KITH_MSG_WIRE_BYTES_MAX + 1;
	p->items[p->count] = (struct parcel_item){
		.tag = tag, .offset = p->bytes.n, .n = value.n,
	};
	kith_buf_put(&p->bytes, value);
	if (p->bytes.err)
		return kith_fail(e, p->bytes.err, 0, "out of memory");
	p->count++;
	return KITH_OK;
}

static enum kith_err way_put(void *arg, struct kith_slice value, uint32_t tag,
			     struct kith_error *e)
{
	struct depots_way *w = arg;
	enum kith_err err;

	if (!w->filling)
		w->filling = take_first(w, &w->spare);
	if (!w->filling)
		return kith_fail(e, KITH_EFULL, 0, "put though it was full");
	err = add(w->filling, value, tag, e);
	if (!err && !has_room(w->filling))
		post_filling(w);
	return err;
}

static bool way_full(void *arg)
{
	struct depots_way *w = arg;
	bool none;

	if (w->filling)
		return false;
	pthread_mutex_lock(&w->lock);
	none = STAILQ_EMPTY(&w->spare);
	pthread_mutex_unlock(&w->lock);
	return none;
}

static enum kith_err way_wait(void *arg, struct kith_error *e)
{
	struct depots_way *w = arg;
	bool stopped;

	post_filling(w);
	pthread_mutex_lock(&w->lock);
	while (STAILQ_EMPTY(&w->answered) && w->under_way && !w->stopped)
		pthread_cond_wait(&w->moved, &w->lock);
	stopped = w->stopped;
	pthread_mutex_unlock(&w->lock);
	return stopped ? interrupted(e) : KITH_OK;
}

/* The next parcel with verdicts to be read; the one that was read is spare. */
static struct parcel *turn_over(struct depots_way *w)
{
	struct parcel *p = w->reading;

	if (p) {
		kith_buf_reset(&p->bytes);
		p->count = p->handed = p->told = p->read = 0;
	}
	pthread_mutex_lock(&w->lock);
	if (p)
		STAILQ_INSERT_TAIL(&w->spare, p, next);
	p = STAILQ_FIRST(&w->answered);
	if (p)
		STAILQ_REMOVE_HEAD(&w->answered, next);
	pthread_mutex_unlock(&w->lock);
	return p;
}

static bool way_next(void *arg, struct depot_verdict *out)
{
	struct depots_way *w = arg;
	const struct parcel_item *it;

	if (!w->reading || w->reading->read == w->reading->count)
		w->reading = turn_over(w);
	if (!w->reading)
		return false;
	it = &w->reading->items[w->reading->read++];
	*out = (struct depot_verdict){ it->tag, it->verdict, it->code,
				       it->why };
	return true;
}

/* Room for one more that nobody waits for, which the loop frees by itself. */
static struct parcel *new_errand(struct depots_way *w, enum parcel_kind kind)
{
	struct parcel *p;
	bool stopped;

	pthread_mutex_lock(&w->lock);
	while (w->errands >= ERRANDS_MAX && !w->stopped)
		pthread_cond_wait(&w->moved, &w->lock);
	stopped = w->stopped;
	pthread_mutex_unlock(&w->lock);
	p = stopped ? NULL : calloc(1, sizeof(*p));
	if (!p)
		return NULL;
	p->kind = kind;
	p->bytes.limit = PARCEL_BYTES;
	pthread_mutex_lock(&w->lock);
	w->errands++;
	pthread_mutex_unlock(&w->lock);
	return p;
}

static void free_errand(struct depots_way *w, struct parcel *p)
{
	kith_buf_free(&p->bytes);
	free(p);
	pthread_mutex_lock(&w->lock);
	w->errands--;
	pthread_cond_signal(&w->moved);
	pthread_mutex_unlock(&w->lock);
}

static enum kith_err no_errand(struct depots_way *w, struct kith_error *e)
{
	return depots_way_is_stopped(w)
		       ? interrupted(e)
		       : kith_fail(e, KITH_ENOMEM, 0, "out of memory");
}

static enum kith_err way_proof(void *arg, struct kith_slice one,
			       struct kith_slice other, struct kith_error *e)
{
	struct depots_way *w = arg;
	struct parcel *p = new_errand(w, PARCEL_OF_PROOF);
	enum kith_err err;

	if (!p)
		return no_errand(w, e);
	err = add(p, one, 0, e);
	if (!err)
		err = add(p, other, 0, e);
	if (err)
		free_errand(w, p);
	else
		post(w, p);
	return err;
}

static enum kith_err way_blob(void *arg, const struct depot_blob *blob,
			      struct folder_reader *r, struct kith_error *e)
{
	struct depots_way *w = arg;
	const struct daemon *d = w->daemon;
	struct parcel *p = new_errand(w, PARCEL_OF_BLOB);
	enum kith_err err;

	if (!p)
		return no_errand(w, e);
	p->blob = *blob;
	err = blob_in(d->sharing.files, &blob->id,
		      (uint64_t)d->config.blob_max, r, e);
	if (err)
		free_errand(w, p);
	else
		post(w, p);
	return err;
}

bool depots_way_is_stopped(struct depots_way *w)
{
	bool stopped;

	pthread_mutex_lock(&w->lock);
	stopped = w->stopped;
	pthread_mutex_unlock(&w->lock);
	return stopped;
}

void depots_way_end(struct depots_way *w)
{
	pthread_mutex_lock(&w->lock);
	w->over = true;
	pthread_mutex_unlock(&w->lock);
	net_wake(w->daemon->net);
}

/* --- the loop ------------------------------------------------------------- */

static void answer(struct depots_way *w, struct parcel *p)
{
	pthread_mutex_lock(&w->lock);
	STAILQ_INSERT_TAIL(&w->answered, p, next);
	w->under_way--;
	pthread_cond_signal(&w->moved);
	pthread_mutex_unlock(&w->lock);
}

/* Results come in the order in which messages were handed in. */
static void on_result(void *user, const struct ingest_result *result)
{
	struct depots_way *w = user;
	struct parcel *p = STAILQ_FIRST(&w->handed);
	struct parcel_item *it;

	if (!p)
		p = w->handing;
	it = &p->items[p->told++];
	it->verdict = result->verdict;
	it->code = result->code;
	snprintf(it->why, sizeof(it->why), "%s", intake_why(result));
	if (p->told < p->count)
		return;
	STAILQ_REMOVE_HEAD(&w->handed, next);
	if (p->kind == PARCEL_OF_MESSAGES)
		answer(w, p);
	else
		free_errand(w, p);
}

static void note_blob(struct daemon *d, const struct depot_blob *blob)
{
	struct blob_row row = { .id = blob->id, .size = blob->bytes,
				.hops = blob->hops, .own = !blob->hops,
				.added_us = sharing_now_us() };

	blobs_note(d, NOTE_CAME, &row, NULL);
	sharing_came(d, &blob->id, blob->bytes, false);
}

/* False: ingest has enough, or there is no memory: later. */
static bool hand_on(struct depots_way *w, struct parcel *p)
{
	struct ingest *in = w->daemon->ingest;

	while (p->handed < p->count) {
		const struct parcel_item *it = &p->items[p->handed];
		struct kith_slice value = { p->bytes.p + it->offset, it->n };

		if (ingest_full(in) || ingest_add(in, value, w->inlet, 0))
			return false;
		p->handed++;
	}
	return true;
}

bool depots_way_go_on(struct depots_way *w)
{
	bool over;

	while (w->handing || (w->handing = take_first(w, &w->posted))) {
		struct parcel *p = w->handing;

		if (p->kind == PARCEL_OF_BLOB) {
			note_blob(w->daemon, &p->blob);
			free_errand(w, p);
		} else if (!hand_on(w, p)) {
			return false;
		} else {
			STAILQ_INSERT_TAIL(&w->handed, p, next);
		}
		w->handing = NULL;
	}
	pthread_mutex_lock(&w->lock);
	over = w->over && STAILQ_EMPTY(&w->posted);
	pthread_mutex_unlock(&w->lock);
	return over;
}

void depots_way_stop(struct depots_way *w)
{
	pthread_mutex_lock(&w->lock);
	w->stopped = true;
	pthread_cond_broadcast(&w->moved);
	pthread_mutex_unlock(&w->lock);
}

enum kith_err depots_way_open(struct depots_way *w, struct daemon *d)
{
	*w = (struct depots_way){ .daemon = d };
	w->inlet = intake_open_alone(d, on_result, w);
	if (!w->inlet)
		return KITH_ENOMEM;
	pthread_mutex_init(&w->lock, NULL);
	pthread_cond_init(&w->moved, NULL);
	STAILQ_INIT(&w->spare);
	STAILQ_INIT(&w->posted);
	STAILQ_INIT(&w->answered);
	STAILQ_INIT(&w->handed);
	for (size_t i = 0; i < PARCELS_MAX; i++) {
		w->parcels[i].bytes.limit = PARCEL_BYTES;
		STAILQ_INSERT_TAIL(&w->spare, &w->parcels[i], next);
	}
	w->sink = (struct depot_sink){ w,	 way_put,   way_full, way_wait,
				       way_next, way_proof, way_blob };
	return KITH_OK;
}

static void free_errands(struct parcel_queue *q)
{
	struct parcel *p;

	while ((p = STAILQ_FIRST(q))) {
		STAILQ_REMOVE_HEAD(q, next);
		if (p->kind == PARCEL_OF_MESSAGES)
			continue;
		kith_buf_free(&p->bytes);
		free(p);
	}
}

void depots_way_close(struct depots_way *w)
{
	if (!w->inlet)
		return;
	intake_close(w->daemon, w->inlet);
	if (w->handing)
		STAILQ_INSERT_TAIL(&w->posted, w->handing, next);
	free_errands(&w->posted);
	free_errands(&w->handed);
	for (size_t i = 0; i < PARCELS_MAX; i++)
		kith_buf_free(&w->parcels[i].bytes);
	pthread_cond_destroy(&w->moved);
	pthread_mutex_destroy(&w->lock);
	w->inlet = 0;
}
