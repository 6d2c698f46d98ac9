#include "tools/source.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include <zlib.h>
#include <zstd.h>
#include <zstd_errors.h>

#include "tools/interrupt.h"

enum { MAGIC_BYTES = 4, LOOK_UP_MS = 100 };

/* zlib's word for gzip with the largest window, 32 kB. */
enum { GZIP_WINDOW = 16 + MAX_WBITS };

enum packing { PLAIN, GZIP, ZSTD };

struct source {
	int fd;
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
	uint8_t in[SOURCE_PIECE_BYTES];
	uint8_t out[SOURCE_PIECE_BYTES];
};

uint64_t source_position(const struct source *s)
{
	return s->read - (s->n - s->at);
}

uint64_t source_size(const struct source *s)
{
	return s->size;
}

const char *source_failed(const struct source *s)
{
	return s->error.code ? s->error.text : NULL;
}

static bool fail(struct source *s, enum kith_err err, const char *what)
{
	unsigned long long at = source_position(s);

	s->ended = true;
	s->n = s->at;
	kith_fail(&s->error, err, 0, "%s, at byte %llu", what, at);
	return false;
}

/* Waits for bytes of a pipe or terminal; false: interrupted meanwhile. */
static bool wait(const struct source *s)
{
	struct pollfd p = { .fd = s->fd, .events = POLLIN };

	while (s->waits && poll(&p, 1, LOOK_UP_MS) == 0)
		if (interrupt_pending())
			return false;
	return true;
}

/* Reads on behind what in still holds; false: nothing more came. */
static bool refill(struct source *s)
{
	ssize_t n = 0;

	if (s->at) {
		memmove(s->in, s->in + s->at, s->n - s->at);
		s->n -= s->at;
		s->at = 0;
	}
	if (s->ended)
		return false;
	if (!wait(s))
		return fail(s, KITH_EIO, "interrupted");
	do
		n = read(s->fd, s->in + s->n, sizeof(s->in) - s->n);
	while (n < 0 && errno == EINTR);
	if (n < 0)
		return fail(s, KITH_EIO, strerror(errno));
	s->ended = !n;
	s->n += (size_t)n;
	s->read += (uint64_t)n;
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

static bool prepare(struct source *s)
{
	while (s->n < MAGIC_BYTES && refill(s))
		;
	s->packing = tell(s->in, s->n);
	if (s->packing == GZIP)
		return inflateInit2(&s->gzip, GZIP_WINDOW) == Z_OK;
	if (s->packing != ZSTD)
		return true;
	s->zstd = ZSTD_createDStream();
	return s->zstd &&
	       !ZSTD_isError(ZSTD_DCtx_setParameter(s->zstd,
						    ZSTD_d_windowLogMax,
						    SOURCE_ZSTD_WINDOW_LOG));
}

struct source *source_open(const char *name)
{
	bool input = !name || !strcmp(name, "-");
	struct source *s = calloc(1, sizeof(*s));
	struct stat st;

	if (!s)
		return NULL;
	s->fd = input ? STDIN_FILENO : open(name, O_RDONLY | O_CLOEXEC);
	if (s->fd < 0 || fstat(s->fd, &st)) {
		source_close(s);
		return NULL;
	}
	s->waits = !S_ISREG(st.st_mode);
	s->size = s->waits ? 0 : (uint64_t)st.st_size;
	if (!prepare(s)) {
		source_close(s);
		errno = ENOMEM;
		return NULL;
	}
	return s;
}

void source_close(struct source *s)
{
	int before = errno;

	if (!s)
		return;
	if (s->packing == GZIP)
		inflateEnd(&s->gzip);
	ZSTD_freeDStream(s->zstd);
	if (s->fd > STDIN_FILENO)
		close(s->fd);
	free(s);
	errno = before;
}

/* --- gzip: members one after another, and zeros behind them --- */

/* At the start of a member, or the end; false: neither. */
static bool start_member(struct source *s)
{
	while (s->at < s->n && !s->in[s->at])
		s->at++;
	if (s->at == s->n)
		return true;
	if (s->in[s->at] != 0x1f)
		return fail(s, KITH_EFORMAT, "something else follows the end "
					     "of its gzip data");
	inflateReset(&s->gzip);
	s->inside = true;
	return true;
}

/* Unpacks what in holds; *made: bytes in out. */
static bool step_gzip(struct source *s, size_t *made)
{
	z_stream *z = &s->gzip;
	int rc;

	if (!s->inside && (!start_member(s) || !s->inside))
		return !s->error.code;
	z->next_in = s->in + s->at;
	z->avail_in = (uInt)(s->n - s->at);
	z->next_out = s->out;
	z->avail_out = sizeof(s->out);
	rc = inflate(z, Z_NO_FLUSH);
	s->at = s->n - z->avail_in;
	*made = sizeof(s->out) - z->avail_out;
	if (rc == Z_STREAM_END)
		s->inside = false;
	else if (rc != Z_OK && rc != Z_BUF_ERROR)
		return fail(s, KITH_EFORMAT, rc == Z_MEM_ERROR
				? "out of memory" : "its gzip data are "
						    "damaged");
	return true;
}

/* --- zstd: frames one after another --- */

static bool fail_zstd(struct source *s, size_t code)
{
	switch (ZSTD_getErrorCode(code)) {
	case ZSTD_error_frameParameter_windowTooLarge:
		return fail(s, KITH_ETOOBIG, "its zstd data need more than "
			    "8 MB of memory to unpack: unpack them with "
			    "`zstd -d --long=31`");
	case ZSTD_error_memory_allocation:
		return fail(s, KITH_ENOMEM, "out of memory");
	case ZSTD_error_prefix_unknown:
		return fail(s, KITH_EFORMAT, "something else follows the end "
					     "of its zstd data");
	default:
		return fail(s, KITH_EFORMAT, "its zstd data are damaged");
	}
}

static bool step_zstd(struct source *s, size_t *made)
{
	ZSTD_inBuffer in = { s->in, s->n, s->at };
	ZSTD_outBuffer out = { s->out, sizeof(s->out), 0 };
	size_t left = ZSTD_decompressStream(s->zstd, &out, &in);

	*made = out.pos;
	s->at = in.pos;
	if (ZSTD_isError(left))
		return fail_zstd(s, left);
	s->inside = left;
	return true;
}

/* --- either --- */

/* The next unpacked bytes.  Those made before a fault are given first. */
static bool unpack(struct source *s, struct kith_slice *out)
{
	size_t made = 0;

	while (!made && !s->error.code) {
		if (s->at == s->n && !refill(s) && !s->inside)
			return false;
		if (s->packing == GZIP ? !step_gzip(s, &made)
				       : !step_zstd(s, &made))
			break;
		if (!made && s->ended && s->at == s->n && s->inside)
			fail(s, KITH_EFORMAT, "it is cut off");
	}
	*out = (struct kith_slice){ s->out, made };
	return made;
}

bool source_next(struct source *s, struct kith_slice *out)
{
	if (s->error.code)
		return false;
	if (s->packing != PLAIN)
		return unpack(s, out);
	if (s->at == s->n && !refill(s))
		return false;
	*out = (struct kith_slice){ s->in + s->at, s->n - s->at };
	s->at = s->n;
	return true;
}
