/*
 * The secret handshake: bytes in, bytes out, then the keys of a box stream.
 *
 * Pure and stepped: fed in pieces of any size, either role.  Fails silently:
 * after a bad step nothing more is written.  The server stops once to let its
 * caller decide whether the client is welcome.  Wipes all it derives.
 * Format: protocol/02.
 */
#ifndef WIRE_SHS_H
#define WIRE_SHS_H

#include "feeds/signer.h"

enum { SHS_APP_KEY_BYTES = 32, SHS_EPHEMERAL_BYTES = 32 };

/* Keys and first nonces of both directions of the box stream. */
struct box_keys {
	uint8_t send_key[32], send_nonce[24];
	uint8_t recv_key[32], recv_nonce[24];
};

struct shs_config {
	const struct kith_signer *self;	     /* keeps a view */
	uint8_t app_key[SHS_APP_KEY_BYTES];  /* copied */
	uint8_t ephemeral[SHS_EPHEMERAL_BYTES]; /* fresh secret, copied */
	const uint8_t *server; /* 32 bytes: whom to expect; NULL: serve */
};

enum shs_step {
	SHS_MORE,    /* send what out holds, then call with more bytes */
	SHS_ASK,     /* server: shs_remote is known; shs_accept or give up */
	SHS_DONE,    /* send what out holds; shs_keys, shs_remote are known */
	SHS_BAD	     /* close; shs_why says why, for our log only */
};

struct shs;

/* Gives; free with shs_free, which wipes.  NULL when out of memory. */
struct shs *shs_new(const struct shs_config *config);
void shs_free(struct shs *s);

/* Takes from the front of in what it needs and appends what is to be sent to
 * out; a client's first call needs no input.  Bytes behind the last message
 * stay in in: they belong to the box stream. */
enum shs_step shs_next(struct shs *s, struct kith_slice *in,
		       struct kith_buf *out);

/* After SHS_ASK: the next shs_next goes on. */
void shs_accept(struct shs *s);

/* The other side's public key, 32 bytes; after SHS_ASK or SHS_DONE. */
const uint8_t *shs_remote(const struct shs *s);

/* Copies the keys out; after SHS_DONE.  The caller wipes them. */
void shs_keys(const struct shs *s, struct box_keys *out);

/* A static text: which message failed and how. */
const char *shs_why(const struct shs *s);

#endif
