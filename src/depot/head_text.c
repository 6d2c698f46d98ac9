#include "src/depot/head_text.h"

#include "src/depot/hex.h"
#include "src/store/crc32c.h"

enum { CRC_CHARS = 8, END_BYTES = 4 + CRC_CHARS + 1 };

static void print_end(struct kith_slice before, uint8_t out[static END_BYTES])
{
	struct crc32c c;
	uint8_t crc[4];

	crc32c_init(&c);
	kith_put_be32(crc, crc32c(&c, 0, before));
	memcpy(out, "end ", 4);
	hex_put(out + 4, crc, sizeof(crc));
	out[END_BYTES - 1] = '\n';
}

void head_text_end(struct kith_buf *out, size_t start)
{
	uint8_t end[END_BYTES];

	if (out->err)
		return;
	print_end((struct kith_slice){ out->p + start, out->n - start }, end);
	kith_buf_put(out, (struct kith_slice){ end, sizeof(end) });
}

void head_text_put(struct kith_buf *out, const char *word, uint64_t n)
{
	kith_buf_text(out, word);
	kith_buf_byte(out, ' ');
	kith_buf_uint(out, n);
	kith_buf_byte(out, '\n');
}

enum kith_err head_text_open(struct head_text *t, struct kith_slice all,
			     struct kith_error *e)
{
	uint8_t end[END_BYTES];

	*t = (struct head_text){ .all = all, .rest = all, .e = e };
	if (all.n < END_BYTES)
		return kith_fail(e, KITH_EFORMAT, all.n, "it is cut off");
	t->rest.n -= END_BYTES;
	print_end(t->rest, end);
	if (!memcmp(all.p + t->rest.n, end, END_BYTES))
		return KITH_OK;
	return kith_fail(e, KITH_EFORMAT, t->rest.n,
			 "its checksum is wrong or missing");
}

void head_text_fail(struct head_text *t, const char *expected)
{
	if (!t->err)
		t->err = kith_fail(t->e, KITH_EFORMAT,
				   (size_t)(t->rest.p - t->all.p),
				   "%s is expected", expected);
}

bool head_text_take(struct head_text *t, const char *bytes)
{
	size_t n = strlen(bytes);

	if (t->err || t->rest.n < n || memcmp(t->rest.p, bytes, n) != 0)
		return false;
	t->rest.p += n;
	t->rest.n -= n;
	return true;
}

void head_text_need(struct head_text *t, const char *bytes)
{
	if (!head_text_take(t, bytes))
		head_text_fail(t, *bytes == '\n' ? "a line's end" : bytes);
}

uint64_t head_text_number(struct head_text *t, uint64_t most)
{
	uint64_t n = 0;
	size_t i = 0;

	for (; i < t->rest.n && t->rest.p[i] >= '0' && t->rest.p[i] <= '9';
	     i++) {
		unsigned digit = t->rest.p[i] - '0';

		if (n > (most - digit) / 10 || (i && t->rest.p[0] == '0'))
			break;
		n = n * 10 + digit;
	}
	if (t->err || !i || (i < t->rest.n && t->rest.p[i] >= '0' &&
			     t->rest.p[i] <= '9')) {
		head_text_fail(t, "a number");
		return 0;
	}
	t->rest.p += i;
	t->rest.n -= i;
	return n;
}

struct kith_slice head_text_until(struct head_text *t, char stop, size_t most)
{
	size_t n = t->rest.n < most ? t->rest.n : most + 1;
	const uint8_t *end = n ? memchr(t->rest.p, stop, n) : NULL;
	struct kith_slice word = { t->rest.p, 0 };

	if (t->err || !end) {
		head_text_fail(t, "an end");
		return word;
	}
	word.n = (size_t)(end - t->rest.p);
	t->rest.p += word.n + 1;
	t->rest.n -= word.n + 1;
	return word;
}

enum kith_err head_text_close(struct head_text *t)
{
	if (!t->err && t->rest.n)
		head_text_fail(t, "nothing more");
	return t->err;
}
