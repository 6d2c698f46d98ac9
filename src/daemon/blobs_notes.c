#include "src/daemon/blobs_notes.h"

#include <stdlib.h>

#include "src/daemon/blobs_keep.h"
#include "src/daemon/daemon.h"
#include "src/views/marks.h"

/* Of one task, so that a flood of notes holds up no commit for long. */
enum { NOTES_MAX = 512 };

struct blob_note {
	STAILQ_ENTRY(blob_note) next;
	enum blob_note_kind kind;
	struct blob_row row; /* what it says; then what the row is */
	struct blob_row was;
	struct keep_row held;
	bool holds;
	bool so; /* it was, when it was written */
};

/* --- what a note does to a row --- */

static void note_came(struct blob_row *row, const struct blob_row *say)
{
	row->state = BLOB_HERE;
	row->why = BLOB_WHY_NONE;
	row->asked = false;
	row->size = say->size;
	row->added_us = say->added_us;
	row->used_us = say->added_us;
	row->own |= say->own;
	row->from = say->from;
	if (say->hops < row->hops)
		row->hops = say->hops;
}

/* What somebody near refers to, and nobody removed, is looked for again. */
static void note_gone(struct blob_row *row, const struct blob_row *say)
{
	bool lost = say->why == BLOB_WHY_LOST || say->why == BLOB_WHY_DAMAGED;
	bool needed = row->own || row->hops != BLOB_HOPS_NONE;

	if (row->state != BLOB_HERE)
		return;
	row->state = lost && needed ? BLOB_WANTED : BLOB_REMOVED;
	row->why = say->why;
}

static void note_named(struct blob_row *row, const struct blob_row *say)
{
	row->own |= say->own;
	if (say->hops < row->hops)
		row->hops = say->hops;
	if (row->state == BLOB_KNOWN)
		row->state = BLOB_WANTED;
}

static void note_asked(struct blob_row *row)
{
	if (row->state == BLOB_HERE)
		return;
	row->asked = true;
	row->state = BLOB_WANTED;
}

static void apply(const struct blob_note *n, struct blob_row *row)
{
	switch (n->kind) {
	case NOTE_CAME: note_came(row, &n->row); break;
	case NOTE_GONE: note_gone(row, &n->row); break;
	case NOTE_NAMED: note_named(row, &n->row); break;
	case NOTE_USED: row->used_us = n->row.used_us; break;
	case NOTE_ASKED: note_asked(row); break;
	case NOTE_PUSH: row->push = true; break;
	case NOTE_PUSHED: row->push = false; break;
	case NOTE_FAILED:
		if (row->state == BLOB_WANTED)
			row->why = n->row.why;
		break;
	}
}

/* --- writing --- */

/* What came may be gone again by the time it is noted, by the word of somebody
 * who went first; and what was gone, here. */
static bool is_so(struct blobs *files, const struct blob_note *n)
{
	uint64_t size;
	bool away;

	if (n->kind != NOTE_CAME && n->kind != NOTE_GONE)
		return true;
	away = blob_size(files, &n->row.id, &size) == KITH_ENOENT;
	return away == (n->kind == NOTE_GONE);
}

static void write_note(struct txn *t, struct blobs *files, struct blob_note *n)
{
	struct blob_row row;

	n->so = is_so(files, n);
	blob_row_get(t, &n->row.id, &row);
	n->was = row;
	if (n->so)
		apply(n, &row);
	n->row = row;
	blob_row_put(t, &row);
}

static enum kith_err write_all(struct store *s, struct blob_notes *notes)
{
	const struct mark seen = { .kind = MARK_BLOBS };
	const struct mark opened = { .kind = MARK_BLOBS_OPENED };
	struct blob_note *n;
	struct txn *t;
	enum kith_err err = store_write(s, &t);

	if (err)
		return err;
	STAILQ_FOREACH(n, &notes->writing, next)
		write_note(t, notes->files, n);
	mark_put(t, &seen, notes->seeing.rx);
	mark_put(t, &opened, notes->seeing.opened);
	return txn_commit(t);
}

static struct blob_notes *of_task(struct intake_task *task)
{
	char *embedded = (char *)task - offsetof(struct blob_notes, task);

	return (struct blob_notes *)(void *)embedded;
}

/* On the writer's thread: what is being written is its alone until then. */
static enum kith_err run(struct store *s, void *task, struct kith_error *e)
{
	(void)e;
	return write_all(s, of_task(task));
}

static void begin(struct daemon *d);

/* Its row tells of it, or the next look at the folder will find what is so. */
static void came_noted(struct daemon *d, const struct kith_blob_id *id, bool so)
{
	blobs_noted(d->sharing.files, id);
	d->sharing.checked &= so;
}

