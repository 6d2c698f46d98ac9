/*
 * Envelopes in bytes: what box2 is made of, whatever the names of its schemes
 * and whichever slots their keys may stand in.
 *
 * Pure; libsodium only.  Format: protocol/12 sections 2.1, 2.2.
 */
#ifndef FEEDS_ENVELOPE_H
#define FEEDS_ENVELOPE_H

#include "feeds/boxed_private.h"
#include "feeds/derive.h"

enum { ENVELOPE_KEY_BYTES = DERIVE_KEY_BYTES };

/* One recipient's key; views. */
struct envelope_key {
	struct kith_slice scheme; /* its name */
	const uint8_t *b;	  /* ENVELOPE_KEY_BYTES */
};

/* What every key of a message is derived in: whose it is, and after which;
 * NULL: its feed's first.  False: envelopes have no form of an id. */
KITH_CHECK bool envelope_context(struct derive_context *c,
				 const struct kith_feed_id *author,
				 const struct kith_msg_id *previous);

/* A key from key, ENVELOPE_KEY_BYTES each. */
void envelope_derive(const struct derive_context *context, const uint8_t *key,
		     const char *label,
		     uint8_t out[static ENVELOPE_KEY_BYTES]);

/* The key of a recipient's slot. */
void envelope_derive_slot(const struct derive_context *context,
			  const struct envelope_key *key,
			  uint8_t out[static ENVELOPE_KEY_BYTES]);

/* A slot's bytes from its key and the message's, or the reverse. */
void envelope_mask(const uint8_t *a, const uint8_t *b,
		   uint8_t out[static ENVELOPE_KEY_BYTES]);

/* What an envelope is made of; views. */
struct envelope_draft {
	const struct derive_context *context;
	struct kith_slice plain; /* at most kith_box_room */
	const struct envelope_key *keys;
	size_t n; /* 1 to KITH_BOX2_SLOTS_MAX */
	const uint8_t *msg_key;
};

/* Writes it and returns its bytes; read is its read key. */
size_t envelope_write(const struct envelope_draft *d,
		      uint8_t out[static KITH_BOX_BYTES_MAX],
		      uint8_t read[static ENVELOPE_KEY_BYTES]);

/* A decoded box2: a view of the opened that it lies in, and its context. */
struct envelope {
	struct kith_opened *box;
	struct derive_context context;
};

/* False: no box2, or of ids that envelopes have no form of. */
KITH_CHECK bool envelope_init(struct envelope *e, const struct kith_boxed *m,
			      struct kith_opened *out);

/* Tries one key on the first slots; FOREIGN leaves the box as it is, for the
 * next key. */
KITH_CHECK enum kith_opening envelope_try(const struct envelope *e,
					  const struct envelope_key *key,
					  size_t slots);

/* Opens it by box->key. */
KITH_CHECK enum kith_opening envelope_open(const struct envelope *e);

#endif
