/* See disk_io.h.  Linux: the calls go on by syscall(2), by the names that every
 * machine of 64 bits has. */
#include "tests/support/disk_io.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <pthread.h>
#include <signal.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <unistd.h>

#include "tests/support/disk_io_private.h"

enum { FILES_MAX = 4096, PIECES_MAX = 64, RECORD_MODE = 0600 };

/* What we know of a descriptor. */
struct open_file {
	uint64_t file;
	bool below; /* the root */
	bool syncs;
};

static struct {
	pthread_mutex_t lock;
	const char *root, *fault_file;
	size_t root_bytes;
	int record; /* -1: no recording */
	struct open_file files[FILES_MAX];
	struct disk_fault fault;
	long calls, failures;
	long changes, kill_at; /* 0: never */
} io = { .lock = PTHREAD_MUTEX_INITIALIZER, .record = -1 };

/* --- recording --- */

static void put_record(struct record_head head, const char *path,
		       struct iovec data)
{
	struct iovec parts[3] = {
		{ &head, sizeof(head) },
		{ (void *)(uintptr_t)path, path ? strlen(path) : 0 },
		data,
	};

	head.path_bytes = (uint32_t)parts[1].iov_len;
	head.data_bytes = (uint32_t)data.iov_len;
	if (io.record >= 0)
		syscall(SYS_writev, io.record, parts, 3);
}

void io_put_name(enum record_kind kind, const char *path, const char *to)
{
	struct iovec data = { (void *)(uintptr_t)to, to ? strlen(to) : 0 };

	put_record((struct record_head){ .kind = kind }, path, data);
}

static void put_change(enum record_kind kind, int fd, uint64_t at,
		       struct iovec data)
{
	const struct open_file *f = &io.files[fd];
	struct record_head head = { .kind = kind, .file = f->file, .at = at };

	if (f->syncs)
		head.flags = RECORD_SYNCED;
	put_record(head, NULL, data);
}

void io_put_make(uint64_t file, uint32_t flags, const char *path)
{
	put_record((struct record_head){ .kind = RECORD_MAKE, .flags = flags,
					 .file = file },
		   path, (struct iovec){ 0 });
}

EXPORT void disk_mark(const char *text)
{
	io_lock();
	io_put_name(RECORD_MARK, NULL, text);
	io_unlock();
}

/* Held over each call and its record. */
void io_lock(void)
{
	pthread_mutex_lock(&io.lock);
}

void io_unlock(void)
{
	pthread_mutex_unlock(&io.lock);
}

__attribute__((constructor)) static void start(void)
{
	const char *record = getenv("KITH_IO_RECORD");
	const char *kill_at = getenv("KITH_IO_KILL");
	struct stat st;

	io.root = getenv("KITH_IO_ROOT");
	io.fault_file = getenv("KITH_IO_FAULT");
	io.kill_at = kill_at ? strtol(kill_at, NULL, 10) : 0;
	io.root_bytes = io.root ? strlen(io.root) : 0;
	if (!record || !io.root || stat(io.root, &st))
		return;
	io.record = (int)syscall(SYS_openat, AT_FDCWD, record,
				 O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC,
				 RECORD_MODE);
	io_put_make(st.st_ino, RECORD_FOLDER, "");
}

/* --- names and descriptors --- */

/* The part of an absolute path below the root; NULL: it is elsewhere. */
static const char *below_root(const char *path)
{
	if (!io.root || strncmp(path, io.root, io.root_bytes) != 0)
		return NULL;
	path += io.root_bytes;
	if (*path && *path != '/')
		return NULL;
	return *path ? path + 1 : path;
}

/* Where name is, seen from folder; NULL: not below the root. */
const char *io_place(int folder, const char *name, char out[PATH_MAX])
{
	char link[64];
	ssize_t n = 0;

	if (*name == '/')
		return below_root(name);
	if (folder == AT_FDCWD)
		snprintf(link, sizeof(link), "/proc/self/cwd");
	else
		snprintf(link, sizeof(link), "/proc/self/fd/%d", folder);
	n = readlink(link, out, PATH_MAX - 1);
	if (n < 0)
		return NULL;
	snprintf(out + n, (size_t)(PATH_MAX - n), "/%s", name);
	return below_root(out);
}

/* Ours, or NULL. */
static struct open_file *find(int fd)
{
	if (fd < 0 || fd >= FILES_MAX || !io.files[fd].below)
		return NULL;
	return &io.files[fd];
}

/* --- faults --- */

