#include "src/source/log_file.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

static bool is_file(const char *path)
{
	struct stat st;

	return !stat(path, &st) && S_ISREG(st.st_mode);
}

static const char *last_name(const char *path)
{
	const char *slash = strrchr(path, '/');

	return slash ? slash + 1 : path;
}

bool log_file_find(const char *name, const char *below,
		   char out[static PATH_MAX])
{
	const char *const ways[] = { "", below, last_name(below) };

	for (size_t i = 0; i < sizeof(ways) / sizeof(*ways); i++) {
		int n = snprintf(out, PATH_MAX, "%s%s%s", name,
				 *ways[i] ? "/" : "", ways[i]);

		if (n > 0 && n < PATH_MAX && is_file(out))
			return true;
	}
	return false;
}

bool log_file_is(const char *name, const char *below)
{
	char path[PATH_MAX];

	return log_file_find(name, below, path) &&
	       !strcmp(last_name(path), last_name(below));
}

static enum kith_err fail(const struct log_file *f, struct kith_error *e)
{
	int no = errno;

	return kith_fail(e, no == ENOENT ? KITH_ENOENT : KITH_EIO, 0,
			 "cannot read %s: %s", f->path, strerror(no));
}

enum kith_err log_file_open(struct log_file *f, const char *path,
			    const struct source_with *with,
			    struct kith_error *e)
{
	struct stat st;
	enum kith_err err;

	*f = (struct log_file){ .fd = -1 };
	if (with)
		f->with = *with;
	snprintf(f->path, sizeof(f->path), "%s", path);
	/* A pipe would wait for a writer. */
	f->fd = open(path, O_RDONLY | O_NONBLOCK | O_CLOEXEC);
	if (f->fd >= 0 && !fstat(f->fd, &st) && !S_ISREG(st.st_mode)) {
		log_file_close(f);
		return kith_fail(e, KITH_EFORMAT, 0, "%s is no file", path);
	}
	if (f->fd < 0 || fstat(f->fd, &st)) {
		err = fail(f, e);
		log_file_close(f);
		return err;
	}
	f->bytes = (uint64_t)st.st_size;
	f->piece = malloc(LOG_FILE_PIECE_BYTES);
	if (f->piece)
		return KITH_OK;
	log_file_close(f);
	return kith_fail(e, KITH_ENOMEM, 0, "out of memory");
}

enum kith_err log_file_open_in(struct log_file *f, const char *name,
			       const char *below,
			       const struct source_with *with,
			       struct kith_error *e)
{
	char path[PATH_MAX];

	return log_file_find(name, below, path)
		       ? log_file_open(f, path, with, e)
		       : kith_fail(e, KITH_ENOENT, 0, "there is no %s in %s",
				   below, name);
}

void log_file_close(struct log_file *f)
{
	/* All zero is one that was never opened. */
	if (*f->path && f->fd >= 0)
		close(f->fd);
	free(f->piece);
	*f = (struct log_file){ .fd = -1 };
}

/* Drops what is in front of offset, and fills up behind it. */
static int refill(struct log_file *f, uint64_t offset)
{
	bool here = offset >= f->at && offset - f->at <= f->have;
	size_t keep = here ? f->have - (size_t)(offset - f->at) : 0;
	ssize_t got = 1;

	memmove(f->piece, f->piece + f->have - keep, keep);
	f->at = offset;
	f->have = keep;
	while (got && f->have < LOG_FILE_PIECE_BYTES) {
		got = pread(f->fd, f->piece + f->have,
			    LOG_FILE_PIECE_BYTES - f->have,
			    (off_t)(f->at + f->have));
		if (got < 0 && errno != EINTR)
			return -1;
		f->have += got > 0 ? (size_t)got : 0;
	}
	return 0;
}

enum kith_err log_file_read(struct log_file *f, uint64_t offset, size_t least,
			    struct kith_slice *out, struct kith_error *e)
{
	if (f->with.tick && !f->with.tick(f->with.arg, offset, f->bytes))
		return kith_fail(e, KITH_EBUSY, 0, "interrupted");
	if ((offset < f->at || offset - f->at > f->have ||
	     f->have - (size_t)(offset - f->at) < least) && refill(f, offset))
		return fail(f, e);
	*out = (struct kith_slice){ f->piece + (offset - f->at),
				    f->have - (size_t)(offset - f->at) };
	return KITH_OK;
}
