#include "feeds/json_scan.h"

#include "feeds/digits.h"

static bool is_tail(uint8_t c)
{
	return (c & 0xc0) == 0x80;
}

/* The second byte is what rules out overlong forms, surrogates and what lies
 * above U+10FFFF. */
static bool second_fits(uint8_t first, uint8_t second)
{
	switch (first) {
	case 0xe0: return second >= 0xa0 && second < 0xc0;
	case 0xed: return second >= 0x80 && second < 0xa0;
	case 0xf0: return second >= 0x90 && second < 0xc0;
	case 0xf4: return second >= 0x80 && second < 0x90;
	default: return is_tail(second);
	}
}

size_t json_utf8_bytes(const uint8_t *p, const uint8_t *end)
{
	size_t n = p < end ? (p[0] >= 0xf0 ? 4 : p[0] >= 0xe0 ? 3 : 2) : 0;

	if (n == 0 || p[0] < 0xc2 || p[0] > 0xf4 || (size_t)(end - p) < n ||
	    !second_fits(p[0], p[1]))
		return 0;
	for (size_t i = 2; i < n; i++)
		if (!is_tail(p[i]))
			return 0;
	return n;
}

/* Writes code point c, of 0x80 and above, as UTF-8; returns its bytes. */
static size_t put_utf8(uint32_t c, uint8_t out[static 4])
{
	static const uint8_t lead[] = { 0, 0, 0xc0, 0xe0, 0xf0 };
	size_t n = c < 0x800 ? 2 : c < 0x10000 ? 3 : 4;

	for (size_t i = n - 1; i > 0; i--) {
		out[i] = (uint8_t)(0x80 | (c & 0x3f));
		c >>= 6;
	}
	out[0] = (uint8_t)(lead[n] | c);
	return n;
}

/* The letter of a short escape and its unit, side by side. */
static const uint8_t short_escapes[] = "\"\"\\\\//b\bf\fn\nr\rt\t";

size_t json_escape(const uint8_t *p, const uint8_t *end, uint16_t *unit)
{
	unsigned u = 0;

	if (end - p < 2 || p[0] != '\\')
		return 0;
	for (size_t i = 0; i < sizeof(short_escapes) - 1; i += 2) {
		if (p[1] != short_escapes[i])
			continue;
		*unit = short_escapes[i + 1];
		return 2;
	}
	if (p[1] != 'u' || end - p < JSON_ESCAPE_BYTES)
		return 0;
	for (size_t i = 2; i < JSON_ESCAPE_BYTES; i++) {
		int digit = hex_digit(p[i]);

		if (digit < 0)
			return 0;
		u = u << 4 | (unsigned)digit;
	}
	*unit = (uint16_t)u;
	return JSON_ESCAPE_BYTES;
}

static bool has_short_escape(uint16_t unit, uint8_t *letter)
{
	for (size_t i = 0; i < sizeof(short_escapes) - 1; i += 2) {
		if (unit != short_escapes[i + 1] || unit == '/')
			continue;
		*letter = short_escapes[i];
		return true;
	}
	return false;
}

size_t json_put_escape(uint16_t unit, uint8_t out[static JSON_ESCAPE_BYTES])
{
	static const char hex[] = "0123456789abcdef";

	out[0] = '\\';
	if (has_short_escape(unit, &out[1]))
		return 2;
	if (unit >= 0x20 && !json_is_high(unit) && !json_is_low(unit))
		return 0;
	out[1] = 'u';
	for (size_t i = 0; i < 4; i++)
		out[2 + i] = (uint8_t)hex[unit >> (12 - 4 * i) & 15];
	return JSON_ESCAPE_BYTES;
}

static const uint8_t *skip_digits(const uint8_t *p, const uint8_t *end)
{
	while (p < end && *p >= '0' && *p <= '9')
		p++;
	return p;
}

size_t json_number_bytes(const uint8_t *start, const uint8_t *end)
{
	const uint8_t *p = start, *from;

	if (p < end && *p == '-')
		p++;
	from = p;
	p = skip_digits(p, end);
	if (p == from || (*from == '0' && p - from > 1))
		return 0;
	if (p < end && *p == '.') {
		from = ++p;
		p = skip_digits(p, end);
		if (p == from)
			return 0;
	}
	if (p < end && (*p | 0x20) == 'e') {
		p++;
		if (p < end && (*p == '+' || *p == '-'))
			p++;
		from = p;
		p = skip_digits(p, end);
		if (p == from)
			return 0;
	}
	return (size_t)(p - start);
}

size_t json_word_bytes(const uint8_t *p, const uint8_t *end)
{
	static const struct kith_slice words[] = {
		{ (const uint8_t *)"null", 4 },
		{ (const uint8_t *)"true", 4 },
		{ (const uint8_t *)"false", 5 },
	};

	for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++)
		if ((size_t)(end - p) >= words[i].n &&
		    !memcmp(p, words[i].p, words[i].n))
			return words[i].n;
	return 0;
}

static bool escaped_char(const uint8_t *p, const uint8_t *end,
			 struct json_char *out)
{
	uint16_t unit = 0, low = 0;
	uint32_t c;

	out->bytes = json_escape(p, end, &unit);
	if (!out->bytes)
		return false;
	c = unit;
	if (json_is_high(unit) &&
	    json_escape(p + out->bytes, end, &low) && json_is_low(low)) {
		out->bytes *= 2;
		c = 0x10000 + ((c & 0x3ff) << 10) + (low & 0x3ff);
	} else if (json_is_high(unit) || json_is_low(unit)) {
		out->lone = unit;
		return true;
	}
	if (c < 0x80)
		out->text[0] = (uint8_t)c;
	out->text_bytes = c < 0x80 ? 1 : (uint8_t)put_utf8(c, out->text);
	return true;
}

bool json_next_char(const uint8_t *p, const uint8_t *end,
		    struct json_char *out)
{
	*out = (struct json_char){ .bytes = 1 };
	if (*p == '\\')
		return escaped_char(p, end, out);
	if (*p >= 0x80)
		out->bytes = json_utf8_bytes(p, end);
	else if (!json_is_plain(*p))
		return false;
	memcpy(out->text, p, out->bytes);
	out->text_bytes = (uint8_t)out->bytes;
	return out->bytes > 0;
}

int64_t json_index(struct kith_slice name)
{
	int64_t n = 0;

	if (name.n == 0 || name.n > 10 || (name.p[0] == '0' && name.n > 1))
		return -1;
	for (size_t i = 0; i < name.n; i++) {
		if (name.p[i] < '0' || name.p[i] > '9')
			return -1;
		n = n * 10 + (name.p[i] - '0');
	}
	return n < INT64_C(4294967295) ? n : -1;
}
