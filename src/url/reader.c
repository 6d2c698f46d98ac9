#include <stdlib.h>
#include <unistd.h>

#include "src/url/private.h"
#include "src/url/spool.h"

/* So that no sum of an offset and a piece runs over in libcurl. */
#define URL_OFFSET_MAX ((uint64_t)INT64_MAX - URL_PIECE_BYTES)

struct url_reader {
	struct url_session *s;
	char name[URL_TEXT_BYTES];
	uint64_t at; /* of the file: behind what is in piece, or in fd */
	struct kith_buf piece;
	size_t used; /* of piece */
	bool ended;  /* nothing comes behind the piece */
	struct url_version version;
	/* A host that knows no ranges: what it sent, from spool_from on. */
	int fd;
	uint64_t spooled, spool_used;
};

static void init_call(struct url_reader *r, struct url_call *call)
{
	const char *version = r->version.etag;

	url_call_init(r->s, call, "GET", r->name);
	call->version = r->version;
	call->from = r->at;
	if (!version[0] || strncmp(version, "W/", 2) == 0)
		version = r->version.modified;
	if (version[0])
		url_call_header(call, "If-Range", version);
}

static enum kith_err shorter(const struct url_reader *r, struct kith_error *e)
{
	return kith_fail(e, KITH_EFORMAT, 0, "%.60s: %.60s is shorter than it "
			 "was", r->s->address.host, r->name);
}

/* The host knows no ranges: all of it goes through a temporary file. */
static enum kith_err take_all(struct url_reader *r, struct kith_error *e)
{
	struct url_call call;
	struct url_answer a;
	enum kith_err err = url_spool_open(&r->fd, e);

	if (err)
		return err;
	init_call(r, &call);
	call.sink.fd = r->fd;
	call.sink.skip = r->at;
	call.sink.max = URL_FILE_BYTES_MAX;
	err = url_try(r->s, &call, &a, e);
	if (!err && call.sink.skip > 0)
		err = shorter(r, e);
	url_call_clear(&call);
	r->spooled = call.sink.got;
	r->ended = true;
	return err;
}

/* What the host said of a range that it has nothing of. */
static enum kith_err take_end(struct url_reader *r, const struct url_answer *a,
			      struct kith_error *e)
{
	uint64_t total = a->head.total;
	enum kith_err err = KITH_OK;

	if (!a->head.has_total)
		err = url_size(r->s, r->name, &total, e);
	if (err)
		return err;
	r->ended = true;
	return total == r->at ? KITH_OK : shorter(r, e);
}

/* Is there more behind the got bytes of a part? */
static bool is_last(const struct url_answer *a, const struct url_call *call)
{
	if (a->whole)
		return true;
	if (a->head.has_total)
		return call->from + call->sink.got >= a->head.total;
	return call->sink.got < URL_PIECE_BYTES;
}

/* SFTP sends nothing of an empty file, wherever one begins to read. */
static bool is_short(const struct url_reader *r, const struct url_call *call,
		     const struct url_answer *a)
{
	if (a->whole)
		return call->sink.skip > 0;
	return !r->s->host->http && r->at > 0 && call->sink.got == 0 &&
	       !a->has_length;
}

static enum kith_err next_piece(struct url_reader *r, struct kith_error *e)
{
	struct kith_error first = { 0 };
	struct url_call call;
	struct url_answer a;
	enum kith_err err;

	kith_buf_reset(&r->piece);
	r->used = 0;
	init_call(r, &call);
	call.ranged = true;
	call.to = r->at + URL_PIECE_BYTES - 1;
	call.sink.buf = &r->piece;
	call.sink.max = URL_PIECE_BYTES;
	err = url_try(r->s, &call, &a, &first);
	url_call_clear(&call);
	if (err == KITH_ETOOBIG && a.whole)
		return take_all(r, e);
	if (a.status == 416)
		return take_end(r, &a, e);
	if (err)
		return kith_fail(e, err, 0, "%s", first.text);
	if (is_short(r, &call, &a))
		return shorter(r, e);
	r->ended = is_last(&a, &call);
	r->at += call.sink.got;
	r->version = a.head.version;
	return KITH_OK;
}

enum kith_err url_reader_new(struct url_session *s, const char *name,
			     uint64_t offset, struct url_reader **out,
			     struct kith_error *e)
{
	struct url_reader *r;
	enum kith_err err;

	if (strlen(name) >= sizeof(r->name) || offset > URL_OFFSET_MAX)
		return kith_fail(e, KITH_EFORMAT, 0, "no file is so long, or "
				 "so named");
	r = calloc(1, sizeof(*r));
	if (!r)
		return kith_fail(e, KITH_ENOMEM, 0, "out of memory");
	r->s = s;
	memcpy(r->name, name, strlen(name) + 1);
	r->at = offset;
	r->piece.limit = URL_PIECE_BYTES;
	r->fd = -1;
	err = next_piece(r, e);
	if (err) {
		url_reader_free(r);
		return err;
	}
	*out = r;
	return KITH_OK;
}

static enum kith_err get_spooled(struct url_reader *r, uint8_t *to, size_t n,
				 size_t *got, struct kith_error *e)
{
	uint64_t left = r->spooled - r->spool_used;
	long count = url_spool_get(r->fd, r->spool_used, to,
				   n < left ? n : (size_t)left);

	if (count < 0 || (count == 0 && left > 0 && n > 0))
		return kith_fail(e, KITH_EIO, 0, "a temporary file cannot be "
				 "read");
	r->spool_used += (uint64_t)count;
	*got = (size_t)count;
	return KITH_OK;
}

enum kith_err url_reader_get(struct url_reader *r, uint8_t *to, size_t n,
			     size_t *got, struct kith_error *e)
{
	enum kith_err err;

	if (r->fd >= 0)
		return get_spooled(r, to, n, got, e);
	while (r->used == r->piece.n && !r->ended) {
		err = next_piece(r, e);
		if (err)
			return err;
		if (r->fd >= 0)
			return get_spooled(r, to, n, got, e);
	}
	if (n > r->piece.n - r->used)
		n = r->piece.n - r->used;
	if (n > 0)
		memcpy(to, r->piece.p + r->used, n);
	r->used += n;
	*got = n;
	return KITH_OK;
}

void url_reader_free(struct url_reader *r)
{
	if (!r)
		return;
	if (r->fd >= 0)
		close(r->fd);
	kith_buf_free(&r->piece);
	free(r);
}
