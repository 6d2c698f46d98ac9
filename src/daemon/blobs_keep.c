#include "src/daemon/blobs_keep.h"

#include <stdlib.h>

#include "feeds/list.h"
#include "src/daemon/blobs_fetch.h"
#include "src/daemon/blobs_watch.h"
#include "src/daemon/daemon.h"
#include "src/depot/keep_row.h"

enum {
	FULL_MS = 60000,
	SLICE_MS = 20,	 /* of a count, on the writer's thread */
	LOOK_EVERY = 256, /* rows between two looks at the clock */
	SPARE_SHARE = 32, /* of the limit: so much more goes */
	FOR_OTHERS_BYTES = 1 << 30 /* where there is no limit at all */
};

static uint64_t quota(int64_t bytes)
{
	return bytes ? (uint64_t)bytes : KEEP_NO_LIMIT;
}

void blobs_quotas(const struct daemon *d, struct keep_quotas *out)
{
	const struct config *c = &d->config;

	*out = (struct keep_quotas){
		.total = quota(c->blob_limit),
		.hops = { KEEP_NO_LIMIT, quota(c->blob_quota[0]),
			  quota(c->blob_quota[1]), quota(c->blob_quota[2]),
			  quota(c->blob_quota[3]) },
	};
}

bool blobs_fit_for_others(const struct daemon *d, const struct keep_row *row)
{
	const struct keep *k = &d->sharing.keep;

	return k->quotas.hops[KEEP_LAST] != KEEP_NO_LIMIT ||
	       k->quotas.total != KEEP_NO_LIMIT ||
	       (k->used[KEEP_LAST] < FOR_OTHERS_BYTES &&
		row->size <= FOR_OTHERS_BYTES - k->used[KEEP_LAST]);
}

void blobs_hold(struct daemon *d, const struct keep_row *row)
{
	keep_reserve(&d->sharing.keep, row);
	keep_reserve(&d->sharing.coming, row);
}

void blobs_let_go(struct daemon *d, const struct keep_row *row)
{
	keep_release(&d->sharing.keep, row);
	keep_release(&d->sharing.coming, row);
}

/* --- counting ------------------------------------------------------------- */

struct blob_count {
	struct intake_task task;
	struct keep keep;
	struct kith_blob_id at;
	bool begun, more;
	struct blobs *files;
	struct wanted {
		struct blob_row row;
		uint64_t kept; /* of a cut */
	} *wanted; /* and pushed, of this slice */
	size_t n, room;
};

static bool note_row(struct blob_count *c, const struct blob_row *row)
{
	struct keep_row kept = keep_row_of(row);
	struct wanted *grown;

	if (row->state == BLOB_HERE)
		keep_add(&c->keep, &kept);
	if (row->state != BLOB_WANTED && !row->push)
		return true;
	grown = list_room(c->wanted, c->n, &c->room, sizeof(*grown));
	if (!grown)
		return false;
	c->wanted = grown;
	c->wanted[c->n++] = (struct wanted){
		.row = *row, .kept = blob_part_bytes(c->files, &row->id)
	};
	return true;
}

static enum kith_err count_some(struct store *s, void *arg,
				struct kith_error *e)
{
	struct blob_count *c = arg;
	int64_t end_us = sharing_now_us() + SLICE_MS * 1000;
	struct blob_rows rows;
	struct blob_row row;
	size_t n = 0;
	struct txn *t;
	enum kith_err err = store_read(s, &t);

	(void)e;
	if (err)
		return err;
	blob_rows_open(&rows, t, c->begun ? &c->at : NULL);
	c->more = false;
	while (!err && !c->more && blob_rows_next(&rows, &row)) {
		if (!note_row(c, &row))
			err = KITH_ENOMEM;
		c->at = row.id;
		c->begun = true;
		c->more = ++n % LOOK_EVERY == 0 && sharing_now_us() > end_us;
	}
	blob_rows_close(&rows);
	if (!err)
		err = txn_error(t);
	txn_end(t);
	return err;
}

static void counted(struct daemon *d, struct blob_count *c)
{
	struct sharing *s = &d->sharing;

	/* What is on its way stays so. */
	for (int i = 0; i < KEEP_HOPS; i++)
		c->keep.used[i] += s->coming.used[i];
	c->keep.coming = s->coming.coming;
	s->keep = c->keep;
	s->ready = true;
	free(c->wanted);
	free(c);
	if (s->recount) {
		blobs_recount(d);
		return;
	}
	blobs_notes_go_on(d);
	blobs_below_limits(d);
	chores_look(d);
}

/* Without a count nothing is noted and no fetch begins: it is tried again. */
static void count_later(struct daemon *d, enum kith_err err)
{
	log_limited(&d->limits.store, LOG_LEVEL_WARN, LOG_STORE,
		    "blobs are not counted: %s", kith_strerror(err));
	d->sharing.count_ms = daemon_now_ms(d) + FULL_MS;
}

static void on_slice(struct daemon *d, struct intake_task *task,
		     const struct ingest_done *outcome)
{
	struct blob_count *c = (struct blob_count *)(void *)task;
	struct blob_row none = { 0 };

	for (size_t i = 0; i < c->n; i++)
		sharing_wanted(d, &none, &c->wanted[i].row,
			       c->wanted[i].kept);
	c->n = 0;
	if (!outcome->code && !c->more) {
		counted(d, c);
	} else if (outcome->code || d->stopping ||
		   intake_run(d, count_some, task)) {
		count_later(d, outcome->code ? outcome->code : KITH_ENOMEM);
		free(c->wanted);
		free(c);
		chores_look(d);
	}
}

