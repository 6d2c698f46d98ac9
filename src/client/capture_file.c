#include "src/client/capture_file.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <unistd.h>

static enum kith_err code_of(int error)
{
	switch (error) {
	case ENOSPC:
	case EDQUOT:
	case EFBIG: return KITH_EFULL;
	case EACCES:
	case EPERM:
	case ELOOP:
	case EROFS: return KITH_EDENIED;
	default: return KITH_EIO;
	}
}

static enum kith_err failed(const struct capture_file *f, int error,
			    struct kith_error *e)
{
	if (error == EEXIST)
		return kith_fail(e, KITH_EEXIST, 0, "%s exists, and is not "
				 "written over: name another file", f->path);
	return kith_fail(e, code_of(error), 0, "%s: %s", f->path,
			 strerror(error));
}

static enum kith_err set_path(struct capture_file *f, const char *path,
			      struct kith_error *e)
{
	size_t n = strlen(path);

	f->fd = -1;
	f->keys = false;
	f->bytes = 0;
	/* With the end that _turn gives it. */
	if (n + sizeof(".1") > sizeof(f->path))
		return kith_fail(e, KITH_EFORMAT, 0, "the path is too long");
	memcpy(f->path, path, n + 1);
	return KITH_OK;
}

/* O_NONBLOCK: a pipe that nobody reads must not hold us up. */
static enum kith_err open_file(struct capture_file *f, int how,
			       struct kith_error *e)
{
	f->fd = open(f->path,
		     O_WRONLY | O_CREAT | O_APPEND | O_NOFOLLOW | O_CLOEXEC |
			     O_NONBLOCK | how,
		     0600);
	return f->fd < 0 ? failed(f, errno, e) : KITH_OK;
}

bool capture_file_is_full(const struct capture_file *f)
{
	return f->keys && f->bytes > CAPTURE_KEYLOG_BYTES_MAX -
					     2 * CAPTURE_KEYS_WAITING_BYTES_MAX;
}

/* What has no blocks is no disk: a pipe. */
static bool disk_has_room(const struct statvfs *fs, uint64_t spare_bytes,
			  struct kith_error *e)
{
	if (!fs->f_blocks ||
	    (uint64_t)fs->f_bavail * fs->f_frsize >= spare_bytes)
		return true;
	return !kith_fail(e, KITH_EFULL, 0, "its disk has less than %d MiB "
			  "left, and so much is kept free",
			  (int)(spare_bytes >> 20));
}

bool capture_file_has_room(const struct capture_file *f, struct kith_error *e)
{
	struct statvfs fs;

	if (capture_file_is_full(f))
		return !kith_fail(e, KITH_EFULL, 0, "the key log is full: it "
				  "has the keys of %d sessions",
				  (int)(f->bytes / CAPTURE_KEYS_BYTES));
	return fstatvfs(f->fd, &fs) || disk_has_room(&fs, f->spare_bytes, e);
}

/* Made in vain, it would stand in the way of the next attempt. */
static enum kith_err make_file(struct capture_file *f, struct kith_error *e)
{
	enum kith_err err = open_file(f, O_EXCL, e);

	if (err || capture_file_has_room(f, e))
		return err;
	unlink(f->path);
	capture_file_close(f);
	return KITH_EFULL;
}

enum kith_err capture_file_create(struct capture_file *f, const char *path,
				  struct kith_error *e)
{
	enum kith_err err = set_path(f, path, e);

	return err ? err : make_file(f, e);
}

/* What is there already may be anything, and anybody's. */
static enum kith_err check_own(const char *path, const struct stat *st,
			       struct kith_error *e)
{
	if (!S_ISREG(st->st_mode))
		return kith_fail(e, KITH_EDENIED, 0, "%s is no plain file",
				 path);
	if (st->st_uid != geteuid() || st->st_mode & 077)
		return kith_fail(e, KITH_EDENIED, 0,
				 "%s is not yours alone to read", path);
	return KITH_OK;
}

static enum kith_err check_open(struct capture_file *f, struct kith_error *e)
{
	struct stat st;

	if (fstat(f->fd, &st))
		return failed(f, errno, e);
	f->bytes = (uint64_t)st.st_size;
	return check_own(f->path, &st, e);
}

/* Only what could be a capture of ours is moved or replaced.  A look that fails
 * is no matter: what it was for fails too. */
static enum kith_err check_there(const char *path, struct kith_error *e)
{
	struct stat st;

	return lstat(path, &st) ? KITH_OK : check_own(path, &st, e);
}

enum kith_err capture_file_append(struct capture_file *f, const char *path,
				  struct kith_error *e)
{
	enum kith_err err = set_path(f, path, e);

	if (!err)
		err = open_file(f, 0, e);
	if (!err)
		err = check_open(f, e);
	f->keys = true;
	if (err)
		capture_file_close(f);
	return err;
}

/* Writes what it can; gives how much, and errno if that is not all. */
static size_t write_some(int fd, struct kith_slice s)
{
	size_t done = 0;
	ssize_t n;

	while (done < s.n) {
		n = write(fd, s.p + done, s.n - done);
		if (n > 0)
			done += (size_t)n;
		else if (n == 0)
			errno = ENOSPC;
		if (n == 0 || (n < 0 && errno != EINTR))
			break;
	}
	return done;
}

/* The length of the whole lines at its front. */
static size_t whole_lines(struct kith_slice s)
{
	while (s.n && s.p[s.n - 1] != '\n')
		s.n--;
	return s.n;
}

enum kith_err capture_file_put(struct capture_file *f, struct kith_slice lines,
			       struct kith_error *e)
{
	size_t done = write_some(f->fd, lines), whole = done;
	int error = errno;

	if (done < lines.n)
		whole = whole_lines((struct kith_slice){ lines.p, done });
	f->bytes += whole;
	if (done == lines.n)
		return KITH_OK;
	/* Taking back needs no room; if even that fails, the line is torn, and
	 * readers know what that is. */
	if (whole < done && ftruncate(f->fd, (off_t)f->bytes))
		error = errno;
	return failed(f, error, e);
}

/* May it go to aside, and is there room for another in its place?  Where none
 * is yet, making it will tell. */
static enum kith_err check_turn(const struct capture_file *f,
				const char *aside, struct kith_error *e)
{
	enum kith_err err = check_there(f->path, e);
	struct statvfs fs;

	if (!err)
		err = check_there(aside, e);
	if (err || statvfs(f->path, &fs) ||
	    disk_has_room(&fs, f->spare_bytes, e))
		return err;
	return KITH_EFULL;
}

enum kith_err capture_file_turn(struct capture_file *f, struct kith_error *e)
{
	char aside[CAPTURE_PATH_BYTES + sizeof(".1")];
	enum kith_err err;

	snprintf(aside, sizeof(aside), "%s.1", f->path);
	err = check_turn(f, aside, e);
	if (err == KITH_EFULL)
		return err;
	capture_file_close(f);
	f->bytes = 0;
	if (err)
		return err;
	if (rename(f->path, aside) && errno != ENOENT)
		return failed(f, errno, e);
	return make_file(f, e);
}

enum kith_err capture_file_begin(struct capture_file *f, const char *path,
				 struct kith_error *e)
{
	enum kith_err err = set_path(f, path, e);

	return err ? err : capture_file_turn(f, e);
}

void capture_file_close(struct capture_file *f)
{
	if (f->fd >= 0)
		close(f->fd);
	f->fd = -1;
}
