#include "src/depot/folder_disk_private.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "feeds/list.h"
#include "src/depot/name.h"

enum {
	/* Somebody scans or indexes the file that is in our way: two seconds
	 * of patience. */
	TRIES_MAX = 100,
	TRY_MS = 20,
	/* Masked by the user: a folder may be shared. */
	FOLDER_MODE = 0777,
	FILE_MODE = 0666
};

/* --- errors --------------------------------------------------------------- */

static enum kith_err code_of(int err)
{
	switch (err) {
	case ENOENT:
	case ENOTDIR:
	case ELOOP:
	case ENXIO:
	case EISDIR:
		return KITH_ENOENT;
	case EACCES:
	case EPERM:
	case EROFS:
		return KITH_EDENIED;
	case ENOSPC:
	case EDQUOT:
		return KITH_EFULL;
	case EFBIG:
		return KITH_ETOOBIG;
	case EEXIST:
		return KITH_EEXIST;
	case ENOMEM:
		return KITH_ENOMEM;
	case EBUSY:
	case ETXTBSY:
		return KITH_EBUSY;
	default:
		return KITH_EIO;
	}
}

enum kith_err disk_fail(struct kith_error *e, int err, const char *what,
			  const char *name)
{
	return kith_fail(e, code_of(err), 0, "cannot %s %.100s: %s", what,
			 name, strerror(err));
}

bool disk_again(int *tries)
{
	bool busy = errno == EBUSY || errno == ETXTBSY || errno == EAGAIN;

	if ((!busy && errno != EINTR) || ++*tries > TRIES_MAX)
		return false;
	if (busy)
		poll(NULL, 0, TRY_MS);
	return true;
}

int disk_sync(int fd)
{
	int tries = 0, rc;

	do
		rc = fsync(fd);
	while (rc && disk_again(&tries));
	return rc ? errno : 0;
}

int disk_sync_folder(int fd)
{
	int err = disk_sync(fd);

	return err == EINVAL || err == ENOTSUP ? 0 : err;
}

enum kith_err disk_fail_write(struct folder *f, struct kith_error *e,
				int err, const char *what, const char *name)
{
	if (err == EROFS)
		f->can &= ~(unsigned)FOLDER_WRITES;
	return disk_fail(e, err, what, name);
}

/* --- names ---------------------------------------------------------------- */

static int make_folder(int above, const char *part)
{
	if (mkdirat(above, part, FOLDER_MODE))
		return errno == EEXIST ? 0 : errno;
	return disk_sync_folder(above);
}

/* The folder part in the folder *at, in its place. */
static int step_into(int *at, const char *part, bool make)
{
	int tries = 0, fd, err;

	if (!depot_name_is(part))
		return ENOENT;
	err = make ? make_folder(*at, part) : 0;
	if (err)
		return err;
	do
		fd = openat(*at, part, O_RDONLY | O_DIRECTORY | O_NOFOLLOW |
					       O_CLOEXEC);
	while (fd < 0 && disk_again(&tries));
	if (fd < 0)
		return errno == ENOTDIR || errno == ELOOP ? ENOENT : errno;
	close(*at);
	*at = fd;
	return 0;
}

/* Opens the folder that the first n bytes of name are; 0 or an errno. */
static int walk(const struct disk *d, const char *name, size_t n, bool make,
		int *out)
{
	char parts[FOLDER_NAME_BYTES], *part = parts, *slash = parts;
	int err = 0, at;

	if (n >= sizeof(parts))
		return ENOENT;
	memcpy(parts, name, n);
	parts[n] = '\0';
	at = fcntl(d->fd, F_DUPFD_CLOEXEC, 0);
	if (at < 0)
		return errno;
	for (; n && slash && !err; part = slash + 1) {
		slash = strchr(part, '/');
		if (slash)
			*slash = '\0';
		err = step_into(&at, part, make);
		if (!slash)
			break;
	}
	if (err)
		close(at);
	else
		*out = at;
	return err;
}

int disk_walk_to(const struct disk *d, const char *name, bool make,
		   int *folder, const char **last)
{
	const char *slash = strrchr(name, '/');

	*last = slash ? slash + 1 : name;
	if (!depot_name_is(*last))
		return ENOENT;
	return walk(d, name, slash ? (size_t)(slash - name) : 0, make,
			 folder);
}

/* Links, devices and folders are not there.  Looked at before it is opened,
 * for opening a device may do something, and after, for it may have changed. */
int disk_open(int folder, const char *last, int flags, struct stat *st)
{
	int tries = 0, fd;

	if (!fstatat(folder, last, st, AT_SYMLINK_NOFOLLOW)) {
		if (!S_ISREG(st->st_mode))
			return errno = ENOENT, -1;
	} else if (errno != ENOENT) {
		return -1;
	}
	do
		fd = openat(folder, last, flags | O_NOFOLLOW | O_NONBLOCK |
						  O_NOCTTY | O_CLOEXEC,
			    FILE_MODE);
	while (fd < 0 && disk_again(&tries));
	if (fd < 0)
		return -1;
	if (!fstat(fd, st) && S_ISREG(st->st_mode))
		return fd;
	close(fd);
	errno = ENOENT;
	return -1;
}

