#include "src/source/unpack.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include <zlib.h>
#include <zstd.h>
#include <zstd_errors.h>

enum { MAGIC_BYTES = 4, LOOK_UP_MS = 100 };

/* zlib's word for gzip with the largest window, 32 kB. */
enum { GZIP_WINDOW = 16 + MAX_WBITS };

enum packing { PLAIN, GZIP, ZSTD };

struct unpack {
	int fd;
	bool (*stop)(void *arg); /* or NULL */
	void *arg;
	bool waits;	   /* no file: its bytes may be long in coming */
	enum packing packing;
	uint64_t size;	   /* 0: not known */
	uint64_t read;	   /* bytes that came */
	size_t at, n;	   /* of in: used up, there */
	bool ended;	   /* no more come */
	bool inside;	   /* a packed part has begun and not ended */
	z_stream gzip;
	ZSTD_DStream *zstd;
	struct kith_error error;
	uint8_t in[UNPACK_PIECE_BYTES];
	uint8_t out[UNPACK_PIECE_BYTES];
};

uint64_t unpack_position(const struct unpack *u)
{
	return u->read - (u->n - u->at);
}

uint64_t unpack_size(const struct unpack *u)
{
	return u->size;
}

const char *unpack_failed(const struct unpack *u)
{
	return u->error.code ? u->error.text : NULL;
}

static bool fail(struct unpack *u, enum kith_err err, const char *what)
{
	unsigned long long at = unpack_position(u);

	u->ended = true;
	u->n = u->at;
	kith_fail(&u->error, err, 0, "%s, at byte %llu", what, at);
	return false;
}

static bool stops(const struct unpack *u)
{
	return u->stop && u->stop(u->arg);
}

/* Waits for bytes of a pipe or terminal; false: stopped meanwhile. */
static bool wait(const struct unpack *u)
{
	struct pollfd p = { .fd = u->fd, .events = POLLIN };

	while (u->waits && poll(&p, 1, LOOK_UP_MS) == 0)
		if (stops(u))
			return false;
	return !stops(u);
}

/* Reads on behind what in still holds; false: nothing more came. */
static bool refill(struct unpack *u)
{
	ssize_t n = 0;

	if (u->at) {
		memmove(u->in, u->in + u->at, u->n - u->at);
		u->n -= u->at;
		u->at = 0;
	}
	if (u->ended)
		return false;
	if (!wait(u))
		return fail(u, KITH_EIO, "interrupted");
	do
		n = read(u->fd, u->in + u->n, sizeof(u->in) - u->n);
	while (n < 0 && errno == EINTR);
	if (n < 0)
		return fail(u, KITH_EIO, strerror(errno));
	u->ended = !n;
	u->n += (size_t)n;
	u->read += (uint64_t)n;
	return n > 0;
}

/* What the first bytes say; frames of zstd may be skippable ones. */
static enum packing tell(const uint8_t *p, size_t n)
{
	if (n >= 3 && p[0] == 0x1f && p[1] == 0x8b && p[2] == 8)
		return GZIP;
	if (n < MAGIC_BYTES)
		return PLAIN;
	if (p[0] == 0x28 && p[1] == 0xb5 && p[2] == 0x2f && p[3] == 0xfd)
		return ZSTD;
	if ((p[0] & 0xf0) == 0x50 && p[1] == 0x2a && p[2] == 0x4d &&
	    p[3] == 0x18)
		return ZSTD;
	return PLAIN;
}

static bool prepare(struct unpack *u)
{
	while (u->n < MAGIC_BYTES && refill(u))
		;
	u->packing = tell(u->in, u->n);
	if (u->packing == GZIP)
		return inflateInit2(&u->gzip, GZIP_WINDOW) == Z_OK;
	if (u->packing != ZSTD)
		return true;
	u->zstd = ZSTD_createDStream();
	return u->zstd &&
	       !ZSTD_isError(ZSTD_DCtx_setParameter(u->zstd,
						    ZSTD_d_windowLogMax,
						    UNPACK_ZSTD_WINDOW_LOG));
}

