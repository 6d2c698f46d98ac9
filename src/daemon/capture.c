#include "src/daemon/capture.h"

#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include <sodium.h>

#include "feeds/ref.h"
#include "src/daemon/capture_private.h"
#include "src/daemon/daemon.h"
#include "src/store/messages.h"

enum { HELD_BYTES_MAX = 8 * 1024 /* a handshake takes some 900 */ };

/* --- time --- */

static int64_t clock_us(clockid_t which)
{
	struct timespec t;

	clock_gettime(which, &t);
	return (int64_t)t.tv_sec * 1000000 + t.tv_nsec / 1000;
}

/* Wall time that never goes back. */
static void set_time(struct capture *c)
{
	c->recording.now_us =
		c->wall_us + clock_us(CLOCK_MONOTONIC) - c->mono_us;
}

/* --- the first lines --- */

static void put_start(struct daemon *d)
{
	struct capture_line line = {
		.t_us = d->capture.recording.now_us,
		.layer = CAPTURE_FILE,
		.event = CAPTURE_START,
		.version = CAPTURE_VERSION,
		.by = KITH_SLICE("kithd " PACKAGE_VERSION),
		.of = KITH_SLICE("node"),
		.has_id = true,
		.id = d->self,
	};
	struct feed_row own;
	struct txn *t;

	if (daemon_read(d, &t)) {
		line.feeds = txn_count(t, TABLE_FEEDS);
		if (feed_get(t, &d->self, &own))
			line.own = own.last;
		txn_end(t);
	}
	recording_put(&d->capture.recording, &line);
}

/* Of a file, in which what is open already is new. */
static void put_head(struct daemon *d)
{
	struct peer *p;

	put_start(d);
	LIST_FOREACH(p, &d->peers, all)
		if (p->capture && p->capture->recorder.to ==
					  &d->capture.recording)
			recorder_open(&p->capture->recorder, CAPTURE_ONGOING,
				      conn_name(p->conn),
				      p->known ? &p->id : NULL, 0);
}

static void put_stop(struct capture *c, const char *why)
{
	const struct capture_line line = {
		.t_us = c->recording.now_us,
		.layer = CAPTURE_FILE,
		.event = CAPTURE_STOP,
		.why = kith_text(why),
	};

	recording_put(&c->recording, &line);
}

/* --- connections --- */

static void forget(struct peer *p)
{
	if (!p->capture)
		return;
	if (p->session)
		session_record(p->session, NULL);
	kith_buf_free(&p->capture->held.lines);
	free(p->capture);
	p->capture = NULL;
}

static bool is_wanted(const struct peer *p)
{
	const struct capture_options *o = &p->daemon->capture.options;

	return !p->local && (!o->has_peer || kith_feed_equal(&p->id, &o->peer));
}

/* Whoever comes without a name is recorded aside until it is known. */
static struct peer_capture *record(struct peer *p)
{
	struct capture *c = &p->daemon->capture;
	struct peer_capture *pc = calloc(1, sizeof(*pc));

	if (!pc)
		return NULL;
	pc->held.lines.limit = HELD_BYTES_MAX;
	pc->held.now_us = c->recording.now_us;
	recorder_init(&pc->recorder,
		      p->known || !c->options.has_peer ? &c->recording
						       : &pc->held,
		      ++c->conns, p->dialled);
	p->capture = pc;
	return pc;
}

void capture_opened(struct peer *p)
{
	struct capture *c = &p->daemon->capture;

	if (!c->on || (p->known && !is_wanted(p)))
		return;
	set_time(c);
	if (record(p))
		recorder_open(&p->capture->recorder,
			      p->dialled ? CAPTURE_CONNECT : CAPTURE_ACCEPT,
			      conn_name(p->conn), p->known ? &p->id : NULL, 0);
}

void capture_shook(struct peer *p, bool out, struct kith_slice bytes)
{
	if (!p->capture || !bytes.n)
		return;
	capture_tick(p);
	if (p->capture)
		recorder_shake(&p->capture->recorder, out, bytes);
}

