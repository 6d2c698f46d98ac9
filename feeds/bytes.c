#include "feeds/bytes.h"

#include <stdlib.h>

enum { FIRST_CAPACITY = 64 };

static bool grow(struct kith_buf *b, size_t need)
{
	size_t cap = b->cap ? b->cap : FIRST_CAPACITY;
	uint8_t *p;

	while (cap < need)
		cap = cap > b->limit / 2 ? b->limit : cap * 2;
	p = realloc(b->p, cap);
	if (!p) {
		b->err = KITH_ENOMEM;
		return false;
	}
	b->p = p;
	b->cap = cap;
	return true;
}

uint8_t *kith_buf_reserve(struct kith_buf *b, size_t more)
{
	if (b->err)
		return NULL;
	if (more > b->limit - b->n) {
		b->err = KITH_ETOOBIG;
		return NULL;
	}
	if ((b->n + more > b->cap || !b->p) && !grow(b, b->n + more))
		return NULL;
	return b->p + b->n;
}

void kith_buf_put(struct kith_buf *b, struct kith_slice s)
{
	uint8_t *to = s.n ? kith_buf_reserve(b, s.n) : NULL;

	if (!to)
		return;
	memcpy(to, s.p, s.n);
	b->n += s.n;
}

void kith_buf_byte(struct kith_buf *b, uint8_t byte)
{
	kith_buf_put(b, (struct kith_slice){ &byte, 1 });
}

void kith_buf_text(struct kith_buf *b, const char *text)
{
	kith_buf_put(b, kith_text(text));
}

void kith_buf_uint(struct kith_buf *b, uint64_t n)
{
	uint8_t digits[20];
	size_t at = sizeof(digits);

	do {
		digits[--at] = (uint8_t)('0' + n % 10);
		n /= 10;
	} while (n);
	kith_buf_put(b, (struct kith_slice){ digits + at,
					     sizeof(digits) - at });
}

void kith_buf_int(struct kith_buf *b, int64_t n)
{
	if (n < 0)
		kith_buf_byte(b, '-');
	kith_buf_uint(b, n < 0 ? 0 - (uint64_t)n : (uint64_t)n);
}

void kith_buf_hex(struct kith_buf *b, struct kith_slice bytes)
{
	static const char digits[] = "0123456789abcdef";

	for (size_t i = 0; i < bytes.n; i++) {
		kith_buf_byte(b, (uint8_t)digits[bytes.p[i] >> 4]);
		kith_buf_byte(b, (uint8_t)digits[bytes.p[i] & 15]);
	}
}

void kith_buf_take(struct kith_buf *b, struct kith_slice *in, size_t want)
{
	size_t n = want < in->n ? want : in->n;

	kith_buf_put(b, (struct kith_slice){ in->p, n });
	if (b->err || !n)
		return;
	in->p += n;
	in->n -= n;
}

void kith_buf_drop(struct kith_buf *b, size_t n)
{
	if (n && n < b->n)
		memmove(b->p, b->p + n, b->n - n);
	b->n -= n;
}

void kith_buf_free(struct kith_buf *b)
{
	free(b->p);
	b->p = NULL;
	b->n = b->cap = 0;
	b->err = KITH_OK;
}
