/*
 * The memory behind struct kith_decoder: what decoding needs on the way, and
 * chunks that hold what it returned.
 *
 * Chunks never move and are kept for reuse, so that a warm decoder allocates
 * nothing.
 */
#ifndef FEEDS_DECODER_H
#define FEEDS_DECODER_H

#include "feeds/json_compact.h"
#include "feeds/json_form.h"
#include "feeds/message.h"

struct decoder_chunk;

/* How much is in use; decoder_release goes back to it. */
struct decoder_mark {
	struct decoder_chunk *chunk;
	size_t used;
};

struct kith_decoder {
	bool has_hmac;
	uint8_t hmac[KITH_HMAC_BYTES];
	struct decoder_chunk *first;
	struct decoder_mark now; /* chunk NULL: nothing is in use */
	struct json_form form;
	struct json_scratch scratch;
	struct kith_buf loose;			/* a message being mended */
	uint8_t low_bytes[KITH_MSG_UNITS_MAX];	/* what an id hashes */
};

/* Room for n bytes, at most KITH_MSG_WIRE_BYTES_MAX; not yet in use.  NULL
 * when out of memory. */
KITH_CHECK uint8_t *decoder_room(struct kith_decoder *d, size_t n);

/* Puts into use the first n bytes of the room given last. */
void decoder_keep(struct kith_decoder *d, size_t n);

/* Back to what was in use then. */
void decoder_release(struct kith_decoder *d, struct decoder_mark mark);

#endif
