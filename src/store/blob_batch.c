#include "src/store/blob_batch.h"

#include <errno.h>
#include <unistd.h>

#include "src/store/blobs_private.h"
#include "src/store/store_private.h"

bool blob_batch_is_full(const struct blob_batch *b)
{
	return b->count == BLOB_BATCH_MAX || b->bytes >= BLOB_BATCH_BYTES;
}

enum kith_err blob_batch_add(struct blob_batch *b, struct blob_writer *w,
			     struct kith_error *e)
{
	enum kith_err err = blob_writer_seal(w, e);

	/* The empty blob needs no file. */
	if (err || !w->bytes) {
		blob_writer_drop(w);
		return err;
	}
	b->bytes += w->bytes;
	b->writers[b->count++] = w;
	return KITH_OK;
}

/* A sync of each file would have the disk empty its own memory each time. */
static int sync_all(const struct blob_batch *b)
{
	return syncfs(b->writers[0]->fd) ? errno : 0;
}

/* How many have their names, whatever failed then. */
static size_t give_names(const struct blob_batch *b, int *err)
{
	size_t named = 0;

	while (named < b->count && !*err) {
		*err = blob_writer_name(b->writers[named], false);
		named += !*err;
	}
	return named;
}

enum kith_err blob_batch_finish(struct blob_batch *b, struct kith_error *e)
{
	size_t named;
	int err, late;

	b->done = 0;
	if (!b->count)
		return KITH_OK;
	err = sync_all(b);
	named = give_names(b, &err);
	late = named ? sync_all(b) : 0;
	for (size_t i = 0; i < b->count; i++)
		blob_writer_end(b->writers[i], i < named);
	*b = (struct blob_batch){ .done = late ? 0 : named };
	err = err ? err : late;
	return err ? home_fail(e, err, "cannot write", BLOBS_FOLDER) : KITH_OK;
}

void blob_batch_drop(struct blob_batch *b)
{
	while (b->count)
		blob_writer_drop(b->writers[--b->count]);
	b->bytes = 0;
}
