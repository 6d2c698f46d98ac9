#include "tools/text/text.h"

#include <math.h>
#include <stdlib.h>
#include <sys/ioctl.h>
#include <time.h>
#include <unistd.h>

#include "feeds/ref.h"
#include "tools/text/width.h"

enum { COLUMNS_ELSEWHERE = 100, COLUMNS_MIN = 40 };

struct range {
	uint32_t first, last;
};

/* Controls, line separators, and what reorders or hides text. */
static const struct range unsafe[] = {
	{ 0x00, 0x1f },	    { 0x7f, 0x9f },	{ 0xad, 0xad },
	{ 0x61c, 0x61c },   { 0x180e, 0x180e }, { 0x200b, 0x200b },
	{ 0x200e, 0x200f }, { 0x2028, 0x202e }, { 0x2060, 0x206f },
	{ 0xfeff, 0xfeff }, { 0xfff9, 0xfffb }, { 0xe0000, 0xe007f },
};

static bool is_unsafe(uint32_t c)
{
	for (size_t i = 0; i < sizeof(unsafe) / sizeof(*unsafe); i++)
		if (c >= unsafe[i].first && c <= unsafe[i].last)
			return true;
	return false;
}

static bool continues(struct kith_slice s, size_t i)
{
	return i < s.n && (s.p[i] & 0xc0) == 0x80;
}

bool text_take(struct kith_slice *s, uint32_t *c)
{
	static const uint32_t least[] = { 0, 0, 0x80, 0x800, 0x10000 };
	uint8_t b = s->p[0];
	size_t n = b < 0x80 ? 1 : b < 0xc2 ? 0 : b < 0xe0 ? 2
		 : b < 0xf0 ? 3 : b < 0xf5 ? 4 : 0;
	uint32_t v = n == 1 ? b : n ? b & (0x7fu >> n) : 0;

	for (size_t i = 1; i < n; i++) {
		if (!continues(*s, i))
			n = 0;
		else
			v = v << 6 | (s->p[i] & 0x3f);
	}
	if (n > 1 && (v < least[n] || v > 0x10ffff || (v >> 11) == 0x1b))
		n = 0;
	*c = n ? v : b;
	s->p += n ? n : 1;
	s->n -= n ? n : 1;
	return n != 0;
}

bool text_is_utf8(struct kith_slice s)
{
	uint32_t c;

	while (s.n)
		if (!text_take(&s, &c))
			return false;
	return true;
}

static void put_escape(struct kith_buf *out, bool utf8, uint32_t c)
{
	char text[16];

	if (!utf8)
		snprintf(text, sizeof(text), "\\x%02x", (unsigned)c);
	else if (c < 0x10000)
		snprintf(text, sizeof(text), "\\u%04x", (unsigned)c);
	else /* as JSON has it: the two units */
		snprintf(text, sizeof(text), "\\u%04x\\u%04x",
			 (unsigned)(0xd800 + ((c - 0x10000) >> 10)),
			 (unsigned)(0xdc00 + (c & 0x3ff)));
	kith_buf_text(out, text);
}

void text_put(struct kith_buf *out, struct kith_slice s)
{
	const uint8_t *start;
	uint32_t c;
	bool utf8;

	while (s.n) {
		start = s.p;
		utf8 = text_take(&s, &c);
		if (utf8 && !is_unsafe(c))
			kith_buf_put(out, (struct kith_slice){
					start, (size_t)(s.p - start) });
		else
			put_escape(out, utf8, c);
	}
}

void text_print(FILE *f, struct kith_slice s)
{
	struct kith_buf safe = { .limit = SIZE_MAX };

	text_put(&safe, s);
	fwrite(safe.p, 1, safe.n, f);
	kith_buf_free(&safe);
}

size_t text_width(struct kith_slice s)
{
	size_t n = 0;
	uint32_t c;

	while (s.n) {
		text_take(&s, &c);
		n += width_of(c);
	}
	return n;
}

/* Puts s on one line: runs of white space become one space. */
static void flatten(struct kith_buf *out, struct kith_slice s)
{
	bool space = false;

	for (size_t i = 0; i < s.n; i++) {
		if (s.p[i] == ' ' || (s.p[i] >= '\t' && s.p[i] <= '\r')) {
			space = true;
			continue;
		}
		if (space && out->n)
			kith_buf_byte(out, ' ');
		space = false;
		kith_buf_byte(out, s.p[i]);
	}
}

