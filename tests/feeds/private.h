/*
 * What the tests of private content share: identities, and content in clear.
 *
 * Failing is a failing test.
 */
#ifndef FEEDS_PRIVATE_H
#define FEEDS_PRIVATE_H

#include "feeds/box1.h"
#include "feeds/box2.h"

enum { PRIVATE_BUFFER_BYTES = 1 << 16 };

/* The identity of a seed of 32 bytes n. */
struct kith_signer *private_signer(uint8_t n);

/* The bytes of a JSON string of hex; exactly n. */
void private_hex(struct kith_slice value, uint8_t *out, size_t n);

/* out is what was put in. */
void private_assert_plain(const struct kith_opened *out,
			  struct kith_slice plain);

/* A box of n bytes as content; bytes of the content of a box. */
void private_encode(const uint8_t *box, size_t n, const char *suffix,
		    struct kith_buf *out);
size_t private_decode(struct kith_slice content,
		      uint8_t out[static KITH_BOX_BYTES_MAX]);

#endif
