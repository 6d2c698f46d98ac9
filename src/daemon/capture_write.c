#include <stdio.h>

#include <sodium.h>

#include "src/daemon/capture_private.h"
#include "src/daemon/daemon.h"

static void wipe(struct kith_buf *keys)
{
	if (keys->p)
		sodium_memzero(keys->p, keys->n);
	kith_buf_reset(keys);
}

/* Where there is no room for another file, it goes on in this one, and *room
 * says that it ends soon. */
static enum kith_err turn(struct capture_file *f, struct kith_error *room,
			  struct kith_error *error)
{
	struct kith_error e = { 0 };

	if (room->code || !capture_file_turn(f, &e))
		return KITH_OK;
	*(f->fd >= 0 ? room : error) = e;
	return f->fd >= 0 ? KITH_OK : e.code;
}

static enum kith_err put_lines(struct capture_writing *w)
{
	struct kith_slice lines = kith_bytes(&w->lines);
	struct kith_slice before = { lines.p, w->turns ? w->turn_at : 0 };
	enum kith_err err = KITH_OK;

	if (w->first)
		err = turn(&w->file, &w->room, &w->error);
	if (!err && w->turns) {
		lines.p += before.n;
		lines.n -= before.n;
		err = capture_file_put(&w->file, before, &w->error);
		if (!err)
			err = turn(&w->file, &w->room, &w->error);
	}
	return err ? err : capture_file_put(&w->file, lines, &w->error);
}

/* Beside a capture they end alone.  That a key log is full is no matter where
 * it is put aside then. */
static enum kith_err put_keys(struct capture_writing *w)
{
	bool beside = w->file.fd >= 0;
	struct kith_error *room = beside ? &w->no_keys : &w->room;
	struct kith_error *error = beside ? &w->no_keys : &w->error;
	enum kith_err err = KITH_OK;

	if (w->turns_keys && capture_file_is_full(&w->keylog))
		err = turn(&w->keylog, room, error);
	if (!err)
		err = capture_file_put(&w->keylog, kith_bytes(&w->keys), error);
	if (!err && !(w->turns_keys && capture_file_is_full(&w->keylog)))
		capture_file_has_room(&w->keylog, room);
	if (!w->no_keys.code)
		return err;
	capture_file_close(&w->keylog);
	return KITH_OK;
}

/* On a worker. */
static void work(void *arg)
{
	struct capture_writing *w = arg;
	enum kith_err err = KITH_OK;

	if (w->file.fd >= 0)
		err = put_lines(w);
	if (!err && w->keylog.fd >= 0 && w->keys.n)
		err = put_keys(w);
	wipe(&w->keys);
	if (err || w->last) {
		capture_file_close(&w->file);
		capture_file_close(&w->keylog);
	} else if (w->file.fd >= 0) {
		capture_file_has_room(&w->file, &w->room);
	}
}

/* The files are closed, and what came meanwhile has no place. */
static void fail(struct daemon *d)
{
	struct capture *c = &d->capture;

	capture_let_go(d);
	c->ending = false;
	snprintf(c->why, sizeof(c->why), "%s", c->writing.error.text);
	log_warn(LOG_PEER, "capture ends, it cannot be written: %s", c->why);
}

static void say_no_keys(struct capture *c)
{
	snprintf(c->why, sizeof(c->why), "no more keys are written: %.120s",
		 c->writing.no_keys.text);
	log_warn(LOG_PEER, "capture keylog=%s: %s", c->options.keylog, c->why);
}

static void worked(void *arg)
{
	struct daemon *d = arg;
	struct capture *c = &d->capture;

	c->busy = false;
	if (c->writing.no_keys.code && c->on)
		say_no_keys(c);
	if (c->writing.error.code)
		fail(d);
	else if (c->writing.last)
		c->ending = false;
	else if (c->writing.room.code)
		capture_end(d, c->writing.room.text);
	if (!c->on && !c->ending) {
		kith_buf_free(&c->recording.lines);
		wipe(&c->keys);
		capture_written(d);
	}
	capture_settle(d);
}

/* Whoever waits for the end is answered now; not while all is closed, which
 * begins with ingest. */
static void on_worked(void *arg)
{
	struct daemon *d = arg;

	worked(d);
	if (d->ingest)
		daemon_settle(d);
}

static void on_work(void *arg)
{
	work(&((struct daemon *)arg)->capture.writing);
}

static void swap(struct kith_buf *a, struct kith_buf *b)
{
	struct kith_buf held = *a;

	*a = *b;
	*b = held;
}

static void hand_over(struct daemon *d)
{
	struct capture *c = &d->capture;
	struct capture_writing *w = &c->writing;

	kith_buf_reset(&w->lines);
	w->lines.limit = c->recording.lines.limit;
	swap(&w->lines, &c->recording.lines);
	swap(&w->keys, &c->keys);
	w->turns = c->turns;
	w->first = c->first;
	w->turn_at = c->turn_at;
	w->last = c->ending;
	w->turns_keys = c->options.turn;
	w->error = w->room = w->no_keys = (struct kith_error){ 0 };
	c->bytes += w->lines.n;
	c->part_bytes = w->turns ? w->lines.n - w->turn_at
				 : c->part_bytes + w->lines.n;
	c->turns = c->first = false;
	c->busy = true;
	if (!net_work(d->net, on_work, on_worked, d))
		return;
	work(w);
	worked(d);
}

void capture_settle(struct daemon *d)
{
	struct capture *c = &d->capture;

	if (c->busy || (!c->on && !c->ending))
		return;
	if (c->on)
		capture_look_at_limit(d);
	if (c->ending || c->recording.lines.n || c->keys.n)
		hand_over(d);
}

void capture_free(struct daemon *d)
{
	struct capture *c = &d->capture;

	kith_buf_free(&c->recording.lines);
	kith_buf_free(&c->writing.lines);
	wipe(&c->keys);
	kith_buf_free(&c->keys);
	wipe(&c->writing.keys);
	kith_buf_free(&c->writing.keys);
}
