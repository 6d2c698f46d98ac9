#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <sys/statvfs.h>
#include <sys/vfs.h>
#include <unistd.h>

#include "src/depot/folder_disk_private.h"

struct disk_reader {
	struct folder_reader base;
	int fd;
	uint64_t at, end;
	char name[FOLDER_NAME_BYTES];
};

static int open_read(const struct disk *d, const char *name, struct stat *st,
		     int *out)
{
	const char *last;
	int folder, err = disk_walk_to(d, name, false, &folder, &last);

	if (err)
		return err;
	*out = disk_open(folder, last, O_RDONLY, st);
	err = *out < 0 ? errno : 0;
	close(folder);
	return err;
}

static enum kith_err disk_size(struct folder *f, const char *name,
			       uint64_t *bytes, struct kith_error *e)
{
	const char *last;
	struct stat st;
	int folder, err = disk_walk_to(disk_of(f), name, false, &folder, &last);

	if (err)
		return disk_fail(e, err, "find", name);
	if (fstatat(folder, last, &st, AT_SYMLINK_NOFOLLOW))
		err = errno;
	else if (!S_ISREG(st.st_mode))
		err = ENOENT;
	close(folder);
	if (err)
		return disk_fail(e, err, "find", name);
	*bytes = (uint64_t)st.st_size;
	return KITH_OK;
}

static enum kith_err disk_read(struct folder *f, const char *name,
			       uint64_t offset, struct folder_reader **out,
			       struct kith_error *e)
{
	struct disk_reader *r;
	struct stat st;
	int fd = -1, err = open_read(disk_of(f), name, &st, &fd);

	if (err)
		return disk_fail(e, err, "read", name);
	if (offset > (uint64_t)st.st_size) {
		close(fd);
		return kith_fail(e, KITH_EFORMAT, 0,
				 "%.100s is shorter than it was", name);
	}
	r = malloc(sizeof(*r));
	if (!r) {
		close(fd);
		return kith_fail(e, KITH_ENOMEM, 0, "out of memory");
	}
	*r = (struct disk_reader){ { f }, fd, offset, (uint64_t)st.st_size, "" };
	memcpy(r->name, name, strlen(name) + 1);
	(void)posix_fadvise(fd, 0, 0, POSIX_FADV_SEQUENTIAL);
	*out = &r->base;
	return KITH_OK;
}

/* Up to n bytes; -1 and errno. */
static ssize_t read_some(int fd, uint8_t *to, size_t n, uint64_t at)
{
	int tries = 0;
	ssize_t got;

	do
		got = pread(fd, to, n, (off_t)at);
	while (got < 0 && disk_again(&tries));
	return got;
}

/* What was appended since it was opened is for the next reader. */
static enum kith_err disk_reader_get(struct folder_reader *reader, uint8_t *to,
				     size_t n, size_t *got,
				     struct kith_error *e)
{
	struct disk_reader *r = (struct disk_reader *)reader;
	ssize_t some;

	if (n > r->end - r->at)
		n = (size_t)(r->end - r->at);
	some = n ? read_some(r->fd, to, n, r->at) : 0;
	if (some < 0)
		return disk_fail(e, errno, "read", r->name);
	if (n && !some)
		return kith_fail(e, KITH_EIO, 0,
				 "%.100s was cut while it was read", r->name);
	r->at += (uint64_t)some;
	*got = (size_t)some;
	return KITH_OK;
}

static void disk_reader_free(struct folder_reader *reader)
{
	struct disk_reader *r = (struct disk_reader *)reader;

	close(r->fd);
	free(r);
}

static int read_all(int fd, struct kith_buf *out, size_t n)
{
	uint8_t *to = kith_buf_reserve(out, n);
	size_t at = 0;

	if (!to)
		return out->err == KITH_ETOOBIG ? EFBIG : ENOMEM;
	while (at < n) {
		ssize_t some = read_some(fd, to + at, n - at, at);

		if (some < 0)
			return errno;
		if (!some)
			break;
		at += (size_t)some;
	}
	out->n += at;
	return 0;
}

