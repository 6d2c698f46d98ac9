#include "src/depot/bundle.h"
#include "tests/fuzz/replay.h"

/* The first byte says in what pieces the rest comes, which is a bundle. */

enum { BLOB_BYTES_MAX = 1 << 16 };

/* What was read stays inside of what it must be. */
static void take(const struct bundle_item *item, struct bundle_blob *b)
{
	const struct bundle_piece *p = &item->piece;
	enum bundle_blob_step step;

	if (item->next < item->offset)
		__builtin_trap();
	if (item->kind != BUNDLE_PIECE)
		return;
	if (p->bytes.n > BUNDLE_PIECE_BYTES || !p->bytes.n ||
	    p->at > p->size || p->bytes.n > p->size - p->at)
		__builtin_trap();
	step = bundle_blob_take(b, p);
	if (b->bytes.n > BLOB_BYTES_MAX ||
	    (step == BUNDLE_BLOB_WHOLE && b->bytes.n != b->size))
		__builtin_trap();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct bundle_blob b = { .bytes.limit = BLOB_BYTES_MAX };
	struct bundle_reader *r = bundle_reader_new();
	enum bundle_step step = BUNDLE_MORE;
	struct bundle_item item;
	size_t piece = size ? (size_t)data[0] + 1 : 1;

	if (!r)
		__builtin_trap();
	for (size_t at = 1; at < size && step != BUNDLE_NONE; at += piece) {
		size_t n = size - at < piece ? size - at : piece;
		struct kith_slice in = { data + at, n };

		while ((step = bundle_next(r, &in, &item)) == BUNDLE_ITEM ||
		       step == BUNDLE_DAMAGE)
			if (step == BUNDLE_ITEM)
				take(&item, &b);
	}
	while ((step = bundle_finish(r, &item)) == BUNDLE_ITEM ||
	       step == BUNDLE_DAMAGE)
		if (step == BUNDLE_ITEM)
			take(&item, &b);
	bundle_reader_free(r);
	bundle_blob_clear(&b);
	return 0;
}
