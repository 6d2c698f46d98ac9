#include "src/depot/blob_in.h"

enum { PIECE_BYTES = 32 * 1024 };

static enum kith_err copy(struct folder_reader *from, struct blob_writer *to,
			  struct kith_error *e)
{
	uint8_t piece[PIECE_BYTES];
	size_t n = 1;
	enum kith_err err = KITH_OK;

	while (!err && n) {
		err = folder_reader_get(from, piece, sizeof(piece), &n, e);
		if (!err && n)
			err = blob_writer_put(to,
					      (struct kith_slice){ piece, n },
					      e);
	}
	return err;
}

enum kith_err blob_in(struct blobs *to, const struct kith_blob_id *id,
		      uint64_t limit, struct folder_reader *from,
		      struct kith_error *e)
{
	const struct blob_write how = { .id = id, .limit = limit };
	struct blob_writer *w;
	enum kith_err err = blob_writer_new(to, &how, &w, e);

	if (err)
		return err;
	err = copy(from, w, e);
	if (!err)
		return blob_writer_finish(w, NULL, e);
	blob_writer_drop(w);
	return err;
}
