/*
 * The tokens of JSON, for the checker, the walkers and the printers.
 *
 * Every function reads only from p up to end, whatever stands there.
 * Format: RFC 8259; protocol/10 section 2.1 for canonical strings.
 */
#ifndef FEEDS_JSON_SCAN_H
#define FEEDS_JSON_SCAN_H

#include "feeds/bytes.h"

/* Longest escape of one unit. */
enum { JSON_ESCAPE_BYTES = 6 };

#define JSON_EACH_BYTE(b) (UINT64_C(0x0101010101010101) * (b))

/* Eight bytes at p, the first lowest; compilers make one load of it. */
static inline uint64_t json_le64(const uint8_t *p)
{
	return (uint64_t)p[0] | (uint64_t)p[1] << 8 | (uint64_t)p[2] << 16 |
	       (uint64_t)p[3] << 24 | (uint64_t)p[4] << 32 |
	       (uint64_t)p[5] << 40 | (uint64_t)p[6] << 48 |
	       (uint64_t)p[7] << 56;
}

/* The top bit of each byte of eight that is zero; right up to the first. */
static inline uint64_t json_zero_bytes(uint64_t eight)
{
	return (eight - JSON_EACH_BYTE(1)) & ~eight & JSON_EACH_BYTE(0x80);
}

/* The byte stands for itself in a string and is one unit. */
static inline bool json_is_plain(uint8_t c)
{
	return c >= 0x20 && c < 0x80 && c != '"' && c != '\\';
}

/* How many plain bytes stand at p. */
static inline size_t json_plain_run(const uint8_t *p, const uint8_t *end)
{
	const uint8_t *start = p;

	for (; end - p >= 8; p += 8) {
		uint64_t eight = json_le64(p);
		uint64_t stop =
			(eight & JSON_EACH_BYTE(0x80)) |
			((eight - JSON_EACH_BYTE(0x20)) & ~eight &
			 JSON_EACH_BYTE(0x80)) |
			json_zero_bytes(eight ^ JSON_EACH_BYTE('"')) |
			json_zero_bytes(eight ^ JSON_EACH_BYTE('\\'));

		if (stop)
			return (size_t)(p - start) +
			       (size_t)__builtin_ctzll(stop) / 8;
	}
	while (p < end && json_is_plain(*p))
		p++;
	return (size_t)(p - start);
}

static inline bool json_is_space(uint8_t c)
{
	return c == ' ' || c == '\n' || c == '\t' || c == '\r';
}

static inline const uint8_t *json_skip_space(const uint8_t *p,
					     const uint8_t *end)
{
	while (p < end && json_is_space(*p))
		p++;
	return p;
}

/* Bytes of the UTF-8 sequence of two to four bytes at p; 0 if it is none. */
size_t json_utf8_bytes(const uint8_t *p, const uint8_t *end);

/* Bytes of the escape at p (2 or 6), and the unit that it stands for; 0 if
 * it is none. */
size_t json_escape(const uint8_t *p, const uint8_t *end, uint16_t *unit);

/* Writes the escape that V8 prints for unit; 0 if it prints none. */
size_t json_put_escape(uint16_t unit, uint8_t out[static JSON_ESCAPE_BYTES]);

/* Bytes of the number at p, which may be the start of a longer word; 0 if
 * none starts there. */
size_t json_number_bytes(const uint8_t *p, const uint8_t *end);

/* Bytes of true, false or null at p; 0 if it is none of them. */
size_t json_word_bytes(const uint8_t *p, const uint8_t *end);

static inline bool json_is_high(uint16_t unit)
{
	return (unit & 0xfc00) == 0xd800;
}

static inline bool json_is_low(uint16_t unit)
{
	return (unit & 0xfc00) == 0xdc00;
}

/* What one step through the inside of a string found. */
struct json_char {
	size_t bytes;	   /* taken from the text */
	uint16_t lone;	   /* a lone surrogate; text is empty then */
	uint8_t text[4];   /* else UTF-8 of text_bytes */
	uint8_t text_bytes;
};

/* Takes one character, escaped or not, from p < end inside a string; false
 * if it is malformed or the closing quote. */
bool json_next_char(const uint8_t *p, const uint8_t *end,
		    struct json_char *out);

/* The integer that a member's name spells, if V8 counts it as an index of an
 * array (0 to 2^32 - 2, no leading zero); -1 otherwise. */
int64_t json_index(struct kith_slice name);

#endif