struct unpack *unpack_open(const char *name, bool (*stop)(void *arg),
			   void *arg)
{
	bool input = !name || !strcmp(name, "-");
	struct unpack *u = calloc(1, sizeof(*u));
	struct stat st;

	if (!u)
		return NULL;
	u->stop = stop;
	u->arg = arg;
	u->fd = input ? STDIN_FILENO : open(name, O_RDONLY | O_CLOEXEC);
	if (u->fd < 0 || fstat(u->fd, &st)) {
		unpack_close(u);
		return NULL;
	}
	u->waits = !S_ISREG(st.st_mode);
	u->size = u->waits ? 0 : (uint64_t)st.st_size;
	if (!prepare(u)) {
		unpack_close(u);
		errno = ENOMEM;
		return NULL;
	}
	return u;
}

void unpack_close(struct unpack *u)
{
	int before = errno;

	if (!u)
		return;
	if (u->packing == GZIP)
		inflateEnd(&u->gzip);
	ZSTD_freeDStream(u->zstd);
	if (u->fd > STDIN_FILENO)
		close(u->fd);
	free(u);
	errno = before;
}

/* --- gzip: members one after another, and zeros behind them --- */

/* At the start of a member, or the end; false: neither. */
static bool start_member(struct unpack *u)
{
	while (u->at < u->n && !u->in[u->at])
		u->at++;
	if (u->at == u->n)
		return true;
	if (u->in[u->at] != 0x1f)
		return fail(u, KITH_EFORMAT, "something else follows the end "
					     "of its gzip data");
	inflateReset(&u->gzip);
	u->inside = true;
	return true;
}

/* Unpacks what in holds; *made: bytes in out. */
static bool step_gzip(struct unpack *u, size_t *made)
{
	z_stream *z = &u->gzip;
	int rc;

	if (!u->inside && (!start_member(u) || !u->inside))
		return !u->error.code;
	z->next_in = u->in + u->at;
	z->avail_in = (uInt)(u->n - u->at);
	z->next_out = u->out;
	z->avail_out = sizeof(u->out);
	rc = inflate(z, Z_NO_FLUSH);
	u->at = u->n - z->avail_in;
	*made = sizeof(u->out) - z->avail_out;
	if (rc == Z_STREAM_END)
		u->inside = false;
	else if (rc != Z_OK && rc != Z_BUF_ERROR)
		return fail(u, KITH_EFORMAT, rc == Z_MEM_ERROR
				? "out of memory" : "its gzip data are "
						    "damaged");
	return true;
}

/* --- zstd: frames one after another --- */

static bool fail_zstd(struct unpack *u, size_t code)
{
	switch (ZSTD_getErrorCode(code)) {
	case ZSTD_error_frameParameter_windowTooLarge:
		return fail(u, KITH_ETOOBIG, "its zstd data need more than "
			    "8 MB of memory to unpack: unpack them with "
			    "`zstd -d --long=31`");
	case ZSTD_error_memory_allocation:
		return fail(u, KITH_ENOMEM, "out of memory");
	case ZSTD_error_prefix_unknown:
		return fail(u, KITH_EFORMAT, "something else follows the end "
					     "of its zstd data");
	default:
		return fail(u, KITH_EFORMAT, "its zstd data are damaged");
	}
}

static bool step_zstd(struct unpack *u, size_t *made)
{
	ZSTD_inBuffer in = { u->in, u->n, u->at };
	ZSTD_outBuffer out = { u->out, sizeof(u->out), 0 };
	size_t left = ZSTD_decompressStream(u->zstd, &out, &in);

	*made = out.pos;
	u->at = in.pos;
	if (ZSTD_isError(left))
		return fail_zstd(u, left);
	u->inside = left;
	return true;
}

/* --- either --- */

/* The next unpacked bytes.  Those made before a fault are given first. */
static bool next_packed(struct unpack *u, struct kith_slice *out)
{
	size_t made = 0;

	while (!made && !u->error.code) {
		if (stops(u))
			return fail(u, KITH_EIO, "interrupted");
		if (u->at == u->n && !refill(u) && !u->inside)
			return false;
		if (u->packing == GZIP ? !step_gzip(u, &made)
				       : !step_zstd(u, &made))
			break;
		if (!made && u->ended && u->at == u->n && u->inside)
			fail(u, KITH_EFORMAT, "it is cut off");
	}
	*out = (struct kith_slice){ u->out, made };
	return made;
}

bool unpack_next(struct unpack *u, struct kith_slice *out)
{
	if (u->error.code)
		return false;
	if (u->packing != PLAIN)
		return next_packed(u, out);
	if (u->at == u->n && !refill(u))
		return false;
	*out = (struct kith_slice){ u->in + u->at, u->n - u->at };
	u->at = u->n;
	return true;
}
