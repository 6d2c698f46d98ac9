/*
 * Byte slices and bounded buffers.
 *
 * A slice borrows: it never frees, and lives no longer than what it points
 * into.  A buffer owns its bytes, never grows past its limit, and keeps its
 * first error: after one, puts do nothing, and the caller looks at err once.
 */
#ifndef FEEDS_BYTES_H
#define FEEDS_BYTES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include "feeds/err.h"

struct kith_slice {
	const uint8_t *p;
	size_t n;
};

/* All zero but limit is an empty buffer. */
struct kith_buf {
	uint8_t *p;
	size_t n, cap, limit;
	enum kith_err err; /* ETOOBIG or ENOMEM: the first put that failed */
};

/* A slice of a string literal, without its NUL. */
#define KITH_SLICE(literal) \
	((struct kith_slice){ (const uint8_t *)("" literal), \
			      sizeof(literal) - 1 })

/* The bytes of a NUL-terminated text; borrows. */
static inline struct kith_slice kith_text(const char *s)
{
	return (struct kith_slice){ (const uint8_t *)s, strlen(s) };
}

static inline struct kith_slice kith_bytes(const struct kith_buf *b)
{
	return (struct kith_slice){ b->p, b->n };
}

static inline bool kith_equal(struct kith_slice a, struct kith_slice b)
{
	return a.n == b.n && (a.n == 0 || memcmp(a.p, b.p, a.n) == 0);
}

/* Empties b; keeps its memory and limit, forgets its error. */
static inline void kith_buf_reset(struct kith_buf *b)
{
	b->n = 0;
	b->err = KITH_OK;
}

/* Room for more bytes at b->p + b->n, or NULL and b->err. */
KITH_API uint8_t *kith_buf_reserve(struct kith_buf *b, size_t more);

/* Appends; on failure b keeps what it had and remembers the error. */
KITH_API void kith_buf_put(struct kith_buf *b, struct kith_slice s);
KITH_API void kith_buf_byte(struct kith_buf *b, uint8_t byte);

/* Appends a NUL-terminated text, without its NUL. */
KITH_API void kith_buf_text(struct kith_buf *b, const char *text);

/* Appends n in decimal, independent of the locale. */
KITH_API void kith_buf_uint(struct kith_buf *b, uint64_t n);
KITH_API void kith_buf_int(struct kith_buf *b, int64_t n);

/* Appends two digits for each byte, in lower case. */
KITH_API void kith_buf_hex(struct kith_buf *b, struct kith_slice bytes);

/* Moves up to want bytes from the front of in to the end of b. */
KITH_API void kith_buf_take(struct kith_buf *b, struct kith_slice *in,
			    size_t want);

/* Drops n bytes, at most b->n, from the front of b. */
KITH_API void kith_buf_drop(struct kith_buf *b, size_t n);

/* Frees the bytes and empties b; keeps the limit.  Nothing to an empty b. */
KITH_API void kith_buf_free(struct kith_buf *b);

/* Big-endian numbers at p. */
static inline uint16_t kith_be16(const uint8_t *p)
{
	return (uint16_t)(p[0] << 8 | p[1]);
}

static inline uint32_t kith_be32(const uint8_t *p)
{
	return (uint32_t)p[0] << 24 | (uint32_t)p[1] << 16 |
	       (uint32_t)p[2] << 8 | p[3];
}

static inline uint64_t kith_be64(const uint8_t *p)
{
	return (uint64_t)kith_be32(p) << 32 | kith_be32(p + 4);
}

static inline void kith_put_be16(uint8_t *p, uint16_t v)
{
	p[0] = (uint8_t)(v >> 8);
	p[1] = (uint8_t)v;
}

static inline void kith_put_be32(uint8_t *p, uint32_t v)
{
	kith_put_be16(p, (uint16_t)(v >> 16));
	kith_put_be16(p + 2, (uint16_t)v);
}

static inline void kith_put_be64(uint8_t *p, uint64_t v)
{
	kith_put_be32(p, (uint32_t)(v >> 32));
	kith_put_be32(p + 4, (uint32_t)v);
}

#endif