static void release_held(struct peer *p)
{
	struct peer_capture *pc = p->capture;
	struct recording *all = &p->daemon->capture.recording;

	if (pc->recorder.to == all)
		return;
	pc->recorder.to = all;
	recording_join(all, &pc->held);
}

void capture_known(struct peer *p)
{
	if (!p->capture)
		return;
	if (is_wanted(p)) {
		release_held(p);
		recorder_done(&p->capture->recorder, &p->id);
		return;
	}
	if (p->capture->recorder.to == &p->daemon->capture.recording)
		recorder_close(&p->capture->recorder, true,
			       "a local program, not recorded", 0);
	forget(p);
}

static void put_keys(struct peer *p, const struct box_keys *keys)
{
	struct capture *c = &p->daemon->capture;
	struct capture_keys line;

	if (*c->options.keylog &&
	    recorder_keys(&p->capture->recorder, keys, &line))
		capture_keys_encode(&line, &c->keys);
	c->keys.err = KITH_OK; /* one that found no room is left out */
	sodium_memzero(&line, sizeof(line));
}

void capture_session(struct peer *p, const struct box_keys *keys)
{
	if (!p->capture)
		return;
	if (p->dialled)
		capture_known(p);
	if (!p->capture)
		return;
	put_keys(p, keys);
	if (*p->daemon->capture.options.file)
		session_record(p->session, &p->capture->recorder);
}

void capture_let_go(struct daemon *d)
{
	struct peer *p;

	d->capture.on = false;
	LIST_FOREACH(p, &d->peers, all)
		forget(p);
}

/* Takes back what would not fit into the file, with a last line behind it. */
static void cut(struct capture *c)
{
	uint64_t limit = c->options.limit_bytes - CAPTURE_STOP_BYTES;

	if (!c->options.turn)
		recording_cut(&c->recording, limit > c->part_bytes
						     ? limit - c->part_bytes
						     : 0);
}

void capture_end(struct daemon *d, const char *why)
{
	struct capture *c = &d->capture;

	if (!c->on)
		return;
	capture_let_go(d);
	c->ending = true;
	cut(c);
	put_stop(c, why);
	snprintf(c->why, sizeof(c->why), "%s", why);
	log_info(LOG_PEER, "capture ends file=%s: %s", c->options.file, why);
}

/* Bytes of the file that is written to, with what waits for it. */
static uint64_t part_bytes(const struct capture *c)
{
	return c->turns ? c->recording.lines.n - c->turn_at
			: c->part_bytes + c->recording.lines.n;
}

/* If the disk has not come to the last turn yet, what stands in front of it
 * would be put aside twice, and so be gone: it is dropped. */
static void turn(struct daemon *d)
{
	struct capture *c = &d->capture;

	if (c->turns) {
		kith_buf_drop(&c->recording.lines, c->turn_at);
		c->first = true;
	}
	c->turns = true;
	c->turn_at = c->recording.lines.n;
	put_head(d);
}

/* Is the file as long as it may be? */
void capture_look_at_limit(struct daemon *d)
{
	struct capture *c = &d->capture;
	uint64_t limit = c->options.limit_bytes;

	if (!*c->options.file)
		return;
	if (c->options.turn && part_bytes(c) >= limit / 2)
		turn(d);
	else if (!c->options.turn && part_bytes(c) >= limit)
		capture_end(d, "the limit is reached");
}

void capture_tick(struct peer *p)
{
	set_time(&p->daemon->capture);
	p->capture->held.now_us = p->daemon->capture.recording.now_us;
	capture_look_at_limit(p->daemon);
}

void capture_closed(struct peer *p, const char *why)
{
	struct peer_capture *pc = p->capture;

	if (!pc)
		return;
	capture_tick(p);
	if (!p->capture)
		return;
	if (pc->recorder.to == &p->daemon->capture.recording) {
		if (p->state == PEER_SHAKING)
			recorder_fail(&pc->recorder, !pc->ended, why);
		recorder_close(&pc->recorder, !pc->ended, why,
			       (p->session ? session_queued(p->session) : 0) +
				       conn_unsent(p->conn));
	}
	forget(p);
}