/* --- changing names ------------------------------------------------------- */

/* FAT cannot say "unless it is there"; but a name has one writer. */
static int rename_in(int from_folder, const char *from, int to_folder,
		     const char *to)
{
	int tries = 0, rc, err;
	struct stat st;

	if (!fstatat(to_folder, to, &st, AT_SYMLINK_NOFOLLOW))
		return EEXIST;
	do
		rc = renameat(from_folder, from, to_folder, to);
	while (rc && disk_again(&tries));
	if (rc)
		return errno;
	err = disk_sync_folder(to_folder);
	return err ? err : disk_sync_folder(from_folder);
}

enum kith_err disk_rename(struct folder *f, const char *from,
				 const char *to, struct kith_error *e)
{
	const char *old_last, *new_last;
	int old = -1, new = -1, err;

	err = disk_walk_to(disk_of(f), from, false, &old, &old_last);
	if (!err)
		err = disk_walk_to(disk_of(f), to, true, &new, &new_last);
	if (!err)
		err = rename_in(old, old_last, new, new_last);
	if (old >= 0)
		close(old);
	if (new >= 0)
		close(new);
	return err ? disk_fail_write(f, e, err, "rename", from) : KITH_OK;
}

enum kith_err disk_remove(struct folder *f, const char *name,
				 struct kith_error *e)
{
	const char *last;
	int tries = 0, folder, rc;
	int err = disk_walk_to(disk_of(f), name, false, &folder, &last);

	if (err == ENOENT)
		return KITH_OK;
	if (err)
		return disk_fail_write(f, e, err, "remove", name);
	do
		rc = unlinkat(folder, last, 0);
	while (rc && disk_again(&tries));
	if (rc)
		err = errno == ENOENT ? 0 : errno;
	else
		err = disk_sync_folder(folder);
	close(folder);
	return err ? disk_fail_write(f, e, err, "remove", name) : KITH_OK;
}

/* --- listing -------------------------------------------------------------- */

/* A folder that shows names in capitals, as some do with short ones, knows them
 * in small letters too; then this is one of ours. */
static bool listed(int folder, const struct dirent *entry, char *to)
{
	static const char capitals[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZ";
	static const char letters[] = "abcdefghijklmnopqrstuvwxyz";
	size_t n = strlen(entry->d_name);
	bool changed = false;
	struct stat st;

	if (n >= FOLDER_NAME_BYTES / 2 || entry->d_type == DT_LNK)
		return false;
	memcpy(to, entry->d_name, n + 1);
	for (size_t i = 0; i < n; i++) {
		const char *capital = strchr(capitals, to[i]);

		if (!capital)
			continue;
		to[i] = letters[capital - capitals];
		changed = true;
	}
	return depot_name_is(to) &&
	       (!changed || !fstatat(folder, to, &st, AT_SYMLINK_NOFOLLOW));
}

static int read_names(DIR *folder, struct folder_list *l)
{
	char (*more)[FOLDER_NAME_BYTES / 2];
	const struct dirent *entry;
	size_t room = 0;

	while (errno = 0, (entry = readdir(folder))) {
		char name[FOLDER_NAME_BYTES / 2];

		if (!listed(dirfd(folder), entry, name))
			continue;
		if (l->count == FOLDER_LIST_MAX)
			return EFBIG;
		more = list_room(l->names, l->count, &room, sizeof(*more));
		if (!more)
			return ENOMEM;
		l->names = more;
		memcpy(l->names[l->count++], name, sizeof(name));
	}
	return errno;
}

static int by_name(const void *a, const void *b)
{
	return strcmp(a, b);
}

/* On a file system that tells capitals from small letters both may be there. */
static void sort(struct folder_list *l)
{
	size_t n = 0;

	if (l->count)
		qsort(l->names, l->count, sizeof(*l->names), by_name);
	for (size_t i = 0; i < l->count; i++)
		if (!n || strcmp(l->names[n - 1], l->names[i]) != 0)
			memmove(l->names[n++], l->names[i], sizeof(*l->names));
	l->count = n;
}

enum kith_err disk_list(struct folder *f, const char *name,
			struct folder_list *out, struct kith_error *e)
{
	struct folder_list all = { 0 };
	DIR *folder = NULL;
	int fd = -1, err = walk(disk_of(f), name, strlen(name), false, &fd);

	if (err && code_of(err) == KITH_ENOENT) {
		*out = all;
		return KITH_OK;
	}
	if (!err) {
		folder = fdopendir(fd);
		err = folder ? read_names(folder, &all) : errno;
		if (folder)
			closedir(folder);
		else
			close(fd);
	}
	if (err) {
		folder_list_free(&all);
		return disk_fail(e, err, "list", name);
	}
	sort(&all);
	*out = all;
	return KITH_OK;
}