/* The bytes of s that fit into columns; *used is how many they take. */
static size_t fit(struct kith_slice s, size_t columns, size_t *used)
{
	const uint8_t *start = s.p, *end = s.p;
	uint32_t c;

	*used = 0;
	while (s.n) {
		text_take(&s, &c);
		if (width_of(c) > columns - *used)
			break;
		*used += width_of(c);
		end = s.p;
	}
	return (size_t)(end - start);
}

void text_put_cut(struct kith_buf *out, struct kith_slice s, size_t columns,
		  bool pad)
{
	struct kith_buf flat = { .limit = SIZE_MAX };
	struct kith_buf safe = { .limit = SIZE_MAX };
	size_t n, used;

	flatten(&flat, s);
	text_put(&safe, kith_bytes(&flat));
	n = fit(kith_bytes(&safe), columns, &used);
	if (n < safe.n && columns) {
		n = fit(kith_bytes(&safe), columns - 1, &used);
		kith_buf_put(out, (struct kith_slice){ safe.p, n });
		kith_buf_text(out, "…");
		used++;
	} else {
		kith_buf_put(out, (struct kith_slice){ safe.p, n });
	}
	for (; pad && used < columns; used++)
		kith_buf_byte(out, ' ');
	kith_buf_free(&flat);
	kith_buf_free(&safe);
}

void text_print_cut(FILE *f, struct kith_slice s, size_t columns, bool pad)
{
	struct kith_buf line = { .limit = SIZE_MAX };

	text_put_cut(&line, s, columns, pad);
	fwrite(line.p, 1, line.n, f);
	kith_buf_free(&line);
}

void text_time(double ms, char out[static TEXT_TIME_BYTES])
{
	struct tm local;
	time_t t;

	snprintf(out, TEXT_TIME_BYTES, "-");
	if (!(fabs(ms) < 1e14))
		return;
	t = (time_t)floor(ms / 1000);
	if (localtime_r(&t, &local) &&
	    !strftime(out, TEXT_TIME_BYTES, "%Y-%m-%d %H:%M", &local))
		snprintf(out, TEXT_TIME_BYTES, "-");
}

void text_size(uint64_t bytes, char out[static TEXT_SIZE_BYTES])
{
	static const char units[] = "kMGTPE";
	double n = (double)bytes;
	size_t i = 0;

	if (bytes < 1000) {
		snprintf(out, TEXT_SIZE_BYTES, "%u B", (unsigned)bytes);
		return;
	}
	for (n /= 1000; n >= 999.5 && i < sizeof(units) - 2; i++)
		n /= 1000;
	snprintf(out, TEXT_SIZE_BYTES, n < 9.95 ? "%.1f %cB" : "%.0f %cB", n,
		 units[i]);
}

const char *text_count(uint64_t n, const char *thing,
		       char out[static TEXT_COUNT_BYTES])
{
	snprintf(out, TEXT_COUNT_BYTES, "%llu %s%s", (unsigned long long)n,
		 thing, n == 1 ? "" : "s");
	return out;
}

static void shorten(const char *text, char out[static TEXT_SHORT_BYTES])
{
	snprintf(out, TEXT_SHORT_BYTES, "%.*s…", TEXT_SHORT_CHARS, text);
}

void text_short_feed(const struct kith_feed_id *id,
		     char out[static TEXT_SHORT_BYTES])
{
	char text[KITH_REF_TEXT_BYTES];

	kith_feed_print(id, text);
	shorten(text, out);
}

void text_short_msg(const struct kith_msg_id *id,
		    char out[static TEXT_SHORT_BYTES])
{
	char text[KITH_REF_TEXT_BYTES];

	kith_msg_print(id, text);
	shorten(text, out);
}

size_t text_columns(void)
{
	struct winsize w;

	if (!isatty(STDOUT_FILENO) || ioctl(STDOUT_FILENO, TIOCGWINSZ, &w) ||
	    !w.ws_col)
		return COLUMNS_ELSEWHERE;
	return w.ws_col < COLUMNS_MIN ? COLUMNS_MIN : w.ws_col;
}
