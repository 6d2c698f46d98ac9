#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "src/store/store_private.h"

enum { FOLDER_MODE = 0700, FILE_MODE = 0600, PID_BYTES = 24 };

/* A lock that is waited for in the kernel could end only by a signal. */
enum { LOOK_MS = 10 };

static const char NAME[] = "store/writer";

/* An open file description's lock: it goes with the descriptor, however the
 * process ends, and another descriptor of the file does not drop it. */
static struct flock whole_file(void)
{
	return (struct flock){ .l_type = F_WRLCK, .l_whence = SEEK_SET };
}

static long read_pid(int fd)
{
	char text[PID_BYTES];
	ssize_t n = pread(fd, text, sizeof(text) - 1, 0);

	if (n <= 0)
		return 0;
	text[n] = '\0';
	return strtol(text, NULL, 10);
}

/* Over the one before, cut behind: the file is never without a pid, and takes
 * no new block of a disk that may be full. */
static int write_pid(int fd)
{
	char text[PID_BYTES];
	int n = snprintf(text, sizeof(text), "%ld\n", (long)getpid());
	ssize_t written = pwrite(fd, text, (size_t)n, 0);

	if (written < 0)
		return errno;
	if (written < n)
		return ENOSPC;
	return ftruncate(fd, n) ? errno : 0;
}

enum kith_err home_make_folder(const struct home *h, const char *name,
			       struct kith_error *e)
{
	enum kith_err err;
	int fd;

	if (mkdirat(h->folder, name, FOLDER_MODE) && errno != EEXIST)
		return home_fail(e, errno, "cannot make", name);
	fd = openat(h->folder, name, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (fd < 0)
		return home_fail(e, errno, "cannot open", name);
	err = home_check_filesystem(fd, name, e);
	close(fd);
	return err;
}

static enum kith_err lock(int fd, const char *name, long *pid,
			  struct kith_error *e)
{
	struct flock whole = whole_file();
	int err;

	if (!fcntl(fd, F_OFD_SETLK, &whole)) {
		err = write_pid(fd);
		return err ? home_fail(e, err, "cannot write", name) : KITH_OK;
	}
	if (errno != EAGAIN && errno != EACCES)
		return home_fail(e, errno, "cannot lock", name);
	*pid = read_pid(fd);
	return KITH_EBUSY;
}

enum kith_err home_lock_file(const struct home *h, const char *name, int *out,
			     long *pid, struct kith_error *e)
{
	enum kith_err err;
	int fd;

	fd = openat(h->folder, name, O_RDWR | O_CREAT | O_CLOEXEC, FILE_MODE);
	if (fd < 0)
		return home_fail(e, errno, "cannot open", name);
	err = lock(fd, name, pid, e);
	if (err)
		close(fd);
	else
		*out = fd;
	return err;
}

enum kith_err home_lock_writer(struct home *h, struct kith_error *e)
{
	struct kith_error why = { 0 };
	enum kith_err err;
	long pid = 0;

	if (h->lock >= 0)
		return KITH_OK;
	err = home_check_ours(h, e);
	if (err)
		return err;
	err = home_make_folder(h, "store", &why);
	if (!err)
		err = home_lock_file(h, NAME, &h->lock, &pid, &why);
	if (err == KITH_EBUSY)
		return kith_fail(e, err, 0,
				 "process %ld writes this store: go through "
				 "it, or stop it first", pid);
	return err ? kith_fail(e, err, 0, "%s, in %s", why.text,
			       home_path(h))
		   : KITH_OK;
}

bool home_writer(const struct home *h, long *pid)
{
	int fd = openat(h->folder, NAME, O_RDONLY | O_CLOEXEC);
	struct flock whole = whole_file();
	bool held;

	*pid = 0;
	if (fd < 0)
		return false;
	held = !fcntl(fd, F_OFD_GETLK, &whole) && whole.l_type != F_UNLCK;
	if (held)
		*pid = read_pid(fd);
	close(fd);
	return held;
}

bool home_wait(const struct home *h, int timeout_ms)
{
	long pid;

	for (; home_writer(h, &pid); timeout_ms -= LOOK_MS) {
		if (timeout_ms <= 0)
			return false;
		poll(NULL, 0, LOOK_MS);
	}
	return true;
}