bool blobs_are_counted(const struct daemon *d)
{
	return d->sharing.ready && !d->sharing.checks;
}

void blobs_recount(struct daemon *d)
{
	struct blob_count *c = calloc(1, sizeof(*c));
	struct keep_quotas quotas;

	d->sharing.ready = d->sharing.recount = d->sharing.more = false;
	d->sharing.count_ms = INT64_MAX;
	if (!c) {
		count_later(d, KITH_ENOMEM);
		return;
	}
	blobs_quotas(d, &quotas);
	keep_init(&c->keep, &quotas);
	c->files = d->sharing.files;
	c->task.done = on_slice;
	if (intake_run(d, count_some, &c->task)) {
		count_later(d, KITH_ENOMEM);
		free(c);
	}
}

/* --- sweeps --------------------------------------------------------------- */

struct blob_sweep {
	struct daemon *daemon;
	struct keep keep; /* as it was */
	struct keep_row coming;
	bool has_coming;
	struct kith_blob_id *gone;
	size_t n;
	uint64_t bytes; /* of those */
};

static void show_rows(struct store *s, struct keep_sweep *sweep)
{
	struct blob_rows rows;
	struct blob_row row;
	struct keep_row kept;
	struct txn *t;

	if (store_read(s, &t))
		return;
	blob_rows_open(&rows, t, NULL);
	while (blob_rows_next(&rows, &row)) {
		kept = keep_row_of(&row);
		if (row.state == BLOB_HERE)
			keep_sweep_row(sweep, &kept);
	}
	blob_rows_close(&rows);
	txn_end(t);
}

/* False: pinned meanwhile, or made ours; or it came, and its row does not tell
 * of that yet.  Holds the lock of the files. */
static bool may_go(struct daemon *d, const struct kith_blob_id *id)
{
	struct blob_row row;
	struct txn *t;
	bool may;

	if (blobs_came(d->sharing.files, id) || store_read(d->store, &t))
		return false;
	may = blob_row_get(t, id, &row) && row.state == BLOB_HERE &&
	      !row.pinned && !row.own;
	txn_end(t);
	return may;
}

static void remove_named(struct blob_sweep *b, struct keep_sweep *sweep)
{
	struct daemon *d = b->daemon;
	const struct keep_row *row;
	enum kith_err err;

	while (b->n < KEEP_SWEEP_ROWS && (row = keep_sweep_next(sweep))) {
		err = KITH_EBUSY;
		blobs_lock(d->sharing.files);
		if (may_go(d, &row->id))
			err = blob_remove(d->sharing.files, &row->id);
		blobs_unlock(d->sharing.files);
		if (err && err != KITH_ENOENT)
			continue;
		b->gone[b->n++] = row->id;
		b->bytes += row->size;
	}
}

static void work(void *arg)
{
	struct blob_sweep *b = arg;
	uint64_t total = b->keep.quotas.total;
	uint64_t spare = total == KEEP_NO_LIMIT ? 0 : total / SPARE_SHARE;
	struct keep_sweep *sweep;

	sweep = keep_sweep_new(&b->keep, b->has_coming ? &b->coming : NULL,
			       spare);
	b->gone = calloc(KEEP_SWEEP_ROWS, sizeof(*b->gone));
	if (sweep && b->gone) {
		show_rows(b->daemon->store, sweep);
		remove_named(b, sweep);
	}
	if (sweep)
		keep_sweep_free(sweep);
}

static void sweep_over(struct daemon *d)
{
	d->sharing.sweeping = false;
	blob_adds_go_on(d);
	blob_fetches_go_on(d);
}

/* One sweep names a bounded number; so on, until all is below. */
void blob_sweep_noted(struct daemon *d)
{
	sweep_over(d);
	blobs_below_limits(d);
	chores_look(d);
}

static void worked(void *arg)
{
	struct blob_sweep *b = arg;
	struct daemon *d = b->daemon;
	struct blob_row row = { .why = BLOB_WHY_QUOTA };
	size_t n = b->n;

	for (size_t i = 0; i < n && !d->sharing.over; i++) {
		row.id = b->gone[i];
		blobs_note(d, NOTE_GONE, &row, NULL);
	}
	d->sharing.removed += n;
	d->sharing.removed_bytes += b->bytes;
	free(b->gone);
	free(b);
	if (n && blobs_notes_wait(d)) {
		d->sharing.notes.sweep = true;
	} else if (!d->sharing.over) {
		sweep_over(d);
		chores_look(d);
	}
	sharing_worked(d);
}

bool blob_sweep_start(struct daemon *d, const struct keep_row *coming)
{
	struct blob_sweep *b;

	if (d->sharing.sweeping)
		return true;
	b = calloc(1, sizeof(*b));
	if (!b)
		return false;
	b->daemon = d;
	b->keep = d->sharing.keep;
	b->has_coming = coming;
	if (coming)
		b->coming = *coming;
	d->sharing.sweeping = !net_work(d->net, work, worked, b);
	if (!d->sharing.sweeping)
		free(b);
	return d->sharing.sweeping;
}

void blobs_below_limits(struct daemon *d)
{
	if (keep_over(&d->sharing.keep) && !blob_sweep_start(d, NULL))
		log_warn(LOG_STORE, "out of memory for removing blobs");
}

/* --- the disk ------------------------------------------------------------- */

void sharing_disk_full(struct daemon *d)
{
	struct sharing *s = &d->sharing;

	if (!s->full)
		log_warn(LOG_STORE, "the disk is full: no blobs are fetched");
	s->full = true;
	s->full_ms = daemon_now_ms(d) + FULL_MS;
	wants_hold(s->wants, true);
}
