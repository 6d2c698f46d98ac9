#include "src/daemon/blobs_take.h"

#include <stdio.h>
#include <stdlib.h>

#include "src/daemon/daemon.h"
#include "src/daemon/pace.h"

enum ending { GOES_ON, FINISH, CUT, DROP };

struct blob_taking {
	struct blob_take how;
	struct kith_blob_id id; /* how.id is this, or NULL */
	TAILQ_ENTRY(blob_taking) due;
	bool is_due, running;
	enum ending ending;	/* as asked for */
	struct kith_buf coming; /* waits for the worker */
	/* The worker's while it runs. */
	struct kith_buf writing;
	enum ending step;
	struct blob_writer *writer;
	bool open, gone; /* the writer was made; and freed */
	struct blob_taken taken;
};

/* --- the worker --- */

static void fail(struct blob_taking *t, enum kith_err err,
		 const struct kith_error *e)
{
	t->taken.err = err;
	snprintf(t->taken.why, sizeof(t->taken.why), "%s",
		 *e->text ? e->text : kith_strerror(err));
}

static enum kith_err new_writer(struct blob_taking *t, struct kith_error *e)
{
	struct blob_write write = { .id = t->how.id, .limit = t->how.limit,
				    .resume = t->how.resume };

	return blob_writer_new(t->how.daemon->sharing.files, &write,
			       &t->writer, e);
}

/* Behind what is left of a cut; where it is to begin anew, that goes first. */
static void open_writer(struct blob_taking *t)
{
	struct kith_error e = { 0 };
	enum kith_err err = new_writer(t, &e);

	if (!err && !t->how.from && blob_writer_bytes(t->writer)) {
		blob_writer_drop(t->writer);
		t->writer = NULL;
		err = new_writer(t, &e);
	}
	t->open = !err;
	if (!err && blob_writer_bytes(t->writer) != t->how.from)
		err = kith_fail(&e, KITH_EIO, 0,
				"what was left of a cut has changed");
	if (err)
		fail(t, err, &e);
}

static void finish(struct blob_taking *t)
{
	struct kith_error e = { 0 };
	enum kith_err err;

	t->taken.bytes = blob_writer_bytes(t->writer);
	err = blob_writer_finish(t->writer, &t->taken.id, &e);
	t->gone = true;
	if (err)
		fail(t, err, &e);
}

/* With an error nothing stays, but of our own the parts that are whole. */
static void let_go(struct blob_taking *t, bool keep)
{
	if (keep) {
		t->taken.bytes = blob_writer_bytes(t->writer);
		blob_writer_cut(t->writer);
	} else {
		blob_writer_drop(t->writer);
	}
	t->gone = true;
}

static void work(void *arg)
{
	struct blob_taking *t = arg;
	struct kith_error e = { 0 };
	enum kith_err err;

	if (!t->open && !t->taken.err && t->step != DROP)
		open_writer(t);
	if (t->writing.n && !t->taken.err && t->step != DROP) {
		err = blob_writer_put(t->writer, kith_bytes(&t->writing), &e);
		if (err)
			fail(t, err, &e);
	}
	if (t->step == FINISH && !t->taken.err)
		finish(t);
	else if (t->step != GOES_ON && t->open)
		let_go(t, t->step == CUT && !t->taken.err);
	if (t->step != GOES_ON && t->step != FINISH && !t->taken.err)
		t->taken.err = KITH_ENOENT;
}

/* --- the loop --- */

static void counts(struct blob_taking *t, size_t more, size_t less)
{
	if (t->how.peer)
		peer_blobs_wait(t->how.peer, more, less);
}

static void free_taking(struct blob_taking *t)
{
	if (t->is_due)
		TAILQ_REMOVE(&t->how.daemon->sharing.takings, t, due);
	kith_buf_free(&t->coming);
	kith_buf_free(&t->writing);
	free(t);
}

static void end(struct blob_taking *t)
{
	counts(t, 0, t->coming.n);
	t->how.done(t->how.user, &t->taken);
	free_taking(t);
}

static void want_work(struct blob_taking *t)
{
	if (t->is_due || t->running)
		return;
	t->is_due = true;
	TAILQ_INSERT_TAIL(&t->how.daemon->sharing.takings, t, due);
}

static void tell_open(struct blob_taking *t)
{
	void (*opened)(void *user, bool ok) = t->how.opened;

	t->how.opened = NULL;
	if (opened)
		opened(t->how.user, !t->taken.err);
}

static void worked(void *arg)
{
	struct blob_taking *t = arg;
	struct daemon *d = t->how.daemon;

	t->running = false;
	counts(t, 0, t->writing.n);
	kith_buf_reset(&t->writing);
	if (t->taken.err) {
		counts(t, 0, t->coming.n);
		kith_buf_reset(&t->coming);
	}
	if (t->step != GOES_ON)
		end(t);
	else if (t->coming.n || t->ending)
		want_work(t);
	else
		tell_open(t);
	sharing_worked(d);
}

/* The worker's turn; without one to be had, nothing more can be done. */
static void begin(struct blob_taking *t)
{
	struct kith_buf held = t->writing;

	t->is_due = false;
	t->writing = t->coming;
	t->coming = held;
	t->step = t->ending;
	t->running = !net_work(t->how.daemon->net, work, worked, t);
	if (t->running)
		return;
	t->taken.err = KITH_ENOMEM;
	work(t); /* which now only lets go */
	worked(t);
}

void blob_takings_settle(struct daemon *d)
{
	struct blob_taking *t;

	while ((t = TAILQ_FIRST(&d->sharing.takings))) {
		TAILQ_REMOVE(&d->sharing.takings, t, due);
		begin(t);
	}
}

struct blob_taking *blob_taking_new(const struct blob_take *how)
{
	struct blob_taking *t = calloc(1, sizeof(*t));

	if (!t)
		return NULL;
	t->how = *how;
	if (how->id) {
		t->id = t->taken.id = *how->id;
		t->how.id = &t->id;
	}
	t->coming.limit = t->writing.limit = SIZE_MAX;
	if (how->from)
		want_work(t);
	return t;
}

bool blob_taking_put(struct blob_taking *t, struct kith_slice bytes)
{
	if (!t->running && t->taken.err)
		return false;
	kith_buf_put(&t->coming, bytes);
	if (t->coming.err)
		return false;
	counts(t, bytes.n, 0);
	want_work(t);
	return true;
}

static void end_by(struct blob_taking *t, enum ending ending)
{
	t->ending = ending;
	want_work(t);
}

void blob_taking_finish(struct blob_taking *t)
{
	end_by(t, FINISH);
}

void blob_taking_cut(struct blob_taking *t)
{
	end_by(t, CUT);
}

void blob_taking_drop(struct blob_taking *t)
{
	end_by(t, DROP);
}

void blob_taking_alone(struct blob_taking *t)
{
	counts(t, 0, t->coming.n + t->writing.n);
	t->how.peer = NULL;
}