/* Where nothing was written, only what was held for it is let go. */
static void tell(struct daemon *d, enum kith_err err)
{
	struct blob_notes *notes = &d->sharing.notes;
	struct blob_note *n;
	bool named = false;

	while ((n = STAILQ_FIRST(&notes->writing))) {
		STAILQ_REMOVE_HEAD(&notes->writing, next);
		if (n->holds)
			blobs_let_go(d, &n->held);
		if (n->kind == NOTE_CAME)
			came_noted(d, &n->row.id, n->so);
		named |= n->kind == NOTE_NAMED;
		if (!err)
			sharing_noted(d, &n->was, &n->row);
		free(n);
	}
	if (!err)
		return;
	log_limited(&d->limits.store, LOG_LEVEL_WARN, LOG_STORE,
		    "what is known of blobs is not saved: %s",
		    kith_strerror(err));
	d->sharing.checked = false; /* that will find it */
	if (named)
		blob_refs_again(d);
}

static void on_written(struct daemon *d, struct intake_task *task,
		       const struct ingest_done *outcome)
{
	(void)task;
	d->sharing.notes.busy = false;
	tell(d, outcome->code);
	if (d->sharing.notes.sweep && STAILQ_EMPTY(&d->sharing.notes.waiting)) {
		d->sharing.notes.sweep = false;
		blob_sweep_noted(d);
	}
	begin(d);
}

static void take_some(struct blob_notes *notes)
{
	struct blob_note *n;

	for (int i = 0; i < NOTES_MAX; i++) {
		n = STAILQ_FIRST(&notes->waiting);
		if (!n)
			break;
		STAILQ_REMOVE_HEAD(&notes->waiting, next);
		STAILQ_INSERT_TAIL(&notes->writing, n, next);
		notes->count--;
	}
	notes->seeing = (struct blob_seen){ 0 };
	if (STAILQ_EMPTY(&notes->waiting)) {
		notes->seeing = notes->seen;
		notes->seen = (struct blob_seen){ 0 };
	}
}

static void begin(struct daemon *d)
{
	struct blob_notes *notes = &d->sharing.notes;

	if (notes->busy || !d->ingest || !blobs_are_counted(d) ||
	    (STAILQ_EMPTY(&notes->waiting) && !notes->seen.rx))
		return;
	take_some(notes);
	notes->task.done = on_written;
	notes->busy = !intake_run(d, run, &notes->task);
	if (!notes->busy)
		tell(d, KITH_ENOMEM);
}

/* --- what is noted --- */

void blobs_note(struct daemon *d, enum blob_note_kind kind,
		const struct blob_row *row, const struct keep_row *held)
{
	struct blob_note *n = calloc(1, sizeof(*n));

	if (!n) {
		if (held)
			blobs_let_go(d, held);
		if (kind == NOTE_CAME)
			came_noted(d, &row->id, false);
		return;
	}
	n->kind = kind;
	n->row = *row;
	n->holds = held;
	if (held)
		n->held = *held;
	STAILQ_INSERT_TAIL(&d->sharing.notes.waiting, n, next);
	d->sharing.notes.count++;
	begin(d);
}

void blobs_note_use(struct daemon *d, struct txn *t,
		    const struct kith_blob_id *id)
{
	int64_t now_us = sharing_now_us();
	struct blob_row row;

	if (!blob_row_get(t, id, &row) || row.state != BLOB_HERE ||
	    !blob_row_touch(&row, now_us))
		return;
	row.used_us = now_us;
	blobs_note(d, NOTE_USED, &row, NULL);
}

void blobs_note_seen(struct daemon *d, const struct blob_seen *seen)
{
	d->sharing.notes.seen = *seen;
	begin(d);
}

bool blobs_notes_wait(const struct daemon *d)
{
	return d->sharing.notes.busy || d->sharing.notes.count;
}

void blobs_notes_go_on(struct daemon *d)
{
	begin(d);
}

/* --- life --- */

void blobs_notes_start(struct daemon *d)
{
	STAILQ_INIT(&d->sharing.notes.waiting);
	STAILQ_INIT(&d->sharing.notes.writing);
}

static void free_all(struct blob_note_queue *queue)
{
	struct blob_note *n;

	while ((n = STAILQ_FIRST(queue))) {
		STAILQ_REMOVE_HEAD(queue, next);
		free(n);
	}
}

void blobs_notes_stop(struct daemon *d)
{
	struct blob_notes *notes = &d->sharing.notes;

	STAILQ_CONCAT(&notes->writing, &notes->waiting);
	if (d->store && !STAILQ_EMPTY(&notes->writing) &&
	    write_all(d->store, notes))
		log_warn(LOG_STORE, "what is known of blobs is not saved");
	free_all(&notes->writing);
}
