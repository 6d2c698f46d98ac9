#include "feeds/channel.h"

#include "feeds/casing.h"

enum {
	REPLACEMENT = 0xfffd,
	CAPITAL_I_DOT = 0x130, /* two characters in lower case */
	COMBINING_DOT = 0x307,
	CAPITAL_SIGMA = 0x3a3, /* its lower case depends on what is around */
	FINAL_SIGMA = 0x3c2
};

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

/* Length of the character that starts with this byte; 1 if none does. */
static size_t length_of(uint8_t first)
{
	if (first < 0xc2 || first > 0xf4)
		return 1;
	return first < 0xe0 ? 2 : first < 0xf0 ? 3 : 4;
}

/* The character at *at, moving *at behind it. */
static uint32_t next_char(struct kith_slice s, size_t *at)
{
	static const uint32_t least[] = { 0, 0, 0x80, 0x800, 0x10000 };
	const uint8_t *p = s.p + *at;
	size_t n = length_of(*p);
	uint32_t c = n == 1 ? *p : *p & (0x7fu >> n);

	if (n > s.n - *at || (n == 1 && *p >= 0x80)) {
		++*at;
		return REPLACEMENT;
	}
	for (size_t i = 1; i < n; i++) {
		if ((p[i] & 0xc0) != 0x80) {
			++*at;
			return REPLACEMENT;
		}
		c = c << 6 | (p[i] & 0x3f);
	}
	*at += n;
	if (c < least[n] || c > 0x10ffff || (c >= 0xd800 && c <= 0xdfff))
		return REPLACEMENT;
	return c;
}

static bool in_ranges(uint32_t c, const struct casing_range *ranges, size_t n)
{
	size_t low = 0;

	while (low < n) {
		size_t middle = low + (n - low) / 2;

		if (c > ranges[middle].last)
			low = middle + 1;
		else if (c < ranges[middle].first)
			n = middle;
		else
			return true;
	}
	return false;
}

static bool is_ignorable(uint32_t c)
{
	return in_ranges(c, casing_ignorable, COUNT(casing_ignorable));
}

static bool is_cased(uint32_t c)
{
	return in_ranges(c, casing_cased, COUNT(casing_cased));
}

static uint32_t lower(uint32_t c)
{
	for (size_t i = 0; i < COUNT(casing_lower); i++) {
		const struct casing_run *run = &casing_lower[i];

		if (c < run->first)
			return c;
		if (c <= run->last && (c - run->first) % run->step == 0)
			return c + (uint32_t)run->delta;
	}
	return c;
}

/* A letter comes next: the sigma before is not the last of its word. */
static bool word_goes_on(struct kith_slice s, size_t at)
{
	while (at < s.n) {
		uint32_t c = next_char(s, &at);

		if (!is_ignorable(c))
			return is_cased(c);
	}
	return false;
}

static bool is_left_out(uint32_t c)
{
	if (c < 0x80)
		return c == ' ' || (c >= '\t' && c <= '\r') ||
		       (c && strchr(",.?!<>()[]\"#", (int)c));
	return c == 0xa0 || c == 0x1680 || (c >= 0x2000 && c <= 0x200a) ||
	       c == 0x2028 || c == 0x2029 || c == 0x202f || c == 0x205f ||
	       c == 0x3000 || c == 0xfeff;
}

static size_t put_char(char *out, uint32_t c)
{
	size_t n = c < 0x80 ? 1 : c < 0x800 ? 2 : c < 0x10000 ? 3 : 4;

	if (n == 1) {
		out[0] = (char)c;
		return 1;
	}
	for (size_t i = n - 1; i > 0; i--, c >>= 6)
		out[i] = (char)(0x80 | (c & 0x3f));
	out[0] = (char)((0xf0u << (4 - n)) | c);
	return n;
}

/* What is written so far. */
struct name {
	char *text;
	size_t n, units;
};

static void add_char(struct name *name, uint32_t c)
{
	size_t units = c < 0x10000 ? 1 : 2;

	if (name->units == CHANNEL_UNITS_MAX || is_left_out(c))
		return;
	if (units > CHANNEL_UNITS_MAX - name->units)
		c = REPLACEMENT;
	name->n += put_char(name->text + name->n, c);
	name->units += c < 0x10000 ? 1 : 2;
}

size_t channel_normalize(struct kith_slice s,
			 char out[static CHANNEL_TEXT_BYTES])
{
	struct name name = { out, 0, 0 };
	bool in_word = false; /* Unicode, section 3.13, Final_Sigma */
	size_t at = 0;

	while (at < s.n && name.units < CHANNEL_UNITS_MAX) {
		uint32_t c = next_char(s, &at);

		if (c == CAPITAL_SIGMA && in_word && !word_goes_on(s, at)) {
			add_char(&name, FINAL_SIGMA);
		} else if (c == CAPITAL_I_DOT) {
			add_char(&name, 'i');
			add_char(&name, COMBINING_DOT);
		} else {
			add_char(&name, lower(c));
		}
		if (!is_ignorable(c))
			in_word = is_cased(c);
	}
	out[name.n] = '\0';
	return name.n;
}