/* --- beginning and end --- */

static enum kith_err open_keylog(struct capture_file *f,
				 const struct capture_options *o,
				 struct kith_error *e)
{
	enum kith_err err = capture_file_append(f, o->keylog, e);

	if (!err && o->turn && capture_file_is_full(f))
		err = capture_file_turn(f, e);
	return err || capture_file_has_room(f, e) ? err : KITH_EFULL;
}

/* All of it at once: what grows leaves keys in memory that it gave back. */
static enum kith_err make_room_for_keys(struct capture *c,
					struct kith_error *e)
{
	struct kith_buf *const all[] = { &c->keys, &c->writing.keys };

	for (size_t i = 0; i < 2; i++) {
		kith_buf_reset(all[i]);
		all[i]->limit = CAPTURE_KEYS_WAITING_BYTES_MAX;
		if (!kith_buf_reserve(all[i], all[i]->limit))
			return kith_fail(e, KITH_ENOMEM, 0, "out of memory");
	}
	return KITH_OK;
}

static enum kith_err open_files(struct capture *c,
				const struct capture_options *o,
				struct kith_error *e)
{
	struct capture_writing *w = &c->writing;
	enum kith_err err = KITH_OK;

	w->file.fd = w->keylog.fd = -1;
	w->file.spare_bytes = w->keylog.spare_bytes = CAPTURE_SPARE_BYTES;
	if (*o->keylog)
		err = open_keylog(&w->keylog, o, e);
	if (!err && *o->file)
		err = o->turn ? capture_file_begin(&w->file, o->file, e)
			      : capture_file_create(&w->file, o->file, e);
	if (err)
		capture_file_close(&w->keylog);
	return err;
}

static void record_ongoing(struct daemon *d)
{
	struct peer *p;

	LIST_FOREACH(p, &d->peers, all)
		if (p->state == PEER_OPEN && is_wanted(p) && record(p))
			session_record(p->session, &p->capture->recorder);
}

enum kith_err capture_start(struct daemon *d,
			    const struct capture_options *options,
			    struct kith_error *e)
{
	struct capture *c = &d->capture;
	enum kith_err err;

	if (c->on || c->ending)
		return kith_fail(e, KITH_EBUSY, 0, c->on
				 ? "a capture is on already: `kith capture "
				   "stop` ends it"
				 : "the last capture is still being written");
	err = *options->keylog ? make_room_for_keys(c, e) : KITH_OK;
	if (!err)
		err = open_files(c, options, e);
	if (err)
		return err;
	c->options = *options;
	c->on = true;
	c->turns = c->first = false;
	c->part_bytes = c->bytes = 0;
	c->conns = 0;
	c->why[0] = '\0';
	c->wall_us = clock_us(CLOCK_REALTIME);
	c->mono_us = clock_us(CLOCK_MONOTONIC);
	c->recording = (struct recording){
		.lines.limit = CAPTURE_WAITING_BYTES_MAX,
		.headers = options->headers,
	};
	set_time(c);
	record_ongoing(d);
	put_head(d);
	log_warn(LOG_PEER, "capture begins file=%s keylog=%s: whoever reads "
		 "them knows what is said with peers", options->file,
		 options->keylog);
	return KITH_OK;
}

void capture_start_configured(struct daemon *d)
{
	const struct config_capture *want = &d->config.capture;
	struct capture_options o = {
		.limit_bytes = (uint64_t)want->limit,
		.turn = true,
	};
	struct kith_error e = { 0 };

	if (!*want->file && !*want->keylog)
		return;
	snprintf(o.file, sizeof(o.file), "%s", want->file);
	snprintf(o.keylog, sizeof(o.keylog), "%s", want->keylog);
	o.has_peer = !kith_feed_parse(kith_text(want->peer), &o.peer);
	if (capture_start(d, &o, &e))
		log_warn(LOG_PEER, "no capture: %s", e.text);
}