EXPORT void disk_fail(const struct disk_fault *fault)
{
	io_lock();
	io.fault = *fault;
	io.calls = io.failures = 0;
	io_unlock();
}

EXPORT long disk_calls(void)
{
	return io.calls;
}

EXPORT long disk_failures(void)
{
	return io.failures;
}

/* The error that a file of the test asks for; 0: none. */
static int asked_fault(void)
{
	char text[16] = "";
	int fd, n;

	if (!io.fault_file)
		return 0;
	fd = (int)syscall(SYS_openat, AT_FDCWD, io.fault_file, O_RDONLY);
	if (fd < 0)
		return 0;
	n = (int)syscall(SYS_read, fd, text, sizeof(text) - 1);
	syscall(SYS_close, fd);
	return n > 0 ? (int)strtol(text, NULL, 10) : ENOSPC;
}

/* Before each change below the root, whether it can fail or not. */
void io_maybe_die(void)
{
	if (++io.changes == io.kill_at)
		kill(getpid(), SIGKILL);
}

/* Counts one call; the error with which it fails, or 0.  Holds the lock. */
int io_fault(void)
{
	int err = asked_fault();

	io_maybe_die();
	io.calls++;
	if (io.fault.pass > 0)
		io.fault.pass--;
	else if (io.fault.count > 0 && io.fault.count--)
		err = io.fault.err;
	io.failures += err != 0;
	return err;
}

int io_fails(int err)
{
	errno = err;
	return -1;
}

/* --- files --- */

static int note_open(int fd, int flags, const char *path, bool existed)
{
	struct open_file *f = &io.files[fd];
	struct stat st;

	if (fd >= FILES_MAX || fstat(fd, &st))
		abort();
	*f = (struct open_file){ .file = st.st_ino, .below = true,
				 .syncs = flags & O_DSYNC };
	if (!existed)
		io_put_make(f->file, 0, path);
	else if (flags & O_TRUNC)
		put_change(RECORD_SIZE, fd, 0, (struct iovec){ 0 });
	return fd;
}

static int do_open(int folder, const char *name, int flags, mode_t mode)
{
	char buffer[PATH_MAX];
	const char *path = io_place(folder, name, buffer);
	bool existed;
	struct stat st;
	int fd, err;

	if (!path)
		return (int)syscall(SYS_openat, folder, name, flags, mode);
	io_lock();
	existed = !fstatat(folder, name, &st, 0);
	err = flags & O_CREAT && !existed ? io_fault() : 0;
	fd = err ? io_fails(err)
		 : (int)syscall(SYS_openat, folder, name, flags, mode);
	if (fd >= 0)
		fd = note_open(fd, flags, path, existed);
	io_unlock();
	return fd;
}

static mode_t mode_of(int flags, va_list more)
{
	return flags & O_CREAT ? va_arg(more, mode_t) : 0;
}

#define OPENS(name, parameters, folder)                       \
	EXPORT int name parameters;                           \
	EXPORT int name parameters                            \
	{                                                     \
		va_list more;                                 \
		mode_t mode;                                  \
                                                              \
		va_start(more, flags);                        \
		mode = mode_of(flags, more);                  \
		va_end(more);                                 \
		return do_open(folder, path, flags, mode);    \
	}

OPENS(open, (const char *path, int flags, ...), AT_FDCWD)
OPENS(open64, (const char *path, int flags, ...), AT_FDCWD)
OPENS(openat, (int folder, const char *path, int flags, ...), folder)
OPENS(openat64, (int folder, const char *path, int flags, ...), folder)

/* As programs are compiled with _FORTIFY_SOURCE. */
#define OPENS_2(name, parameters, folder)                     \
	EXPORT int name parameters;                           \
	EXPORT int name parameters                            \
	{                                                     \
		return do_open(folder, path, flags, 0);       \
	}

OPENS_2(__open_2, (const char *path, int flags), AT_FDCWD)
OPENS_2(__open64_2, (const char *path, int flags), AT_FDCWD)
OPENS_2(__openat_2, (int folder, const char *path, int flags), folder)
OPENS_2(__openat64_2, (int folder, const char *path, int flags), folder)

EXPORT int close(int fd)
{
	struct open_file *f;

	io_lock();
	f = find(fd);
	if (f)
		f->below = false;
	io_unlock();
	return (int)syscall(SYS_close, fd);
}

/* --- writes --- */

/* At the descriptor's own position where at is -1. */
static ssize_t write_once(int fd, struct iovec data, off_t at)
{
	if (at < 0)
		return syscall(SYS_write, fd, data.iov_base, data.iov_len);
	return syscall(SYS_pwrite64, fd, data.iov_base, data.iov_len, at);
}

