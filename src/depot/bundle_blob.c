#include <sodium.h>

#include "src/depot/bundle.h"

static bool is_it(const struct bundle_blob *b, const struct kith_blob_id *id)
{
	return b->begun && !memcmp(b->id.b, id->b, sizeof(id->b));
}

static bool is_hash_of(const struct bundle_blob *b)
{
	uint8_t sha256[crypto_hash_sha256_BYTES];

	crypto_hash_sha256(sha256, b->bytes.p, b->bytes.n);
	return !memcmp(sha256, b->id.b, sizeof(sha256));
}

static void begin(struct bundle_blob *b, const struct bundle_piece *p)
{
	b->id = p->blob;
	b->size = p->size;
	b->begun = true;
	b->over = false;
	kith_buf_reset(&b->bytes);
}

static enum bundle_blob_step give_up(struct bundle_blob *b,
				     enum bundle_blob_step why)
{
	b->over = true;
	kith_buf_reset(&b->bytes);
	return why;
}

enum bundle_blob_step bundle_blob_take(struct bundle_blob *b,
				       const struct bundle_piece *p)
{
	if (!is_it(b, &p->blob) || !p->at)
		begin(b, p);
	if (b->over)
		return BUNDLE_BLOB_MORE;
	if (p->size > b->bytes.limit)
		return give_up(b, BUNDLE_BLOB_TOO_BIG);
	if (p->at != b->bytes.n || p->size != b->size)
		return give_up(b, BUNDLE_BLOB_TORN);
	kith_buf_put(&b->bytes, p->bytes);
	if (b->bytes.err)
		return give_up(b, BUNDLE_BLOB_NOMEM);
	if (b->bytes.n < b->size)
		return BUNDLE_BLOB_MORE;
	b->over = true;
	return is_hash_of(b) ? BUNDLE_BLOB_WHOLE
			     : give_up(b, BUNDLE_BLOB_FALSE);
}

bool bundle_blob_is_torn(const struct bundle_blob *b,
			 const struct kith_blob_id *next)
{
	return b->begun && !b->over && !(next && is_it(b, next));
}

void bundle_blob_clear(struct bundle_blob *b)
{
	kith_buf_free(&b->bytes);
	b->begun = false;
}
