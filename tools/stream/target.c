#include "tools/stream/target.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include <zlib.h>
#include <zstd.h>

enum { GZIP_WINDOW = 16 + MAX_WBITS, GZIP_MEMORY = 8, ZSTD_LEVEL = 3 };

struct target {
	int fd;
	enum target_packing packing;
	const char *name;	 /* NULL: standard output */
	char part[PATH_MAX];	 /* the file while it is written */
	int failed;		 /* errno of the first fault */
	z_stream gzip;
	ZSTD_CStream *zstd;
	size_t n;		 /* of in */
	uint8_t in[TARGET_PIECE_BYTES];
	uint8_t out[TARGET_PIECE_BYTES];
};

enum target_packing target_packing_of(const char *name)
{
	const char *end = name ? strrchr(name, '.') : NULL;

	if (end && !strcmp(end, ".gz"))
		return TARGET_GZIP;
	if (end && !strcmp(end, ".zst"))
		return TARGET_ZSTD;
	return TARGET_PLAIN;
}

static bool prepare(struct target *t)
{
	if (t->packing == TARGET_GZIP)
		return deflateInit2(&t->gzip, Z_DEFAULT_COMPRESSION,
				    Z_DEFLATED, GZIP_WINDOW, GZIP_MEMORY,
				    Z_DEFAULT_STRATEGY) == Z_OK;
	if (t->packing == TARGET_PLAIN)
		return true;
	t->zstd = ZSTD_createCStream();
	return t->zstd &&
	       !ZSTD_isError(ZSTD_CCtx_setParameter(t->zstd,
						    ZSTD_c_compressionLevel,
						    ZSTD_LEVEL)) &&
	       !ZSTD_isError(ZSTD_CCtx_setParameter(t->zstd,
						    ZSTD_c_checksumFlag, 1));
}

/* A pipe or device is written to, a file is replaced when it is whole.  What a
 * crash left of it may be open to others. */
static bool open_file(struct target *t, const char *name, mode_t mode)
{
	struct stat st;
	int n;

	if (!stat(name, &st) && !S_ISREG(st.st_mode)) {
		t->fd = open(name, O_WRONLY | O_CLOEXEC);
		return t->fd >= 0;
	}
	t->name = name;
	n = snprintf(t->part, sizeof(t->part), "%s.part", name);
	if (n < 0 || (size_t)n >= sizeof(t->part)) {
		errno = ENAMETOOLONG;
		return false;
	}
	unlink(t->part);
	t->fd = open(t->part, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, mode);
	if (t->fd < 0)
		t->name = NULL;
	return t->fd >= 0;
}

static struct target *open_as(const char *name, enum target_packing packing,
			      mode_t mode)
{
	bool output = !name || !strcmp(name, "-");
	struct target *t = calloc(1, sizeof(*t));

	if (!t)
		return NULL;
	t->fd = STDOUT_FILENO;
	t->packing = packing;
	if (!output && !open_file(t, name, mode)) {
		target_drop(t);
		return NULL;
	}
	if (!prepare(t)) {
		target_drop(t);
		errno = ENOMEM;
		return NULL;
	}
	return t;
}

struct target *target_open(const char *name, enum target_packing packing)
{
	return open_as(name, packing, 0666);
}

struct target *target_open_secret(const char *name,
				  enum target_packing packing)
{
	return open_as(name, packing, 0600);
}

static void write_all(struct target *t, const uint8_t *p, size_t n)
{
	ssize_t done;

	while (n && !t->failed) {
		done = write(t->fd, p, n);
		if (done > 0) {
			p += done;
			n -= (size_t)done;
		} else if (errno != EINTR) {
			t->failed = errno;
		}
	}
}

static void flush_gzip(struct target *t, bool last)
{
	z_stream *z = &t->gzip;
	int rc;

	z->next_in = t->in;
	z->avail_in = (uInt)t->n;
	do {
		z->next_out = t->out;
		z->avail_out = sizeof(t->out);
		rc = deflate(z, last ? Z_FINISH : Z_NO_FLUSH);
		write_all(t, t->out, sizeof(t->out) - z->avail_out);
	} while (!t->failed && (last ? rc == Z_OK : !z->avail_out));
}

static void flush_zstd(struct target *t, bool last)
{
	ZSTD_inBuffer in = { t->in, t->n, 0 };
	size_t left;

	do {
		ZSTD_outBuffer out = { t->out, sizeof(t->out), 0 };

		left = ZSTD_compressStream2(t->zstd, &out, &in,
					    last ? ZSTD_e_end
						 : ZSTD_e_continue);
		if (ZSTD_isError(left))
			t->failed = ENOMEM;
		else
			write_all(t, t->out, out.pos);
	} while (!t->failed && (last ? left > 0 : in.pos < in.size));
}

static void flush(struct target *t, bool last)
{
	if (t->packing == TARGET_GZIP)
		flush_gzip(t, last);
	else if (t->packing == TARGET_ZSTD)
		flush_zstd(t, last);
	else
		write_all(t, t->in, t->n);
	t->n = 0;
}

void target_put(struct target *t, struct kith_slice bytes)
{
	while (bytes.n && !t->failed) {
		size_t n = sizeof(t->in) - t->n;

		if (n > bytes.n)
			n = bytes.n;
		memcpy(t->in + t->n, bytes.p, n);
		t->n += n;
		bytes.p += n;
		bytes.n -= n;
		if (t->n == sizeof(t->in))
			flush(t, false);
	}
}

bool target_failed(const struct target *t)
{
	return t->failed;
}

/* Syncs the folder that name stands in; one that may not be read is left to
 * the system. */
static bool sync_folder(const char *name)
{
	char folder[PATH_MAX];
	const char *slash = strrchr(name, '/');
	bool synced;
	int fd;

	snprintf(folder, sizeof(folder), "%.*s",
		 slash ? (int)(slash - name) + 1 : 1, slash ? name : ".");
	fd = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (fd < 0)
		return errno == EACCES;
	synced = !fsync(fd);
	close(fd);
	return synced;
}

/* The file takes its name; false and errno. */
static bool settle(struct target *t)
{
	int fd = t->fd;

	t->fd = -1;
	if (fsync(fd)) {
		close(fd);
		return false;
	}
	if (close(fd) || rename(t->part, t->name) || !sync_folder(t->name))
		return false;
	t->name = NULL;
	return true;
}

bool target_finish(struct target *t)
{
	int failed;

	flush(t, true);
	if (!t->failed && t->name && !settle(t))
		t->failed = errno;
	failed = t->failed;
	target_drop(t);
	errno = failed;
	return !failed;
}

void target_drop(struct target *t)
{
	int before = errno;

	if (!t)
		return;
	if (t->packing == TARGET_GZIP)
		deflateEnd(&t->gzip);
	ZSTD_freeCStream(t->zstd);
	if (t->fd > STDOUT_FILENO)
		close(t->fd);
	if (t->name)
		unlink(t->part);
	free(t);
	errno = before;
}