/* One write of one piece; holds the lock. */
static ssize_t write_piece(int fd, struct iovec data, off_t at)
{
	int err = io_fault();
	ssize_t n;

	if (err && (io.fault.done == FAULT_NOTHING || data.iov_len < 2))
		return io_fails(err);
	if (err && io.fault.done == FAULT_HALF)
		data.iov_len /= 2;
	n = write_once(fd, data, at);
	if (n <= 0)
		return n;
	if (at < 0)
		at = lseek(fd, 0, SEEK_CUR) - n;
	put_change(RECORD_WRITE, fd, (uint64_t)at,
		   (struct iovec){ data.iov_base, (size_t)n });
	return err && io.fault.done == FAULT_ALL ? io_fails(err) : n;
}

static ssize_t write_pieces(int fd, const struct iovec *pieces, int count,
			    off_t at)
{
	ssize_t all = 0, n;

	for (int i = 0; i < count; i++) {
		n = write_piece(fd, pieces[i], at < 0 ? at : at + all);
		if (n < 0)
			return all ? all : n;
		all += n;
		if ((size_t)n < pieces[i].iov_len)
			break;
	}
	return all;
}

/* The system's answer where the file is none of ours. */
static ssize_t write_elsewhere(int fd, const struct iovec *pieces, int count,
			       off_t at)
{
	if (count == 1)
		return write_once(fd, pieces[0], at);
	if (at < 0)
		return syscall(SYS_writev, fd, pieces, count);
	return syscall(SYS_pwritev, fd, pieces, count, at, 0);
}

static ssize_t do_write(int fd, const struct iovec *pieces, int count,
			off_t at)
{
	ssize_t n;

	io_lock();
	if (!find(fd)) {
		io_unlock();
		return write_elsewhere(fd, pieces, count, at);
	}
	n = write_pieces(fd, pieces, count, at);
	io_unlock();
	return n;
}

static struct iovec piece(const void *p, size_t n)
{
	return (struct iovec){ (void *)(uintptr_t)p, n };
}

EXPORT ssize_t write(int fd, const void *p, size_t n)
{
	struct iovec one = piece(p, n);

	return do_write(fd, &one, 1, -1);
}

EXPORT ssize_t pwrite(int fd, const void *p, size_t n, off_t at)
{
	struct iovec one = piece(p, n);

	return do_write(fd, &one, 1, at);
}

EXPORT ssize_t pwrite64(int fd, const void *p, size_t n, off64_t at)
{
	return pwrite(fd, p, n, at);
}

EXPORT ssize_t writev(int fd, const struct iovec *pieces, int count)
{
	return do_write(fd, pieces, count, -1);
}

EXPORT ssize_t pwritev(int fd, const struct iovec *pieces, int count, off_t at)
{
	return do_write(fd, pieces, count, at);
}

EXPORT ssize_t pwritev64(int fd, const struct iovec *pieces, int count,
			 off64_t at)
{
	return do_write(fd, pieces, count, at);
}

EXPORT int ftruncate(int fd, off_t size)
{
	int err, rc;

	io_lock();
	err = find(fd) ? io_fault() : 0;
	rc = err ? io_fails(err) : (int)syscall(SYS_ftruncate, fd, size);
	if (!rc && find(fd))
		put_change(RECORD_SIZE, fd, (uint64_t)size,
			   (struct iovec){ 0 });
	io_unlock();
	return rc;
}

EXPORT int ftruncate64(int fd, off64_t size)
{
	return ftruncate(fd, size);
}

/* --- syncs --- */

static int do_sync(int fd, long call, uint32_t flags)
{
	struct record_head head = { .kind = RECORD_SYNC, .flags = flags };
	int err, rc;

	io_lock();
	err = find(fd) ? io_fault() : 0;
	rc = err ? io_fails(err) : (int)syscall(call, fd);
	if (!rc && find(fd)) {
		head.file = io.files[fd].file;
		put_record(head, NULL, (struct iovec){ 0 });
	}
	io_unlock();
	return rc;
}

EXPORT int fsync(int fd)
{
	return do_sync(fd, SYS_fsync, 0);
}

EXPORT int fdatasync(int fd)
{
	return do_sync(fd, SYS_fdatasync, 0);
}

EXPORT int syncfs(int fd)
{
	return do_sync(fd, SYS_syncfs, RECORD_ALL);
}
