/* Texts cut up, and bytes in the spellings that people pass on. */
#include "tools/wire/decode_private.h"

#include "feeds/base64.h"
#include "feeds/digits.h"

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

/* Of so many bits a digit, the highest first.  What is left over after the last
 * whole byte is less than a digit, and zero. */
static bool from_digits(struct kith_slice s, unsigned bits,
			int (*digit_of)(uint8_t c), struct kith_buf *out)
{
	size_t had = out->n;
	uint32_t held = 0;
	unsigned count = 0;
	int digit;

	for (size_t i = 0; i < s.n; i++) {
		digit = digit_of(s.p[i]);
		if (digit < 0)
			return give_up(out, had);
		held = (held << bits | (uint32_t)digit) & 0xffff;
		count += bits;
		if (count < 8)
			continue;
		count -= 8;
		kith_buf_byte(out, (uint8_t)(held >> count));
	}
	if (count >= bits || held & ((1u << count) - 1))
		return give_up(out, had);
	return out->n > had;
}

bool decode_from_base32(struct kith_slice s, struct kith_buf *out)
{
	while (s.n && s.p[s.n - 1] == '=')
		s.n--;
	return from_digits(s, 5, base32_digit, out);
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
	for (int i = 0; i < 2 && s.n && s.p[s.n - 1] == '='; i++)
		s.n--;
	return from_digits(s, 6, base64_digit, out);
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
