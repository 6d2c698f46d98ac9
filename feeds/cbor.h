/*
 * CBOR as gabbygrove-v1 uses it: definite lengths, numbers in their shortest
 * form; no floats.
 *
 * A reader of tokens: nothing is allocated, and what is damaged is read up to
 * where it is.  Nesting is limited, and no count is believed beyond the bytes
 * that are there.  Pure.  Format: RFC 8949; protocol/11 section 7.
 */
#ifndef FEEDS_CBOR_H
#define FEEDS_CBOR_H

#include "feeds/bytes.h"

enum { CBOR_DEPTH_MAX = 32 };

enum cbor_kind {
	CBOR_UINT,
	CBOR_NEGATIVE, /* -1 - n */
	CBOR_BYTES,
	CBOR_TEXT,
	CBOR_ARRAY, /* n items follow */
	CBOR_MAP,   /* n pairs follow */
	CBOR_TAG,   /* n; what it is of follows */
	CBOR_FALSE,
	CBOR_TRUE,
	CBOR_NULL
};

struct cbor_token {
	enum cbor_kind kind;
	uint64_t n;
	struct kith_slice bytes; /* of BYTES and TEXT */
	unsigned closes; /* so many arrays and maps end with it */
	size_t at, end;	 /* bytes of the input */
};

enum cbor_step {
	CBOR_TOKEN,
	CBOR_OVER, /* one whole value was read; what is behind it is not */
	CBOR_BAD   /* cbor.why */
};

/* Embedded; cbor_init.  Keeps a view of in. */
struct cbor {
	struct kith_slice in;
	size_t at;
	unsigned depth;
	bool begun, bad;
	uint64_t left[CBOR_DEPTH_MAX]; /* items of what is open */
	bool tag[CBOR_DEPTH_MAX];      /* it is one, which nothing closes */
	struct kith_error why;
};

void cbor_init(struct cbor *c, struct kith_slice in);

/* After OVER or BAD it gives the same again. */
enum cbor_step cbor_next(struct cbor *c, struct cbor_token *out);

/* Takes one whole value from the front of in: *n bytes of it.  EFORMAT with
 * the offset; ETOOBIG: nested too deep. */
KITH_CHECK enum kith_err cbor_check(struct kith_slice in, size_t *n,
				    struct kith_error *e);

#endif
