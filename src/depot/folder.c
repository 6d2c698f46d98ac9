#include "src/depot/folder.h"

#include <stdlib.h>

enum kith_err folder_size(struct folder *f, const char *name, uint64_t *bytes,
			  struct kith_error *e)
{
	return f->ops->size(f, name, bytes, e);
}

enum kith_err folder_read(struct folder *f, const char *name, uint64_t offset,
			  struct folder_reader **out, struct kith_error *e)
{
	return f->ops->read(f, name, offset, out, e);
}

enum kith_err folder_reader_get(struct folder_reader *r, uint8_t *to, size_t n,
				size_t *got, struct kith_error *e)
{
	return r->folder->ops->reader_get(r, to, n, got, e);
}

void folder_reader_free(struct folder_reader *r)
{
	if (r)
		r->folder->ops->reader_free(r);
}

static enum kith_err may_write(const struct folder *f, struct kith_error *e)
{
	if (f->can & FOLDER_WRITES)
		return KITH_OK;
	return kith_fail(e, KITH_EDENIED, 0, "%.100s cannot be written to",
			 f->where);
}

enum kith_err folder_write(struct folder *f, const char *name, uint64_t keep,
			   struct folder_writer **out, struct kith_error *e)
{
	enum kith_err err = may_write(f, e);

	return err ? err : f->ops->write(f, name, keep, out, e);
}

enum kith_err folder_writer_put(struct folder_writer *w,
				struct kith_slice bytes, struct kith_error *e)
{
	return w->folder->ops->writer_put(w, bytes, e);
}

enum kith_err folder_writer_sync(struct folder_writer *w, struct kith_error *e)
{
	return w->folder->ops->writer_sync(w, e);
}

enum kith_err folder_writer_finish(struct folder_writer *w,
				   struct kith_error *e)
{
	return w->folder->ops->writer_finish(w, e);
}

void folder_writer_drop(struct folder_writer *w)
{
	if (w)
		w->folder->ops->writer_drop(w);
}

enum kith_err folder_get(struct folder *f, const char *name,
			 struct kith_buf *out, struct kith_error *e)
{
	return f->ops->get(f, name, out, e);
}

enum kith_err folder_put(struct folder *f, const char *name,
			 struct kith_slice bytes, struct kith_error *e)
{
	enum kith_err err = may_write(f, e);

	return err ? err : f->ops->put(f, name, bytes, e);
}

enum kith_err folder_rename(struct folder *f, const char *from, const char *to,
			    struct kith_error *e)
{
	enum kith_err err = may_write(f, e);

	return err ? err : f->ops->rename(f, from, to, e);
}

enum kith_err folder_remove(struct folder *f, const char *name,
			    struct kith_error *e)
{
	enum kith_err err = may_write(f, e);

	return err ? err : f->ops->remove(f, name, e);
}

enum kith_err folder_list(struct folder *f, const char *name,
			  struct folder_list *out, struct kith_error *e)
{
	return f->ops->list(f, name, out, e);
}

void folder_list_free(struct folder_list *l)
{
	free(l->names);
	*l = (struct folder_list){ 0 };
}

uint64_t folder_room(struct folder *f)
{
	return f->ops->room(f);
}

void folder_free(struct folder *f)
{
	if (f)
		f->ops->free(f);
}
