#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "tests/support/disk_io_private.h"

/* A call about one name: record it where it was done. */
static int note_name(int rc, enum record_kind kind, const char *path,
		     const char *to)
{
	if (!rc && path)
		io_put_name(kind, path, to);
	io_unlock();
	return rc;
}

EXPORT int renameat(int from, const char *name, int to, const char *other)
{
	char one[PATH_MAX], two[PATH_MAX];
	const char *path = io_place(from, name, one);
	int err;

	io_lock();
	err = path ? io_fault() : 0;
	return note_name(err ? io_fails(err)
			     : (int)syscall(SYS_renameat2, from, name, to,
					    other, 0),
			 RECORD_MOVE, path, io_place(to, other, two));
}

EXPORT int rename(const char *name, const char *other)
{
	return renameat(AT_FDCWD, name, AT_FDCWD, other);
}

EXPORT int linkat(int from, const char *name, int to, const char *other,
		  int flags)
{
	char one[PATH_MAX], two[PATH_MAX];
	const char *path = io_place(from, name, one);
	int err;

	io_lock();
	err = path ? io_fault() : 0;
	return note_name(err ? io_fails(err)
			     : (int)syscall(SYS_linkat, from, name, to, other,
					    flags),
			 RECORD_LINK, path, io_place(to, other, two));
}

EXPORT int link(const char *name, const char *other)
{
	return linkat(AT_FDCWD, name, AT_FDCWD, other, 0);
}

EXPORT int unlinkat(int folder, const char *name, int flags)
{
	char one[PATH_MAX];
	const char *path = io_place(folder, name, one);

	io_lock();
	if (path)
		io_maybe_die();
	return note_name((int)syscall(SYS_unlinkat, folder, name, flags),
			 RECORD_REMOVE, path, NULL);
}

EXPORT int unlink(const char *name)
{
	return unlinkat(AT_FDCWD, name, 0);
}

EXPORT int rmdir(const char *name)
{
	return unlinkat(AT_FDCWD, name, AT_REMOVEDIR);
}

EXPORT int mkdirat(int folder, const char *name, mode_t mode)
{
	char one[PATH_MAX];
	const char *path = io_place(folder, name, one);
	struct stat st;
	int err, rc;

	io_lock();
	err = path ? io_fault() : 0;
	rc = err ? io_fails(err)
		 : (int)syscall(SYS_mkdirat, folder, name, mode);
	if (!rc && path && !fstatat(folder, name, &st, 0))
		io_put_make(st.st_ino, RECORD_FOLDER, path);
	io_unlock();
	return rc;
}

EXPORT int mkdir(const char *name, mode_t mode)
{
	return mkdirat(AT_FDCWD, name, mode);
}
