#include "src/daemon/blobs.h"

#include <sodium.h>
#include <stdlib.h>
#include <time.h>

#include "src/daemon/blobs_check.h"
#include "src/daemon/blobs_fetch.h"
#include "src/daemon/blobs_keep.h"
#include "src/daemon/blobs_take.h"
#include "src/daemon/blobs_talk.h"
#include "src/daemon/blobs_watch.h"
#include "src/daemon/daemon.h"
#include "src/daemon/pace.h"
#include "src/depot/keep_row.h"

enum {
	/* At once: peers in JavaScript take long to begin each, so that four
	 * small blobs at a time leave them idle. */
	PEER_FETCHES = 16,
	FETCHES = 32,
	LOOK_IDS = 64,	   /* of one batch */
	LOOKS_MAX = 4,	   /* batches at once */
	REFILL_MS = 60000, /* wants that found no place are offered again */
	TIDY_FIRST_MS = 3000,
	TIDY_EVERY_MS = 3600000
};

int64_t sharing_now_us(void)
{
	struct timespec t;

	clock_gettime(CLOCK_REALTIME, &t);
	return (int64_t)t.tv_sec * 1000000 + t.tv_nsec / 1000;
}

int64_t blobs_parts_before_us(void)
{
	return sharing_now_us() - (int64_t)BLOB_PARTS_DAYS * 86400 * 1000000;
}

void blobs_part_left(struct daemon *d, uint64_t bytes)
{
	struct sharing *s = &d->sharing;

	s->parts_bytes += bytes;
	if (s->parts_bytes > BLOB_PARTS_BYTES_MAX)
		s->tidy_ms = daemon_now_ms(d);
}

void sharing_worked(struct daemon *d)
{
	if (d->sharing.over)
		blob_takings_settle(d);
	else
		daemon_settle(d);
}

/* --- what is here and wanted --- */

void sharing_came(struct daemon *d, const struct kith_blob_id *id,
		  uint64_t size, bool told)
{
	if (!told)
		wants_came(d->sharing.wants, id, size, daemon_now_ms(d));
	blob_waiters_tell(d, id);
	blob_watches_came(d, id, size);
}

/* The person's wants are as near as our own. */
static uint8_t hops_of(const struct blob_row *row)
{
	return row->asked || row->own ? 0 : row->hops;
}

void sharing_wanted(struct daemon *d, const struct blob_row *was,
		    const struct blob_row *is, uint64_t kept)
{
	struct wants *w = d->sharing.wants;
	struct wants_own own = { .id = is->id, .hops = hops_of(is),
				 .kept = kept };
	bool wanted = was->state == BLOB_WANTED;
	int64_t now_ms = daemon_now_ms(d);

	if (was->state == BLOB_HERE && is->state != BLOB_HERE)
		wants_gone(w, &is->id);
	if (is->state == BLOB_WANTED &&
	    (!wanted || hops_of(is) != hops_of(was)) &&
	    wants_want(w, &own, now_ms))
		d->sharing.more = true;
	if (wanted && is->state != BLOB_WANTED && is->state != BLOB_HERE)
		wants_unwant(w, &is->id);
	if (is->push && is->state == BLOB_HERE &&
	    !(was->push && was->state == BLOB_HERE) &&
	    wants_push(w, &is->id, is->size, now_ms))
		log_limited(&d->limits.store, LOG_LEVEL_WARN, LOG_PEER,
			    "too many blobs are pushed");
}

void sharing_noted(struct daemon *d, const struct blob_row *was,
		   const struct blob_row *is)
{
	struct sharing *s = &d->sharing;
	struct keep_row before = keep_row_of(was);
	struct keep_row after = keep_row_of(is);

	if (was->state == BLOB_HERE)
		keep_remove(&s->keep, &before);
	if (is->state == BLOB_HERE)
		keep_add(&s->keep, &after);
	s->room |= (was->state == BLOB_HERE && is->why == BLOB_WHY_BY_HAND) ||
		   (was->pinned && !is->pinned);
	sharing_wanted(d, was, is, 0);
	blobs_below_limits(d);
}

