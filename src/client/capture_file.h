/*
 * The files of a capture: the capture itself and a key log beside it.
 *
 * Both hold what is nobody else's business: they are made with mode 0600, and
 * nothing but a plain file is written to.  Only whole lines stay in them,
 * whatever the disk does.  Blocking; one thread at a time.
 */
#ifndef CLIENT_CAPTURE_FILE_H
#define CLIENT_CAPTURE_FILE_H

#include "src/wire/capture.h"

enum {
	CAPTURE_PATH_BYTES = 1024,
	/* Of a capture, with what it put aside: where nobody says otherwise,
	 * and at least. */
	CAPTURE_LIMIT_BYTES = 256 << 20,
	CAPTURE_LIMIT_BYTES_MIN = 64 * 1024,
	CAPTURE_STOP_BYTES = 512, /* of it, for the last line */
	/* Lines that wait for the disk: the longest one and some more. */
	CAPTURE_WAITING_BYTES_MAX = CAPTURE_LINE_BYTES_MAX + (4 << 20),
	CAPTURE_KEYS_WAITING_BYTES_MAX = 256 * CAPTURE_KEYS_BYTES,
	CAPTURE_KEYLOG_BYTES_MAX = CAPTURE_SESSIONS_MAX * CAPTURE_KEYS_BYTES,
	/* Left free on the disk of a store: a capture ends below, with what
	 * then waits in memory and on the way, and a store is left its reserve
	 * (store.h). */
	CAPTURE_SPARE_BYTES = (32 << 20) + 2 * CAPTURE_WAITING_BYTES_MAX
};

/* Embedded; fd below zero: closed. */
struct capture_file {
	uint64_t spare_bytes; /* left free on its disk: set it first */
	int fd;
	bool keys;	/* it is a key log */
	uint64_t bytes; /* of whole lines */
	char path[CAPTURE_PATH_BYTES];
};

/* Makes a file that is not there yet; EEXIST: it is.  EFORMAT: the path is too
 * long; EFULL: no room as below, and then there is no file; EDENIED, EIO. */
KITH_CHECK enum kith_err capture_file_create(struct capture_file *f,
					     const char *path,
					     struct kith_error *e);

/* The same, and puts one that is there aside first, as _turn does.  EDENIED: it
 * is no plain file, or one that others may read; so for PATH.1. */
KITH_CHECK enum kith_err capture_file_begin(struct capture_file *f,
					    const char *path,
					    struct kith_error *e);

/* Opens or makes a key log to append to.  EDENIED: it is no plain file, or one
 * that others may read. */
KITH_CHECK enum kith_err capture_file_append(struct capture_file *f,
					     const char *path,
					     struct kith_error *e);

/* Appends whole lines: all of them, or after an error as many as fit.  EFULL:
 * the disk is; EIO. */
KITH_CHECK enum kith_err capture_file_put(struct capture_file *f,
					  struct kith_slice lines,
					  struct kith_error *e);

/* May more be written to it than what waits by now?  If not, why is in e: its
 * disk has less than spare_bytes left, or it is a key log that is
 * full. */
bool capture_file_has_room(const struct capture_file *f, struct kith_error *e);
bool capture_file_is_full(const struct capture_file *f);

/* Puts the file aside as PATH.1, in place of an older one, and begins it
 * anew.  EFULL, and still open: there is no room as above, and nothing was
 * touched; after other errors it is closed. */
KITH_CHECK enum kith_err capture_file_turn(struct capture_file *f,
					   struct kith_error *e);

/* Closes it, if it is open; not the path. */
void capture_file_close(struct capture_file *f);

#endif