static enum kith_err disk_get(struct folder *f, const char *name,
			      struct kith_buf *out, struct kith_error *e)
{
	struct stat st;
	int fd = -1, err = open_read(disk_of(f), name, &st, &fd);

	if (err)
		return disk_fail(e, err, "read", name);
	if ((uint64_t)st.st_size > out->limit - out->n)
		err = EFBIG;
	else if (st.st_size)
		err = read_all(fd, out, (size_t)st.st_size);
	close(fd);
	return err ? disk_fail(e, err, "read", name) : KITH_OK;
}


/* --- opening -------------------------------------------------------------- */

static uint64_t disk_room(struct folder *f)
{
	struct statvfs fs;

	if (fstatvfs(disk_of(f)->fd, &fs) || !fs.f_blocks)
		return UINT64_MAX;
	return (uint64_t)fs.f_bavail * fs.f_frsize;
}

static void disk_free(struct folder *f)
{
	close(disk_of(f)->fd);
	free(f);
}

static const struct folder_ops ops = {
	.size = disk_size,
	.read = disk_read,
	.reader_get = disk_reader_get,
	.reader_free = disk_reader_free,
	.write = disk_write,
	.writer_put = disk_writer_put,
	.writer_sync = disk_writer_sync,
	.writer_finish = disk_writer_finish,
	.writer_drop = disk_writer_drop,
	.get = disk_get,
	.put = disk_put,
	.rename = disk_rename,
	.remove = disk_remove,
	.list = disk_list,
	.room = disk_room,
	.free = disk_free,
};

/* linux/magic.h names the numbers. */
static bool is_doubtful(int fd)
{
	static const uint32_t magics[] = {
		0x00004d44, /* FAT */
		0x2011bab0, /* exFAT */
		0x65735546, /* FUSE */
	};
	struct statfs fs;

	if (fstatfs(fd, &fs))
		return true;
	for (size_t i = 0; i < sizeof(magics) / sizeof(*magics); i++)
		if ((uint32_t)fs.f_type == magics[i])
			return true;
	return false;
}

/* Asks, and opens a file that a depot has: what still denies the first write
 * then is told by it. */
static bool may_write(int fd)
{
	struct stat st;
	int file;

	if (faccessat(fd, ".", W_OK | X_OK, AT_EACCESS))
		return false;
	file = disk_open(fd, "depot-a.txt", O_WRONLY, &st);
	if (file < 0)
		return errno == ENOENT;
	close(file);
	return true;
}

/* The last part of path only: what it should stand on is there, or a stick is
 * not mounted. */
static int open_folder(const char *path, bool make, int *out)
{
	if (make && mkdir(path, 0777) && errno != EEXIST)
		return errno;
	*out = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	return *out < 0 ? errno : 0;
}

static enum kith_err fail_open(struct kith_error *e, int err, const char *path)
{
	if (err == ENOENT)
		return kith_fail(e, KITH_ENOENT, 0,
				 "there is no folder %.100s: is the stick "
				 "mounted?", path);
	if (err == ENOTDIR)
		return kith_fail(e, KITH_EDENIED, 0, "%.100s is no folder",
				 path);
	return disk_fail(e, err, "open", path);
}

enum kith_err folder_disk_open(const char *path, bool make,
			       struct folder **out, struct kith_error *e)
{
	size_t n = strlen(path) + 1;
	struct disk *d;
	int fd = -1, err = open_folder(path, make, &fd);

	if (err)
		return fail_open(e, err, path);
	d = malloc(sizeof(*d) + n);
	if (!d) {
		close(fd);
		return kith_fail(e, KITH_ENOMEM, 0, "out of memory");
	}
	memcpy(d->where, path, n);
	d->fd = fd;
	d->doubtful = is_doubtful(fd);
	d->base = (struct folder){ &ops, FOLDER_APPENDS | FOLDER_LISTS,
				   d->where };
	if (may_write(fd))
		d->base.can |= FOLDER_WRITES;
	*out = &d->base;
	return KITH_OK;
}
