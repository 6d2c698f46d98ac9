#include "tools/draw/bars.h"

#include <langinfo.h>
#include <locale.h>
#include <string.h>

enum { EIGHTHS = 8, DIGITS = 9 };

enum bars bars_style(void)
{
	locale_t here = newlocale(LC_CTYPE_MASK, "", (locale_t)0);
	enum bars style = BARS_HASHES;

	if (here == (locale_t)0)
		return style;
	if (!strcmp(nl_langinfo_l(CODESET, here), "UTF-8"))
		style = BARS_EIGHTHS;
	freelocale(here);
	return style;
}

/* How many of steps value has of most, rounded; 1 at least where it is any. */
static size_t steps_of(uint64_t value, uint64_t most, size_t steps)
{
	double share = most ? (double)value / (double)most : 0;
	size_t n = share >= 1 ? steps : (size_t)(share * (double)steps + 0.5);

	return value && most && !n && steps ? 1 : n;
}

static void put_eighth(struct kith_buf *out, const char *last_byte)
{
	kith_buf_text(out, "\xe2\x96");
	kith_buf_text(out, last_byte);
}

/* U+2588 is whole, U+2589 seven eighths, U+258F one. */
static void put_blocks(struct kith_buf *out, size_t eighths)
{
	static const char *const parts[EIGHTHS] = {
		"", "\x8f", "\x8e", "\x8d", "\x8c", "\x8b", "\x8a", "\x89",
	};

	for (; eighths >= EIGHTHS; eighths -= EIGHTHS)
		put_eighth(out, "\x88");
	if (eighths)
		put_eighth(out, parts[eighths]);
}

void bars_put(struct kith_buf *out, enum bars style, uint64_t value,
	      uint64_t most, size_t columns, bool pad)
{
	size_t per = style == BARS_EIGHTHS ? EIGHTHS : 1;
	size_t n = steps_of(value, most, columns * per);

	if (style == BARS_EIGHTHS)
		put_blocks(out, n);
	else
		for (size_t i = 0; i < n; i++)
			kith_buf_byte(out, '#');
	for (size_t used = (n + per - 1) / per; pad && used < columns; used++)
		kith_buf_byte(out, ' ');
}

/* U+2581 is one eighth high, U+2588 eight. */
static void put_height(struct kith_buf *out, size_t eighths)
{
	static const char *const heights[EIGHTHS + 1] = {
		"",	"\x81", "\x82", "\x83", "\x84",
		"\x85", "\x86", "\x87", "\x88",
	};

	if (eighths)
		put_eighth(out, heights[eighths]);
	else
		kith_buf_byte(out, ' ');
}

void bars_put_line(struct kith_buf *out, enum bars style,
		   const uint64_t *values, size_t n)
{
	uint64_t most = 0;

	for (size_t i = 0; i < n; i++)
		most = values[i] > most ? values[i] : most;
	for (size_t i = 0; i < n; i++) {
		if (style == BARS_EIGHTHS) {
			put_height(out, steps_of(values[i], most, EIGHTHS));
			continue;
		}
		size_t digit = steps_of(values[i], most, DIGITS);

		kith_buf_byte(out, digit ? (uint8_t)('0' + digit) : ' ');
	}
}
