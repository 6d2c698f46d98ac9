#include <sodium.h>
#include <stdlib.h>
#include <unistd.h>

#include "src/depot/folder_url_private.h"
#include "src/url/spool.h"

enum { BUFFER_BYTES = 64 * 1024 };

/* A file on its way: it goes through a temporary one, so that it can be sent
 * again, and its length and hash are known before its first byte goes. */
struct url_writer {
	struct folder_writer base;
	char name[FOLDER_NAME_BYTES];
	int fd;
	uint64_t bytes;
	struct kith_buf buffer;
	crypto_hash_sha256_state hash;
};

static struct folder_of_url *of(struct folder_writer *w)
{
	return (struct folder_of_url *)(void *)w->folder;
}

void folder_url_writer_drop(struct folder_writer *base)
{
	struct url_writer *w = (struct url_writer *)(void *)base;

	if (w->fd >= 0)
		close(w->fd);
	kith_buf_free(&w->buffer);
	free(w);
}

enum kith_err folder_url_write(struct folder *f, const char *name,
			       uint64_t keep, struct folder_writer **out,
			       struct kith_error *e)
{
	struct url_writer *w;
	enum kith_err err;

	if (keep > 0 || strlen(name) >= FOLDER_NAME_BYTES)
		return kith_fail(e, KITH_EDENIED, 0, "over a URL files are put "
				 "whole");
	w = calloc(1, sizeof(*w));
	if (!w)
		return kith_fail(e, KITH_ENOMEM, 0, "out of memory");
	w->base.folder = f;
	memcpy(w->name, name, strlen(name) + 1);
	w->buffer.limit = BUFFER_BYTES;
	w->fd = -1;
	crypto_hash_sha256_init(&w->hash);
	err = url_spool_open(&w->fd, e);
	if (err)
		folder_url_writer_drop(&w->base);
	else
		*out = &w->base;
	return err;
}

static enum kith_err flush(struct url_writer *w, struct kith_error *e)
{
	enum kith_err err = url_spool_put(w->fd, kith_bytes(&w->buffer), e);

	kith_buf_reset(&w->buffer);
	return err;
}

enum kith_err folder_url_writer_put(struct folder_writer *base,
				    struct kith_slice bytes,
				    struct kith_error *e)
{
	struct url_writer *w = (struct url_writer *)(void *)base;
	enum kith_err err = KITH_OK;

	if (bytes.n > URL_FILE_BYTES_MAX - w->bytes)
		return kith_fail(e, KITH_ETOOBIG, 0, "a file is too large");
	w->bytes += bytes.n;
	crypto_hash_sha256_update(&w->hash, bytes.p, bytes.n);
	if (bytes.n > BUFFER_BYTES - w->buffer.n)
		err = flush(w, e);
	if (!err && bytes.n > BUFFER_BYTES)
		return url_spool_put(w->fd, bytes, e);
	if (err)
		return err;
	kith_buf_put(&w->buffer, bytes);
	return w->buffer.err ? kith_fail(e, w->buffer.err, 0, "out of memory")
			     : KITH_OK;
}

enum kith_err folder_url_writer_sync(struct folder_writer *w,
				     struct kith_error *e)
{
	(void)w;
	(void)e;
	return KITH_OK;
}

/* A host that refuses once is only read from then on. */
static enum kith_err put_file(struct folder_of_url *u, const char *name,
			      const struct url_body *body,
			      const struct url_version *over,
			      struct kith_error *e)
{
	enum kith_err err = url_put(u->session, name, body, over, e);

	kept_forget(u->kept, name);
	if (!url_session_writes(u->session))
		u->base.can &= ~(unsigned)FOLDER_WRITES;
	return err;
}

enum kith_err folder_url_writer_finish(struct folder_writer *base,
				       struct kith_error *e)
{
	struct url_writer *w = (struct url_writer *)(void *)base;
	struct url_body body = { .fd = w->fd, .size = w->bytes };
	enum kith_err err = flush(w, e);

	crypto_hash_sha256_final(&w->hash, body.sha256);
	if (!err)
		err = put_file(of(base), w->name, &body, NULL, e);
	folder_url_writer_drop(base);
	return err;
}

/* Only over what we saw there: so two who write as one, or two who begin a
 * depot at once, see each other. */
enum kith_err folder_url_put(struct folder *f, const char *name,
			     struct kith_slice bytes, struct kith_error *e)
{
	struct folder_of_url *u = (struct folder_of_url *)(void *)f;
	const struct kept_file *known = kept_find(u->kept, name);
	struct url_body body = { .bytes = bytes, .fd = -1, .size = bytes.n };
	struct url_version over = { 0 };

	crypto_hash_sha256(body.sha256, bytes.p, bytes.n);
	if (known)
		over = known->version;
	return put_file(u, name, &body, known ? &over : NULL, e);
}
