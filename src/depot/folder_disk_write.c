#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <unistd.h>

#include "src/depot/folder_disk_private.h"

enum {
	/* No file is as long as 2 GiB: FAT and old readers (R16). */
	FILE_BYTES_MAX = INT32_MAX,
	/* Flash likes long writes. */
	WRITE_BYTES = 256 * 1024
};

struct disk_writer {
	struct folder_writer base;
	int fd, folder;
	uint64_t at; /* of bytes */
	size_t n;
	char name[FOLDER_NAME_BYTES];
	uint8_t bytes[WRITE_BYTES];
};

static int write_all(int fd, const uint8_t *p, size_t n, uint64_t at)
{
	int tries = 0;

	while (n) {
		ssize_t some = pwrite(fd, p, n, (off_t)at);

		if (some < 0 && disk_again(&tries))
			continue;
		if (some < 0)
			return errno;
		if (!some)
			return ENOSPC;
		p += some;
		n -= (size_t)some;
		at += (uint64_t)some;
	}
	return 0;
}

/* Cuts the file where it is longer. */
static int cut(int fd, uint64_t bytes)
{
	struct stat st;

	if (fstat(fd, &st))
		return errno;
	if ((uint64_t)st.st_size <= bytes)
		return 0;
	return ftruncate(fd, (off_t)bytes) ? errno : 0;
}

/* Syncs the file and its name, and lets go of its pages: who reads it back is
 * to ask the medium. */
static int settle(int fd, int folder)
{
	int err = disk_sync(fd);

	if (!err)
		err = disk_sync_folder(folder);
	(void)posix_fadvise(fd, 0, 0, POSIX_FADV_DONTNEED);
	return err;
}

/* A file of ours has one name; with another it may be anybody's. */
static int open_one(int folder, const char *last, int flags, int *out)
{
	struct stat st;
	int fd = disk_open(folder, last, O_WRONLY | flags, &st);

	if (fd < 0)
		return errno;
	if (st.st_nlink > 1) {
		close(fd);
		return EPERM;
	}
	*out = fd;
	return 0;
}

/* What is neither there nor can be made has something in its way. */
static int open_write(const struct disk *d, const char *name, bool make,
		      int *folder, int *out)
{
	const char *last;
	int err = disk_walk_to(d, name, make, folder, &last);

	if (!err) {
		err = open_one(*folder, last, make ? O_CREAT : 0, out);
		if (err)
			close(*folder);
	}
	return err == ENOENT && make ? EPERM : err;
}

/* To begin at keep. */
static enum kith_err trim(const struct disk_writer *w, uint64_t keep,
			  struct kith_error *e)
{
	struct stat st;
	int err;

	if (fstat(w->fd, &st))
		return disk_fail(e, errno, "write", w->name);
	if ((uint64_t)st.st_size < keep)
		return kith_fail(e, KITH_EFORMAT, 0,
				 "%.100s is shorter than it was", w->name);
	err = cut(w->fd, keep);
	return err ? disk_fail_write(w->base.folder, e, err, "cut", w->name)
		   : KITH_OK;
}

void disk_writer_drop(struct folder_writer *writer)
{
	struct disk_writer *w = (struct disk_writer *)writer;

	close(w->fd);
	close(w->folder);
	free(w);
}

/* Takes both descriptors. */
static struct disk_writer *new_writer(struct folder *f, const char *name,
				      int folder, int fd)
{
	struct disk_writer *w = malloc(sizeof(*w));

	if (!w) {
		close(fd);
		close(folder);
		return NULL;
	}
	w->base.folder = f;
	w->fd = fd;
	w->folder = folder;
	w->n = 0;
	memcpy(w->name, name, strlen(name) + 1);
	return w;
}

enum kith_err disk_write(struct folder *f, const char *name, uint64_t keep,
			 struct folder_writer **out, struct kith_error *e)
{
	int folder = -1, fd = -1;
	struct disk_writer *w;
	enum kith_err err;
	int failed;

	failed = open_write(disk_of(f), name, !keep, &folder, &fd);
	if (failed == ENOENT && keep)
		return kith_fail(e, KITH_EFORMAT, 0, "%.100s is gone", name);
	if (failed)
		return disk_fail_write(f, e, failed, "write", name);
	w = new_writer(f, name, folder, fd);
	if (!w)
		return kith_fail(e, KITH_ENOMEM, 0, "out of memory");
	err = trim(w, keep, e);
	if (err) {
		disk_writer_drop(&w->base);
		return err;
	}
	w->at = keep;
	*out = &w->base;
	return KITH_OK;
}

static enum kith_err flush(struct disk_writer *w, struct kith_error *e)
{
	int err = write_all(w->fd, w->bytes, w->n, w->at);

	if (err)
		return disk_fail_write(w->base.folder, e, err, "write", w->name);
	/* The medium is to begin with it now, not when it is synced. */
	(void)posix_fadvise(w->fd, (off_t)w->at, (off_t)w->n,
			    POSIX_FADV_DONTNEED);
	w->at += w->n;
	w->n = 0;
	return KITH_OK;
}

enum kith_err disk_writer_put(struct folder_writer *writer,
				     struct kith_slice bytes,
				     struct kith_error *e)
{
	struct disk_writer *w = (struct disk_writer *)writer;
	enum kith_err err;

	if (bytes.n > FILE_BYTES_MAX - w->n - w->at)
		return disk_fail(e, EFBIG, "write", w->name);
	while (bytes.n) {
		size_t some = WRITE_BYTES - w->n;

		some = some < bytes.n ? some : bytes.n;
		memcpy(w->bytes + w->n, bytes.p, some);
		w->n += some;
		bytes.p += some;
		bytes.n -= some;
		err = w->n == WRITE_BYTES ? flush(w, e) : KITH_OK;
		if (err)
			return err;
	}
	return KITH_OK;
}

enum kith_err disk_writer_sync(struct folder_writer *writer,
				      struct kith_error *e)
{
	struct disk_writer *w = (struct disk_writer *)writer;
	enum kith_err err = flush(w, e);
	int failed;

	if (err)
		return err;
	failed = disk_sync(w->fd);
	return failed ? disk_fail(e, failed, "sync", w->name) : KITH_OK;
}

enum kith_err disk_writer_finish(struct folder_writer *writer,
					struct kith_error *e)
{
	struct disk_writer *w = (struct disk_writer *)writer;
	enum kith_err err = flush(w, e);
	int failed = err ? 0 : settle(w->fd, w->folder);

	if (failed)
		err = disk_fail(e, failed, "sync", w->name);
	disk_writer_drop(writer);
	return err;
}

/* Over what is there, and cut behind: it takes no new room on a medium that may
 * be full.  It is what a session ends with, so here all of a doubtful medium is
 * synced. */
static int replace(const struct disk *d, int fd, int folder,
		   struct kith_slice bytes)
{
	int err = write_all(fd, bytes.p, bytes.n, 0);

	if (!err)
		err = cut(fd, bytes.n);
	if (!err)
		err = settle(fd, folder);
	if (!err && d->doubtful && syncfs(fd))
		err = errno;
	return err;
}

enum kith_err disk_put(struct folder *f, const char *name,
			      struct kith_slice bytes, struct kith_error *e)
{
	const struct disk *d = disk_of(f);
	int folder = -1, fd = -1;
	int err = open_write(d, name, true, &folder, &fd);

	if (err)
		return disk_fail_write(f, e, err, "write", name);
	err = replace(d, fd, folder, bytes);
	if (close(fd) && !err)
		err = errno;
	close(folder);
	return err ? disk_fail_write(f, e, err, "write", name) : KITH_OK;
}