/* --- looks at the disk for wants --- */

struct looking {
	struct daemon *daemon;
	size_t n;
	struct wants_look looks[LOOK_IDS];
	int64_t sizes[LOOK_IDS];
};

static void look(void *arg)
{
	struct looking *l = arg;
	uint64_t size;

	for (size_t i = 0; i < l->n; i++)
		l->sizes[i] = blob_size(l->daemon->sharing.files,
					&l->looks[i].id, &size)
				      ? WANTS_ABSENT
				      : (int64_t)size;
}

static void read_on(struct daemon *d)
{
	struct peer *p;

	LIST_FOREACH(p, &d->peers, all)
		if (p->blobs.full && !wants_is_full(p->blobs.wants))
			peer_blobs_full(p, false);
}

static void take_looks(struct looking *l)
{
	struct daemon *d = l->daemon;

	for (size_t i = 0; i < l->n; i++)
		wants_looked(d->sharing.wants, &l->looks[i], l->sizes[i],
			     daemon_now_ms(d));
	free(l);
	if (!d->sharing.over)
		read_on(d);
}

static void looked(void *arg)
{
	struct looking *l = arg;
	struct daemon *d = l->daemon;

	d->sharing.looks--;
	take_looks(l);
	sharing_worked(d);
}

/* Where there is no memory for a worker it looks itself. */
static void begin_looks(struct looking *l)
{
	if (net_work(l->daemon->net, look, looked, l)) {
		look(l);
		take_looks(l);
	} else {
		l->daemon->sharing.looks++;
	}
}

/* --- what wants says --- */

static void step(struct daemon *d, enum wants_step what,
		 const struct wants_do *out)
{
	struct blob_row row = { .id = out->look.id };

	if (what == WANTS_FETCH) {
		blob_fetch_begin(d, out->fetch);
	} else if (what == WANTS_STOP) {
		blob_fetch_stop(out->fetch);
	} else if (what == WANTS_PUSHED) {
		blobs_note(d, NOTE_PUSHED, &row, NULL);
		blob_watches_pushed(d, &out->look.id);
	}
}

static void pump(struct daemon *d)
{
	struct sharing *s = &d->sharing;
	struct looking *l = NULL;
	enum wants_step what = WANTS_IDLE;
	struct wants_do out;

	while (s->looks < LOOKS_MAX &&
	       (what = wants_next(s->wants, daemon_now_ms(d), &out))) {
		if (what != WANTS_LOOK) {
			step(d, what, &out);
			continue;
		}
		if (!l && !(l = calloc(1, sizeof(*l))))
			break;
		l->daemon = d;
		l->looks[l->n++] = out.look;
		if (l->n == LOOK_IDS) {
			begin_looks(l);
			l = NULL;
		}
	}
	if (l)
		begin_looks(l);
}

/* What ended for want of room is tried again. */
static void try_again(struct daemon *d)
{
	d->sharing.room = false;
	if (d->sharing.full)
		return;
	wants_hold(d->sharing.wants, true);
	wants_hold(d->sharing.wants, false);
}

void sharing_settle(struct daemon *d)
{
	struct sharing *s = &d->sharing;

	blob_takings_settle(d);
	if (!s->ready || d->stopping)
		return;
	if (s->room)
		try_again(d);
	pump(d);
	blob_talks_wake(d);
	blob_takings_settle(d);
}

/* --- time --- */

static int64_t sooner(int64_t a, int64_t b)
{
	return a < b ? a : b;
}

