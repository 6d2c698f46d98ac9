/*
 * The home folder: where it is, its files, the identity, the writer's lock.
 *
 * Directories are opened once.  Creates nothing but what its function names.
 * Source: architecture section 5; protocol/01 section 2.
 */
#ifndef STORE_HOME_H
#define STORE_HOME_H

#include "feeds/bytes.h"
#include "feeds/signer.h"

struct home;

/* path: NULL for $KITH_HOME, else ~/.kith.  Makes the folder (mode 0700) if
 * create.  Gives; home_close.  ENOENT: there is none, and not create; EDENIED:
 * not ours, unreadable, or it may not be made; EFULL; EIO: on a network or FAT
 * file system, which LMDB cannot lock, e says which. */
KITH_CHECK enum kith_err home_open(const char *path, bool create,
				   struct home **out, struct kith_error *e);
void home_close(struct home *h);

/* The absolute path of the folder; h's. */
const char *home_path(const struct home *h);
/* That of a file in it into out, cut never: EFORMAT if longer than n. */
KITH_CHECK enum kith_err home_file(const struct home *h, const char *name,
				   char *out, size_t n);

/* From now on other, kept as a view, has what h has not: the identity, and files
 * that home_read is asked for, but for those below store/. */
void home_lean_on(struct home *h, const struct home *other);

/* Reads a whole file of at most out->limit bytes.  ENOENT, ETOOBIG, EIO. */
KITH_CHECK enum kith_err home_read(const struct home *h, const char *name,
				   struct kith_buf *out, struct kith_error *e);

/* Replaces a file by temporary, fsync and rename.  EFULL, EIO, EDENIED. */
KITH_CHECK enum kith_err home_write(const struct home *h, const char *name,
				    struct kith_slice text,
				    struct kith_error *e);

/* A file in the home from when a restore made the store until the secret is
 * there, too: the home is no home before that, and another restore begins
 * anew. */
#define HOME_UNFINISHED "restore.unfinished"

/* True if that, or something that cannot be read, is there. */
bool home_is_unfinished(const struct home *h);

/* Where the passphrase of a sealed `secret` is read: a file, kept as a view;
 * NULL, as in the beginning: see ask_passphrase. */
void home_passphrase_from(struct home *h, const char *file);

/* The identity in `secret`, after asking for its passphrase if it is sealed.
 * ENOENT: there is none.  Anything else unreadable is an error that says what
 * to do, never a new key; EDENIED: a wrong passphrase.  Gives *out. */
KITH_CHECK enum kith_err home_secret_read(const struct home *h,
					  struct kith_signer **out,
					  struct kith_error *e);

/* Whose identity that is: needs no passphrase where `secret` is sealed.  As
 * home_secret_read. */
KITH_CHECK enum kith_err home_identity(const struct home *h,
				       struct kith_feed_id *out,
				       struct kith_error *e);

/* Writes `secret` with mode 0400, whole or not at all, synced; never over one
 * that is there: EEXIST.  For a caller that is alone: kith init has locked the
 * writer. */
KITH_CHECK enum kith_err home_secret_create(const struct home *h,
					    const struct kith_signer *s,
					    struct kith_error *e);

/* The same with a text that kith_secret_encode or _seal made. */
KITH_CHECK enum kith_err home_secret_install(const struct home *h,
					     struct kith_slice text,
					     struct kith_error *e);

/* Puts such a text in the place of the one in `secret`, at once and synced.
 * ENOENT: there is none. */
KITH_CHECK enum kith_err home_secret_replace(const struct home *h,
					     struct kith_slice text,
					     struct kith_error *e);

/* The text of `secret` as it is, into a new buffer, which the caller wipes
 * (ask_clear) if all went well.  ENOENT, ETOOBIG, EIO, ENOMEM. */
KITH_CHECK enum kith_err home_secret_text(const struct home *h,
					  struct kith_buf *out,
					  struct kith_error *e);

/* Makes a folder in it (mode 0700) where there is none.  EIO: it is on a file
 * system that cannot hold a store. */
KITH_CHECK enum kith_err home_make_folder(const struct home *h,
					  const char *name,
					  struct kith_error *e);

/* Locks a file, made where it is missing, for as long as *fd is open, and
 * writes our pid into it.  EBUSY: *pid has it, and the caller says so in *e. */
KITH_CHECK enum kith_err home_lock_file(const struct home *h,
					const char *name, int *fd, long *pid,
					struct kith_error *e);

/* Locks store/writer for this process's life and writes its pid.  EBUSY: e
 * names the holder.  EDENIED: the folder is another program's. */
KITH_CHECK enum kith_err home_lock_writer(struct home *h,
					  struct kith_error *e);

/* True if a writer holds the lock now; *pid is its, or 0. */
bool home_writer(const struct home *h, long *pid);

/* Waits until no writer holds the lock, however it ends.  False: one still
 * does after timeout_ms. */
bool home_wait(const struct home *h, int timeout_ms);

/* Forbids core files to this process: a secret must not end in one.  False if
 * the system does not let it. */
bool home_forbid_core(void);

#endif
