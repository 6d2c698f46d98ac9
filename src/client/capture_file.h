/*
 * The files of a capture: the capture itself and a key log beside it.
 *
 * Both hold what is nobody else's business: they are made with mode 0600, and
 * nothing but a plain file is written to.  Only whole lines stay in them,
 * whatever the disk does.  Blocking; one thread at a time.
 */
#ifndef CLIENT_CAPTURE_FILE_H
#define CLIENT_CAPTURE_FILE_H

#include "feeds/bytes.h"

enum { CAPTURE_PATH_BYTES = 1024 };

/* Embedded; fd below zero: closed. */
struct capture_file {
	int fd;
	uint64_t bytes; /* of whole lines */
	char path[CAPTURE_PATH_BYTES];
};

/* Makes a file that is not there yet; EEXIST: it is.  EFORMAT: the path is too
 * long; EFULL, EDENIED, EIO. */
KITH_CHECK enum kith_err capture_file_create(struct capture_file *f,
					     const char *path,
					     struct kith_error *e);

/* The same, and puts one that is there aside first, as _turn does.  EDENIED: it
 * is no plain file, or one that others may read; so for PATH.1. */
KITH_CHECK enum kith_err capture_file_begin(struct capture_file *f,
					    const char *path,
					    struct kith_error *e);

/* Opens or makes a file to append to.  EDENIED: it is no plain file, or one
 * that others may read. */
KITH_CHECK enum kith_err capture_file_append(struct capture_file *f,
					     const char *path,
					     struct kith_error *e);

/* Appends whole lines: all of them, or after an error as many as fit.  EFULL:
 * the disk is; EIO. */
KITH_CHECK enum kith_err capture_file_put(struct capture_file *f,
					  struct kith_slice lines,
					  struct kith_error *e);

/* Puts the file aside as PATH.1, in place of an older one, and begins it
 * anew. */
KITH_CHECK enum kith_err capture_file_turn(struct capture_file *f,
					   struct kith_error *e);

/* Closes it, if it is open; not the path. */
void capture_file_close(struct capture_file *f);

#endif
