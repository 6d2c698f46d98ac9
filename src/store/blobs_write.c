#include <errno.h>
#include <fcntl.h>
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "src/store/blobs_private.h"
#include "src/store/store_private.h"

enum {
	FOLDER_MODE = 0700,
	FILE_MODE = 0600,
	NAME_RANDOM_BYTES = 12,
	TRIES = 100, /* to get hold of a name that others remove */
	TAKE_UP_BYTES = 64 * 1024
};

/* --- folders -------------------------------------------------------------- */

/* Syncs the folder that name stands in; 0 or an errno. */
static int sync_above(int home, const char *name)
{
	char folder[BLOB_PATH_BYTES];
	const char *slash = strrchr(name, '/');
	int fd, err;

	snprintf(folder, sizeof(folder), "%.*s",
		 slash ? (int)(slash - name) : 1, slash ? name : ".");
	fd = openat(home, folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (fd < 0)
		return errno;
	err = fsync(fd) ? errno : 0;
	close(fd);
	return err;
}

static int make_folder(int home, const char *name, bool sync)
{
	if (!mkdirat(home, name, FOLDER_MODE))
		return sync ? sync_above(home, name) : 0;
	return errno == EEXIST ? 0 : errno;
}

/* Makes the folders that name stands in; 0 or an errno. */
static int make_folders(int home, const char *name, bool sync)
{
	char folder[BLOB_PATH_BYTES];
	int err = 0;

	for (const char *slash = strchr(name, '/'); slash && !err;
	     slash = strchr(slash + 1, '/')) {
		snprintf(folder, sizeof(folder), "%.*s", (int)(slash - name),
			 name);
		err = make_folder(home, folder, sync);
	}
	return err;
}

/* --- files that are being written ----------------------------------------- */

static int open_tmp(struct blob_writer *w, int flags)
{
	int home = w->blobs->home;
	int fd, err;

	fd = openat(home, w->path, flags | O_RDWR | O_CREAT | O_CLOEXEC |
		    O_NOFOLLOW, FILE_MODE);
	if (fd >= 0 || errno != ENOENT)
		return fd;
	err = make_folders(home, w->path, true);
	if (err) {
		errno = err;
		return -1;
	}
	return openat(home, w->path, flags | O_RDWR | O_CREAT | O_CLOEXEC |
		      O_NOFOLLOW, FILE_MODE);
}

/* Whether the name still leads to what is open. */
static bool is_at(const struct blob_writer *w, int fd)
{
	struct stat open, named;

	return !fstat(fd, &open) && S_ISREG(open.st_mode) &&
	       !fstatat(w->blobs->home, w->path, &named,
			AT_SYMLINK_NOFOLLOW) &&
	       open.st_dev == named.st_dev && open.st_ino == named.st_ino;
}

/* Opens w->path and locks it, which says that it is in use: blobs_tidy and
 * other writers leave it alone.  0 or an errno; EWOULDBLOCK: in use. */
static int open_locked(struct blob_writer *w, int flags)
{
	for (int i = 0; i < TRIES; i++) {
		int fd = open_tmp(w, flags);
		int err;

		if (fd < 0)
			return errno;
		err = flock(fd, LOCK_EX | LOCK_NB) ? errno : 0;
		if (!err && is_at(w, fd)) {
			w->fd = fd;
			return 0;
		}
		close(fd);
		if (err)
			return err;
	}
	return EIO;
}

static int open_new(struct blob_writer *w)
{
	uint8_t random[NAME_RANDOM_BYTES];
	char hex[2 * NAME_RANDOM_BYTES + 1];

	randombytes_buf(random, sizeof(random));
	sodium_bin2hex(hex, sizeof(hex), random, sizeof(random));
	snprintf(w->path, sizeof(w->path), BLOBS_TMP "/" BLOBS_NEW "%s", hex);
	w->resume = false;
	return open_locked(w, O_EXCL);
}

/* Hashes what an earlier writer left; what cannot be read, or is too long to
 * become anything, is begun anew.  0 or an errno. */
static int take_up(struct blob_writer *w)
{
	uint8_t *piece = malloc(TAKE_UP_BYTES);
	ssize_t n = 1;

	if (!piece)
		return ENOMEM;
	while (n > 0 && w->bytes < w->limit) {
		n = read(w->fd, piece, TAKE_UP_BYTES);
		if (n < 0 && errno == EINTR) {
			n = 1;
			continue;
		}
		if (n > 0) {
			crypto_hash_sha256_update(&w->sha, piece, (size_t)n);
			w->bytes += (uint64_t)n;
		}
	}
	free(piece);
	if (!n)
		return 0;
	w->bytes = 0;
	crypto_hash_sha256_init(&w->sha);
	if (ftruncate(w->fd, 0) || lseek(w->fd, 0, SEEK_SET))
		return errno;
	return 0;
}

static int open_part(struct blob_writer *w)
{
	int err;

	blob_part_path(&w->id, w->path);
	err = open_locked(w, 0);
	return err ? err : take_up(w);
}

static int open_any(struct blob_writer *w)
{
	int err = w->resume ? open_part(w) : EWOULDBLOCK;

	return err == EWOULDBLOCK ? open_new(w) : err;
}

uint64_t blob_part_bytes(struct blobs *b, const struct kith_blob_id *id)
{
	char path[BLOB_PATH_BYTES];
	struct stat st;

	blob_part_path(id, path);
	if (!b->ours || fstatat(b->home, path, &st, AT_SYMLINK_NOFOLLOW) ||
	    !S_ISREG(st.st_mode) || st.st_size <= 0)
		return 0;
	return (uint64_t)st.st_size;
}

enum kith_err blob_writer_new(struct blobs *b, const struct blob_write *how,
			      struct blob_writer **out, struct kith_error *e)
{
	struct blob_writer *w;
	int err;

	if (!b->ours)
		return kith_fail(e, KITH_EDENIED, 0,
				 "%s is the folder of another Scuttlebutt "
				 "program: kith writes nothing there",
				 b->home_path);
	w = calloc(1, sizeof(*w));
	if (!w)
		return kith_fail(e, KITH_ENOMEM, 0, "out of memory");
	w->blobs = b;
	w->fd = -1;
	w->limit = how->limit;
	w->knows_id = how->id;
	if (how->id)
		w->id = *how->id;
	w->resume = how->id && how->resume;
	crypto_hash_sha256_init(&w->sha);
	err = open_any(w);
	if (err) {
		blob_writer_drop(w);
		return home_fail(e, err, "cannot write", BLOBS_TMP);
	}
	*out = w;
	return KITH_OK;
}

uint64_t blob_writer_bytes(const struct blob_writer *w)
{
	return w->bytes;
}

static enum kith_err fail(struct blob_writer *w, int err,
			  struct kith_error *e)
{
	w->err = home_fail(e, err, "cannot write", BLOBS_TMP);
	return w->err;
}

enum kith_err blob_writer_put(struct blob_writer *w, struct kith_slice bytes,
			      struct kith_error *e)
{
	int err;

	if (w->err)
		return w->err;
	if (bytes.n >= w->limit - w->bytes) {
		w->err = kith_fail(e, KITH_ETOOBIG, 0, "a blob has less than "
				   "%llu bytes here",
				   (unsigned long long)w->limit);
		return w->err;
	}
	crypto_hash_sha256_update(&w->sha, bytes.p, bytes.n);
	err = home_write_some(w->fd, bytes);
	if (err)
		return fail(w, err, e);
	w->bytes += bytes.n;
	return KITH_OK;
}

/* --- ends ----------------------------------------------------------------- */

void blob_writer_end(struct blob_writer *w, bool keep)
{
	if (w->fd >= 0) {
		/* While it is locked: nobody else has taken it up. */
		if (!keep)
			unlinkat(w->blobs->home, w->path, 0);
		close(w->fd);
	}
	free(w);
}

void blob_writer_drop(struct blob_writer *w)
{
	if (w)
		blob_writer_end(w, false);
}

void blob_writer_cut(struct blob_writer *w)
{
	if (w)
		blob_writer_end(w, w->resume && !w->err && w->bytes);
}

enum kith_err blob_writer_seal(struct blob_writer *w, struct kith_error *e)
{
	struct kith_blob_id is;
	struct stat st;

	if (w->err)
		return w->err;
	crypto_hash_sha256_final(&w->sha, is.b);
	if (w->knows_id && memcmp(&is, &w->id, sizeof(is)) != 0)
		return kith_fail(e, KITH_EFORMAT, 0,
				 "these bytes are another blob");
	w->id = is;
	/* Was somebody else's hand in it? */
	if (fstat(w->fd, &st))
		return fail(w, errno, e);
	if (st.st_size < 0 || (uint64_t)st.st_size != w->bytes)
		return fail(w, EIO, e);
	return KITH_OK;
}

/* 0 or an errno. */
static int move_to(struct blob_writer *w, const char *to)
{
	int home = w->blobs->home, err;

	blobs_lock(w->blobs);
	err = renameat(home, w->path, home, to) ? errno : 0;
	if (!err)
		blobs_add_came(w->blobs, &w->id);
	blobs_unlock(w->blobs);
	return err;
}

int blob_writer_name(struct blob_writer *w, bool sync)
{
	int home = w->blobs->home;
	char to[BLOB_PATH_BYTES];
	int err;

	if (!is_at(w, w->fd))
		return EIO;
	blob_path(&w->id, to);
	err = move_to(w, to);
	if (err == ENOENT) {
		err = make_folders(home, to, sync);
		if (!err)
			err = move_to(w, to);
	}
	if (err || !sync)
		return err;
	err = sync_above(home, to);
	/* For its caller it has not come: no row will tell of it. */
	if (err)
		blobs_noted(w->blobs, &w->id);
	return err;
}

static enum kith_err finish(struct blob_writer *w, struct kith_error *e)
{
	enum kith_err err = blob_writer_seal(w, e);
	int failed;

	if (err || !w->bytes)
		return err;
	failed = fsync(w->fd) ? errno : blob_writer_name(w, true);
	return failed ? home_fail(e, failed, "cannot write", BLOBS_FOLDER)
		      : KITH_OK;
}

enum kith_err blob_writer_finish(struct blob_writer *w,
				 struct kith_blob_id *id, struct kith_error *e)
{
	enum kith_err err = finish(w, e);

	if (!err && id)
		*id = w->id;
	blob_writer_end(w, !err && w->bytes);
	return err;
}
