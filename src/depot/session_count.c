/* A folder as another one, that counts the bytes going over it. */
#include <stdlib.h>

#include "src/depot/session_private.h"

struct counted {
	struct folder folder;
	struct folder *inner;
	struct depot_report *report;
};

struct counted_reader {
	struct folder_reader reader;
	struct folder_reader *inner;
};

struct counted_writer {
	struct folder_writer writer;
	struct folder_writer *inner;
};

static struct counted *of(struct folder *f)
{
	return (struct counted *)f;
}

/* What the folder can do may turn out only when it is used. */
static enum kith_err told(struct counted *c, enum kith_err err)
{
	c->folder.can = c->inner->can;
	return err;
}

static enum kith_err counted_size(struct folder *f, const char *name,
				  uint64_t *bytes, struct kith_error *e)
{
	return folder_size(of(f)->inner, name, bytes, e);
}

static enum kith_err counted_read(struct folder *f, const char *name,
				  uint64_t offset, struct folder_reader **out,
				  struct kith_error *e)
{
	struct counted_reader *r = calloc(1, sizeof(*r));
	enum kith_err err;

	if (!r)
		return KITH_ENOMEM;
	err = folder_read(of(f)->inner, name, offset, &r->inner, e);
	if (err) {
		free(r);
		return err;
	}
	r->reader.folder = f;
	*out = &r->reader;
	return KITH_OK;
}

static enum kith_err counted_reader_get(struct folder_reader *reader,
					uint8_t *to, size_t n, size_t *got,
					struct kith_error *e)
{
	struct counted_reader *r = (struct counted_reader *)reader;
	enum kith_err err = folder_reader_get(r->inner, to, n, got, e);

	if (!err)
		of(reader->folder)->report->bytes_read += *got;
	return err;
}

static void counted_reader_free(struct folder_reader *reader)
{
	struct counted_reader *r = (struct counted_reader *)reader;

	folder_reader_free(r->inner);
	free(r);
}

static enum kith_err counted_write(struct folder *f, const char *name,
				   uint64_t keep, struct folder_writer **out,
				   struct kith_error *e)
{
	struct counted_writer *w = calloc(1, sizeof(*w));
	enum kith_err err;

	if (!w)
		return KITH_ENOMEM;
	err = told(of(f), folder_write(of(f)->inner, name, keep, &w->inner, e));
	if (err) {
		free(w);
		return err;
	}
	w->writer.folder = f;
	*out = &w->writer;
	return KITH_OK;
}

static enum kith_err counted_writer_put(struct folder_writer *writer,
					struct kith_slice bytes,
					struct kith_error *e)
{
	struct counted_writer *w = (struct counted_writer *)writer;

	of(writer->folder)->report->bytes_written += bytes.n;
	return folder_writer_put(w->inner, bytes, e);
}

static enum kith_err counted_writer_sync(struct folder_writer *writer,
					 struct kith_error *e)
{
	struct counted_writer *w = (struct counted_writer *)writer;

	return folder_writer_sync(w->inner, e);
}

static enum kith_err counted_writer_finish(struct folder_writer *writer,
					   struct kith_error *e)
{
	struct counted_writer *w = (struct counted_writer *)writer;
	enum kith_err err = folder_writer_finish(w->inner, e);

	err = told(of(writer->folder), err);
	free(w);
	return err;
}

static void counted_writer_drop(struct folder_writer *writer)
{
	struct counted_writer *w = (struct counted_writer *)writer;

	folder_writer_drop(w->inner);
	free(w);
}

static enum kith_err counted_get(struct folder *f, const char *name,
				 struct kith_buf *out, struct kith_error *e)
{
	size_t before = out->n;
	enum kith_err err = folder_get(of(f)->inner, name, out, e);

	of(f)->report->bytes_read += out->n - before;
	return err;
}

static enum kith_err counted_put(struct folder *f, const char *name,
				 struct kith_slice bytes, struct kith_error *e)
{
	of(f)->report->bytes_written += bytes.n;
	return told(of(f), folder_put(of(f)->inner, name, bytes, e));
}

static enum kith_err counted_rename(struct folder *f, const char *from,
				    const char *to, struct kith_error *e)
{
	return told(of(f), folder_rename(of(f)->inner, from, to, e));
}

static enum kith_err counted_remove(struct folder *f, const char *name,
				    struct kith_error *e)
{
	return told(of(f), folder_remove(of(f)->inner, name, e));
}

static enum kith_err counted_list(struct folder *f, const char *name,
				  struct folder_list *out,
				  struct kith_error *e)
{
	enum kith_err err = folder_list(of(f)->inner, name, out, e);

	/* As a directory has it: a long name takes a few entries of 32. */
	if (!err)
		of(f)->report->bytes_read += out->count * 128;
	return err;
}

static uint64_t counted_room(struct folder *f)
{
	return folder_room(of(f)->inner);
}

static void counted_free(struct folder *f)
{
	free(of(f));
}

static const struct folder_ops counted_ops = {
	.size = counted_size,
	.read = counted_read,
	.reader_get = counted_reader_get,
	.reader_free = counted_reader_free,
	.write = counted_write,
	.writer_put = counted_writer_put,
	.writer_sync = counted_writer_sync,
	.writer_finish = counted_writer_finish,
	.writer_drop = counted_writer_drop,
	.get = counted_get,
	.put = counted_put,
	.rename = counted_rename,
	.remove = counted_remove,
	.list = counted_list,
	.room = counted_room,
	.free = counted_free,
};

struct folder *session_count(struct folder *inner, struct depot_report *report)
{
	struct counted *c = calloc(1, sizeof(*c));

	if (!c)
		return NULL;
	c->folder = (struct folder){ .ops = &counted_ops,
				     .can = inner->can,
				     .where = inner->where };
	c->inner = inner;
	c->report = report;
	return &c->folder;
}
