#include "feeds/decoder.h"

#include <assert.h>
#include <sodium.h>
#include <stdlib.h>

enum {
	CHUNK_BYTES = 4 * KITH_MSG_WIRE_BYTES_MAX,
	/* "1e20" prints as 21 digits; nothing grows more. */
	LOOSE_BYTES_MAX = 6 * KITH_MSG_WIRE_BYTES_MAX
};

struct decoder_chunk {
	struct decoder_chunk *next;
	uint8_t bytes[CHUNK_BYTES];
};

static struct decoder_chunk *next_chunk(struct kith_decoder *d)
{
	struct decoder_chunk **place =
		d->now.chunk ? &d->now.chunk->next : &d->first;

	if (!*place) {
		*place = malloc(sizeof(**place));
		if (*place)
			(*place)->next = NULL;
	}
	return *place;
}

uint8_t *decoder_room(struct kith_decoder *d, size_t n)
{
	struct decoder_chunk *next;

	assert(n <= KITH_MSG_WIRE_BYTES_MAX);
	if (!d->now.chunk || CHUNK_BYTES - d->now.used < n) {
		next = next_chunk(d);
		if (!next)
			return NULL;
		d->now = (struct decoder_mark){ next, 0 };
	}
	return d->now.chunk->bytes + d->now.used;
}

void decoder_keep(struct kith_decoder *d, size_t n)
{
	assert(d->now.chunk && n <= CHUNK_BYTES - d->now.used);
	d->now.used += n;
}

void decoder_release(struct kith_decoder *d, struct decoder_mark mark)
{
	d->now = mark;
}

struct kith_decoder *kith_decoder_new(const uint8_t *hmac)
{
	struct kith_decoder *d = calloc(1, sizeof(*d));

	if (!d)
		return NULL;
	d->loose.limit = LOOSE_BYTES_MAX;
	if (hmac) {
		d->has_hmac = true;
		memcpy(d->hmac, hmac, sizeof(d->hmac));
	}
	return d;
}

void kith_decoder_free(struct kith_decoder *d)
{
	struct decoder_chunk *chunk, *next;

	if (!d)
		return;
	for (chunk = d->first; chunk; chunk = next) {
		next = chunk->next;
		free(chunk);
	}
	json_scratch_clear(&d->scratch);
	kith_buf_free(&d->loose);
	sodium_memzero(d->hmac, sizeof(d->hmac));
	free(d);
}

void kith_decoder_reset(struct kith_decoder *d)
{
	d->now = (struct decoder_mark){ NULL, 0 };
}
