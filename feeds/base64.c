#include "feeds/base64.h"

enum { VALID = 0x40, VALUE = 0x3f };

static const char alphabet[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
			       "abcdefghijklmnopqrstuvwxyz0123456789+/";

/* Each character of the alphabet with VALID and its value; others are zero. */
#define V(n) (VALID | (n))
static const uint8_t reverse[256] = {
	['A'] = V(0),  ['B'] = V(1),  ['C'] = V(2),  ['D'] = V(3),
	['E'] = V(4),  ['F'] = V(5),  ['G'] = V(6),  ['H'] = V(7),
	['I'] = V(8),  ['J'] = V(9),  ['K'] = V(10), ['L'] = V(11),
	['M'] = V(12), ['N'] = V(13), ['O'] = V(14), ['P'] = V(15),
	['Q'] = V(16), ['R'] = V(17), ['S'] = V(18), ['T'] = V(19),
	['U'] = V(20), ['V'] = V(21), ['W'] = V(22), ['X'] = V(23),
	['Y'] = V(24), ['Z'] = V(25), ['a'] = V(26), ['b'] = V(27),
	['c'] = V(28), ['d'] = V(29), ['e'] = V(30), ['f'] = V(31),
	['g'] = V(32), ['h'] = V(33), ['i'] = V(34), ['j'] = V(35),
	['k'] = V(36), ['l'] = V(37), ['m'] = V(38), ['n'] = V(39),
	['o'] = V(40), ['p'] = V(41), ['q'] = V(42), ['r'] = V(43),
	['s'] = V(44), ['t'] = V(45), ['u'] = V(46), ['v'] = V(47),
	['w'] = V(48), ['x'] = V(49), ['y'] = V(50), ['z'] = V(51),
	['0'] = V(52), ['1'] = V(53), ['2'] = V(54), ['3'] = V(55),
	['4'] = V(56), ['5'] = V(57), ['6'] = V(58), ['7'] = V(59),
	['8'] = V(60), ['9'] = V(61), ['+'] = V(62), ['/'] = V(63),
};
#undef V

void base64_encode(struct kith_slice in, char *out)
{
	const uint8_t *p = in.p;
	size_t n = in.n;

	for (; n >= 3; n -= 3, p += 3, out += 4) {
		out[0] = alphabet[p[0] >> 2];
		out[1] = alphabet[(p[0] << 4 | p[1] >> 4) & VALUE];
		out[2] = alphabet[(p[1] << 2 | p[2] >> 6) & VALUE];
		out[3] = alphabet[p[2] & VALUE];
	}
	if (n == 0)
		return;
	out[0] = alphabet[p[0] >> 2];
	out[1] = alphabet[(p[0] << 4 | (n == 2 ? p[1] >> 4 : 0)) & VALUE];
	out[2] = '=';
	out[3] = '=';
	if (n == 2)
		out[2] = alphabet[(p[1] << 2) & VALUE];
}

/* Three bytes from four characters; the result tells by VALID whether all
 * four were of the alphabet. */
static inline uint8_t decode_group(const uint8_t *text, uint8_t *out)
{
	uint8_t a = reverse[text[0]], b = reverse[text[1]];
	uint8_t c = reverse[text[2]], d = reverse[text[3]];

	out[0] = (uint8_t)(a << 2 | (b & VALUE) >> 4);
	out[1] = (uint8_t)(b << 4 | (c & VALUE) >> 2);
	out[2] = (uint8_t)(c << 6 | (d & VALUE));
	return a & b & c & d;
}

/* The bytes that a padded group stands for, 1 or 2; 0 if it is not canonical:
 * the bits that no byte takes must be zero. */
static size_t padded_group(const uint8_t *text, uint8_t out[static 2])
{
	uint8_t a = reverse[text[0]], b = reverse[text[1]];
	uint8_t c = reverse[text[2]];

	if (!(a & b & VALID) || text[3] != '=')
		return 0;
	out[0] = (uint8_t)(a << 2 | (b & VALUE) >> 4);
	out[1] = (uint8_t)(b << 4 | (c & VALUE) >> 2);
	if (text[2] == '=')
		return b & 0x0f ? 0 : 1;
	return (c & VALID) && !(c & 0x03) ? 2 : 0;
}

bool base64_decode(struct kith_slice text, uint8_t *out, size_t n)
{
	const uint8_t *p = text.p;
	uint8_t valid = VALID, tail[2];

	if (text.n / 4 != n / 3 + (n % 3 != 0) || text.n % 4 != 0)
		return false;
	for (; n >= 3; n -= 3, p += 4, out += 3)
		valid &= decode_group(p, out);
	if (!valid || n == 0)
		return valid;
	if (padded_group(p, tail) != n)
		return false;
	memcpy(out, tail, n);
	return true;
}

size_t base64_span(struct kith_slice text)
{
	size_t at = 0;
	uint8_t bytes[3];

	while (text.n - at >= 4 && decode_group(text.p + at, bytes))
		at += 4;
	if (text.n - at >= 4 && padded_group(text.p + at, bytes))
		at += 4;
	return at;
}