int64_t sharing_deadline_ms(const struct daemon *d)
{
	const struct sharing *s = &d->sharing;
	int64_t at;

	if (d->stopping)
		return INT64_MAX;
	if (!s->ready)
		return s->count_ms;
	at = s->looks < LOOKS_MAX ? wants_wake_ms(s->wants) : INT64_MAX;
	at = sooner(at, s->full ? s->full_ms : INT64_MAX);
	at = sooner(at, s->more ? s->refill_ms : INT64_MAX);
	at = sooner(at, blob_refs_deadline_ms(d));
	return sooner(at, s->tidy_ms);
}

static void tidy(void *arg)
{
	struct daemon *d = arg;

	if (blobs_tidy(d->sharing.files, blobs_parts_before_us(),
		       BLOB_PARTS_BYTES_MAX, NULL))
		log_limited(&d->limits.store, LOG_LEVEL_WARN, LOG_STORE,
			    "parts of blobs could not be removed");
}

static void tidied(void *arg)
{
	sharing_worked(arg);
}

void sharing_due(struct daemon *d, int64_t now_ms)
{
	struct sharing *s = &d->sharing;

	if (!s->ready && now_ms >= s->count_ms)
		blobs_recount(d);
	if (!s->ready || d->stopping)
		return;
	if (s->full && now_ms >= s->full_ms) {
		s->full = false;
		wants_hold(s->wants, false);
	}
	if (s->more && now_ms >= s->refill_ms) {
		s->refill_ms = now_ms + REFILL_MS;
		blobs_recount(d);
	}
	if (now_ms >= s->tidy_ms) {
		s->tidy_ms = now_ms + TIDY_EVERY_MS;
		s->parts_bytes = 0;
		if (net_work(d->net, tidy, tidied, d))
			log_warn(LOG_STORE, "out of memory");
		if (!s->checked)
			blobs_check_folder(d);
		s->checked = true;
	}
	blob_refs_due(d, now_ms);
}

/* --- life --- */

enum kith_err sharing_open(struct daemon *d, struct kith_error *e)
{
	struct sharing *s = &d->sharing;
	struct wants_options o;
	struct keep_quotas quotas;
	enum kith_err err = blobs_open(d->home, &s->files, e);

	if (err)
		return err;
	s->notes.files = s->files;
	blobs_remember(s->files);
	wants_defaults(&o);
	o.size_max = (uint64_t)d->config.blob_max;
	o.sympathy = (uint32_t)d->config.sympathy;
	o.pushy = (uint32_t)d->config.pushy;
	o.stingy = d->config.stingy;
	o.peer_fetches = PEER_FETCHES;
	o.fetches = FETCHES;
	randombytes_buf(o.key, sizeof(o.key));
	s->wants = wants_new(&o);
	blobs_quotas(d, &quotas);
	keep_init(&s->keep, &quotas);
	keep_init(&s->coming, &quotas);
	return s->wants ? KITH_OK
			: kith_fail(e, KITH_ENOMEM, 0, "out of memory");
}

void sharing_prepare(struct daemon *d)
{
	struct sharing *s = &d->sharing;

	TAILQ_INIT(&s->held);
	TAILQ_INIT(&s->adds);
	TAILQ_INIT(&s->takings);
	LIST_INIT(&s->watches);
	for (size_t i = 0; i < BLOB_WAITER_LISTS; i++)
		LIST_INIT(&s->waiters[i]);
	blobs_notes_start(d);
	s->refs.daemon = d;
}

void sharing_start(struct daemon *d)
{
	int64_t now_ms = daemon_now_ms(d);

	d->sharing.refill_ms = now_ms + REFILL_MS;
	d->sharing.tidy_ms = now_ms + TIDY_FIRST_MS;
	blob_refs_start(d);
	blobs_recount(d);
}

void sharing_stop(struct daemon *d)
{
	d->sharing.over = true;
	blob_fetches_end(d);
	blob_takings_settle(d);
}

void sharing_free(struct daemon *d)
{
	struct sharing *s = &d->sharing;

	blobs_notes_stop(d);
	if (s->wants)
		wants_free(s->wants);
	if (s->files)
		blobs_close(s->files);
}
