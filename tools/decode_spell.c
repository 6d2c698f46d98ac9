/* Texts cut up, and bytes in the spellings that people pass on. */
#include "tools/decode_private.h"

#include "feeds/base64.h"

static bool is_space(uint8_t c)
{
	return c == ' ' || c == '\n' || c == '\t' || c == '\r';
}

struct kith_slice decode_trim(struct kith_slice s)
{
	while (s.n && is_space(s.p[0])) {
		s.p++;
		s.n--;
	}
	while (s.n && is_space(s.p[s.n - 1]))
		s.n--;
	return s;
}

bool decode_starts(struct kith_slice s, const char *with)
{
	size_t n = strlen(with);

	return s.n >= n && !memcmp(s.p, with, n);
}

bool decode_ends(struct kith_slice s, const char *with)
{
	size_t n = strlen(with);

	return s.n >= n && !memcmp(s.p + s.n - n, with, n);
}

bool decode_has(struct kith_slice s, char c)
{
	return s.n && memchr(s.p, c, s.n);
}

size_t decode_find(struct kith_slice s, const char *text)
{
	size_t n = strlen(text);

	for (size_t i = 0; n <= s.n && i <= s.n - n; i++)
		if (!memcmp(s.p + i, text, n))
			return i;
	return s.n;
}

bool decode_cut(struct kith_slice s, char separator, struct kith_slice *before,
		struct kith_slice *after)
{
	const uint8_t *at = s.n ? memchr(s.p, separator, s.n) : NULL;
	size_t n = at ? (size_t)(at - s.p) : s.n;

	*before = (struct kith_slice){ s.p, n };
	*after = at ? (struct kith_slice){ at + 1, s.n - n - 1 }
		    : (struct kith_slice){ s.n ? s.p + s.n : s.p, 0 };
	return at;
}

static int hex_digit(uint8_t c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	c |= 0x20;
	return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

static bool give_up(struct kith_buf *out, size_t had)
{
	out->n = had;
	return false;
}

/* As dumps have it, too: white space or colons between bytes, 0x in front. */
bool decode_from_hex(struct kith_slice s, struct kith_buf *out)
{
	size_t had = out->n;
	int high, low;

	if (decode_starts(s, "0x")) {
		s.p += 2;
		s.n -= 2;
	}
	for (size_t i = 0; i < s.n; i++) {
		if (is_space(s.p[i]) || (s.p[i] == ':' && out->n > had))
			continue;
		high = hex_digit(s.p[i]);
		low = i + 1 < s.n ? hex_digit(s.p[++i]) : -1;
		if (high < 0 || low < 0)
			return give_up(out, had);
		kith_buf_byte(out, (uint8_t)(high << 4 | low));
	}
	return out->n > had;
}

static int base32_digit(uint8_t c)
{
	if (c >= '2' && c <= '7')
		return c - '2' + 26;
	c |= 0x20;
	return c >= 'a' && c <= 'z' ? c - 'a' : -1;
}

/* What is left over after the last whole byte is zero. */
bool decode_from_base32(struct kith_slice s, struct kith_buf *out)
{
	size_t had = out->n;
	uint32_t bits = 0;
	unsigned count = 0;
	int digit;

	while (s.n && s.p[s.n - 1] == '=')
		s.n--;
	for (size_t i = 0; i < s.n; i++) {
		digit = base32_digit(s.p[i]);
		if (digit < 0)
			return give_up(out, had);
		bits = (bits << 5 | (uint32_t)digit) & 0xfff;
		count += 5;
		if (count < 8)
			continue;
		count -= 8;
		kith_buf_byte(out, (uint8_t)(bits >> count));
	}
	if (count >= 5 || bits & ((1u << count) - 1))
		return give_up(out, had);
	return out->n > had;
}

static int base64_digit(uint8_t c)
{
	if (c >= 'A' && c <= 'Z')
		return c - 'A';
	if (c >= 'a' && c <= 'z')
		return c - 'a' + 26;
	if (c >= '0' && c <= '9')
		return c - '0' + 52;
	return c == '+' || c == '-' ? 62 : c == '/' || c == '_' ? 63 : -1;
}

bool decode_from_base64(struct kith_slice s, struct kith_buf *out)
{
	size_t had = out->n;
	uint32_t bits = 0;
	unsigned count = 0;
	int digit;

	for (int i = 0; i < 2 && s.n && s.p[s.n - 1] == '='; i++)
		s.n--;
	for (size_t i = 0; i < s.n; i++) {
		digit = base64_digit(s.p[i]);
		if (digit < 0)
			return give_up(out, had);
		bits = (bits << 6 | (uint32_t)digit) & 0x3fff;
		count += 6;
		if (count < 8)
			continue;
		count -= 8;
		kith_buf_byte(out, (uint8_t)(bits >> count));
	}
	if (count >= 6 || bits & ((1u << count) - 1))
		return give_up(out, had);
	return out->n > had;
}

void decode_from_percent(struct kith_slice s, struct kith_buf *out)
{
	int high, low;

	for (size_t i = 0; i < s.n; i++) {
		high = s.p[i] == '%' && s.n - i > 2 ? hex_digit(s.p[i + 1])
						    : -1;
		low = high < 0 ? -1 : hex_digit(s.p[i + 2]);
		if (low < 0) {
			kith_buf_byte(out, s.p[i]);
			continue;
		}
		kith_buf_byte(out, (uint8_t)(high << 4 | low));
		i += 2;
	}
}
