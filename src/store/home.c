#include "src/store/home.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <pwd.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "src/store/store_private.h"

enum { FOLDER_MODE = 0700, FILE_MODE = 0600, READ_BYTES = 4096 };

enum kith_err home_fail(struct kith_error *e, int err, const char *what,
			const char *path)
{
	return kith_fail(e, store_map_error(err), 0, "%s %s: %s", what, path,
			 strerror(err));
}

/* Where the home is when nobody says. */
static bool default_path(char *out, size_t n)
{
	const char *home = getenv("KITH_HOME"), *suffix = "";
	const struct passwd *user;
	int length;

	if (!home || !*home) {
		suffix = "/.kith";
		home = getenv("HOME");
	}
	if (!home || !*home) {
		user = getpwuid(geteuid());
		home = user ? user->pw_dir : "";
	}
	length = snprintf(out, n, "%s%s", home, suffix);
	return length > 0 && (size_t)length < n;
}

/* Syncs the folder above path, so that a crash cannot lose path's name with
 * all that is below it.  One that we may not read is somebody else's. */
static int sync_above(const char *path)
{
	char above[PATH_MAX];
	const char *slash = strrchr(path, '/');
	int fd, err = 0;

	snprintf(above, sizeof(above), "%.*s", slash ? (int)(slash - path) : 1,
		 slash ? path : ".");
	fd = open(*above ? above : "/", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (fd < 0)
		return errno == EACCES ? 0 : -1;
	err = fsync(fd);
	close(fd);
	return err;
}

/* A link to nothing is there already and yet no folder. */
static int make_one(const char *path)
{
	if (!mkdir(path, FOLDER_MODE))
		return sync_above(path);
	return errno == EEXIST && !access(path, F_OK) ? 0 : -1;
}

/* Makes the folder and those above it that are missing. */
static int make_folders(char *path)
{
	for (char *slash = path + 1; (slash = strchr(slash, '/')); slash++) {
		int made;

		*slash = '\0';
		made = make_one(path);
		*slash = '/';
		if (made)
			return -1;
	}
	return make_one(path);
}

/* A caller takes ENOENT as "there is none yet". */
static enum kith_err cannot_make(struct kith_error *e, int err,
				 const char *path)
{
	enum kith_err code = store_map_error(err);

	return kith_fail(e, code == KITH_ENOENT ? KITH_EIO : code, 0,
			 "cannot make %s: %s", path, strerror(err));
}

static enum kith_err check_owner(int folder, const char *path,
				 struct kith_error *e)
{
	struct stat st;

	if (fstat(folder, &st))
		return home_fail(e, errno, "cannot read", path);
	if (st.st_uid != geteuid())
		return kith_fail(e, KITH_EDENIED, 0,
				 "%s belongs to user %lu, not to this one: "
				 "run as that user or name another home",
				 path, (unsigned long)st.st_uid);
	return home_check_filesystem(folder, path, e);
}

static enum kith_err open_folder(struct home *h, const char *path,
				 struct kith_error *e)
{
	h->path = realpath(path, NULL);
	if (!h->path && errno == ENOENT)
		return kith_fail(e, KITH_ENOENT, 0,
				 "there is no home in %s: `kith init` makes "
				 "one",
				 path);
	if (!h->path)
		return home_fail(e, errno, "cannot open", path);
	h->folder = open(h->path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (h->folder < 0)
		return home_fail(e, errno, "cannot open", path);
	return check_owner(h->folder, h->path, e);
}

enum kith_err home_open(const char *path, bool create, struct home **out,
			struct kith_error *e)
{
	char buffer[PATH_MAX];
	enum kith_err err;
	struct home *h;
	int length;

	if (path) {
		length = snprintf(buffer, sizeof(buffer), "%s", path);
		if (length <= 0 || (size_t)length >= sizeof(buffer))
			return kith_fail(e, KITH_EFORMAT, 0,
					 "the path of the home is empty or "
					 "too long");
	} else if (!default_path(buffer, sizeof(buffer))) {
		return kith_fail(e, KITH_ENOENT, 0,
				 "no home is known: set KITH_HOME or HOME");
	}
	if (create && make_folders(buffer))
		return cannot_make(e, errno, buffer);
	h = calloc(1, sizeof(*h));
	if (!h)
		return kith_fail(e, KITH_ENOMEM, 0, "out of memory");
	h->folder = h->lock = -1;
	err = open_folder(h, buffer, e);
	if (err) {
		home_close(h);
		return err;
	}
	*out = h;
	return KITH_OK;
}

void home_close(struct home *h)
{
	if (!h)
		return;
	if (h->lock >= 0)
		close(h->lock);
	if (h->folder >= 0)
		close(h->folder);
	free(h->path);
	free(h);
}

const char *home_path(const struct home *h)
{
	return h->path;
}

void home_lean_on(struct home *h, const struct home *other)
{
	h->other = other;
}

enum kith_err home_file(const struct home *h, const char *name, char *out,
			size_t n)
{
	int length = snprintf(out, n, "%s/%s", h->path, name);

	return length > 0 && (size_t)length < n ? KITH_OK : KITH_EFORMAT;
}

int home_read_all(int fd, struct kith_buf *out)
{
	for (;;) {
		size_t left = out->limit - out->n;
		size_t want = left < READ_BYTES ? left : READ_BYTES;
		uint8_t over = 0, *to = &over;
		ssize_t n;

		if (want)
			to = kith_buf_reserve(out, want);
		if (!to)
			return ENOMEM;
		n = read(fd, to, want ? want : 1);
		if (n == 0)
			return 0;
		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return errno;
		if (!want)
			return EFBIG;
		out->n += (size_t)n;
	}
}

enum kith_err home_read(const struct home *h, const char *name,
			struct kith_buf *out, struct kith_error *e)
{
	int fd = openat(h->folder, name, O_RDONLY | O_CLOEXEC);
	int err;

	/* What lies in store/ tells of that store alone. */
	if (fd < 0 && errno == ENOENT && h->other &&
	    strncmp(name, "store/", 6) != 0)
		return home_read(h->other, name, out, e);
	if (fd < 0)
		return home_fail(e, errno, "cannot read", name);
	err = home_read_all(fd, out);
	close(fd);
	if (err == EFBIG)
		return kith_fail(e, KITH_ETOOBIG, 0,
				 "%s is longer than %zu bytes", name,
				 out->limit);
	return err ? home_fail(e, err, "cannot read", name) : KITH_OK;
}

bool home_is_unfinished(const struct home *h)
{
	struct kith_buf text = { .limit = 256 };
	enum kith_err err = home_read(h, HOME_UNFINISHED, &text, NULL);

	kith_buf_free(&text);
	return err != KITH_ENOENT;
}

int home_write_some(int fd, struct kith_slice text)
{
	while (text.n) {
		ssize_t n = write(fd, text.p, text.n);

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return errno;
		text.p += n;
		text.n -= (size_t)n;
	}
	return 0;
}

int home_write_all(int fd, struct kith_slice text)
{
	int err = home_write_some(fd, text);

	if (err)
		return err;
	return fsync(fd) ? errno : 0;
}

/* Syncs the folder that name stands in. */
static int sync_folder_of(const struct home *h, const char *name)
{
	const char *slash = strrchr(name, '/');
	char folder[NAME_MAX + 1];
	int fd, err;

	if (!slash)
		return fsync(h->folder) ? errno : 0;
	/* Shorter than name, which fitted. */
	snprintf(folder, sizeof(folder), "%.*s", (int)(slash - name), name);
	fd = openat(h->folder, folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (fd < 0)
		return errno;
	err = fsync(fd) ? errno : 0;
	close(fd);
	return err;
}

/* Writes a new file under the name temporary and moves it to name. */
static int replace(const struct home *h, const char *temporary,
		   const char *name, struct kith_slice text)
{
	int fd, err;

	/* What a crash left there was never the file's content. */
	if (unlinkat(h->folder, temporary, 0) && errno != ENOENT)
		return errno;
	fd = openat(h->folder, temporary,
		    O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, FILE_MODE);
	if (fd < 0)
		return errno;
	err = home_write_all(fd, text);
	if (close(fd) && !err)
		err = errno;
	if (!err && renameat(h->folder, temporary, h->folder, name))
		err = errno;
	if (err)
		unlinkat(h->folder, temporary, 0);
	else
		err = sync_folder_of(h, name);
	return err;
}

enum kith_err home_write(const struct home *h, const char *name,
			 struct kith_slice text, struct kith_error *e)
{
	char temporary[NAME_MAX + 1];
	int length = snprintf(temporary, sizeof(temporary), "%s.new", name);
	int err;

	if (length <= 0 || (size_t)length >= sizeof(temporary))
		return kith_fail(e, KITH_EFORMAT, 0, "name too long");
	err = replace(h, temporary, name, text);
	return err ? home_fail(e, err, "cannot write", name) : KITH_OK;
}
