/*
 * Capture: what is said with remote peers goes to a file, as long as the
 * configuration or a local program wants it.
 *
 * Off, it costs a look at a pointer for each event of a connection.  On, lines
 * gather in memory and a worker writes them, so that the loop never waits for
 * this disk; what it is too slow for is left out, and the capture says so.  It
 * ends while the disk still has room for the store; a disk that is full all the
 * same ends it, too, and harms nothing else.  A key log beside it ends alone.  Connections of local
 * programs are never recorded: on them, what is private goes in the clear.
 * The loop's thread.  Format: ssbcap(5).
 */
#ifndef DAEMON_CAPTURE_H
#define DAEMON_CAPTURE_H

#include <sys/queue.h>

#include "feeds/id.h"
#include "src/client/capture_file.h"
#include "src/wire/recorder.h"

struct daemon;
struct peer;
struct box_keys;
struct capture_waiter;

struct capture_options {
	char file[CAPTURE_PATH_BYTES];	 /* "": only a key log */
	char keylog[CAPTURE_PATH_BYTES]; /* "": none */
	uint64_t limit_bytes; /* of the file, with what it put aside */
	bool turn; /* at half of it, put the file aside as FILE.1 and go on;
		    * so one that is there already, and a full key log */
	bool headers; /* no bodies */
	bool has_peer;
	struct kith_feed_id peer; /* only connections with it */
};

/* What a worker writes; its own while one is busy. */
struct capture_writing {
	struct capture_file file, keylog;
	struct kith_buf lines, keys;
	bool turns;	/* the file is begun anew, */
	size_t turn_at; /* at this place of lines, */
	bool first;	/* and also in front of them */
	bool last;	/* close them afterwards */
	bool turns_keys;	 /* the key log, if it is full, is, too */
	struct kith_error error; /* it could not be written */
	struct kith_error room;	 /* it was, but there is little left */
	struct kith_error no_keys; /* either, of a key log beside a capture */
};

struct capture {
	bool on;     /* there are recorders */
	bool ending; /* there are none any more, but lines to be written */
	bool busy;   /* a worker has writing */
	struct capture_options options;
	struct recording recording;
	struct kith_buf keys;
	struct capture_writing writing;
	bool turns, first;   /* as above, of recording.lines */
	size_t turn_at;
	uint64_t part_bytes; /* of this file, as handed to the worker */
	uint64_t bytes;	     /* of all */
	uint32_t conns;	     /* numbers given */
	int64_t wall_us, mono_us; /* when it began, by both clocks */
	char why[KITH_ERROR_TEXT_BYTES]; /* the last one ended */
	LIST_HEAD(capture_waiters, capture_waiter) waiters;
};

/* One connection's. */
struct peer_capture {
	struct recorder recorder;
	struct recording held; /* until it is known whom it is with */
	bool ended;	       /* they closed it */
};

/* Begins, with the connections that are open.  EBUSY: one is on, or being
 * written; EFULL: as capture_file_has_room; ENOMEM; else as capture_file_create
 * and capture_file_append. */
KITH_CHECK enum kith_err capture_start(struct daemon *d,
				       const struct capture_options *options,
				       struct kith_error *e);
/* What the configuration wants; an error is only logged. */
void capture_start_configured(struct daemon *d);

/* Ends it, where one is on: nothing more is recorded. */
void capture_end(struct daemon *d, const char *why);

/* Hands to a worker what has come together. */
void capture_settle(struct daemon *d);

/* Frees; the loop is gone. */
void capture_free(struct daemon *d);

/* --- what happens to a connection; nothing unless it is recorded --- */

/* It is open: the only one of these to call without looking at p->capture. */
void capture_opened(struct peer *p);
void capture_shook(struct peer *p, bool out, struct kith_slice bytes);
/* p->id is known and proven. */
void capture_known(struct peer *p);
/* The handshake is done, the session there. */
void capture_session(struct peer *p, const struct box_keys *keys);
/* Before the session hears or says something. */
void capture_tick(struct peer *p);
void capture_closed(struct peer *p, const char *why);

/* --- the methods: methods_capture.c --- */

/* The last capture is written, or it failed: answers who waits for it. */
void capture_written(struct daemon *d);

#endif
