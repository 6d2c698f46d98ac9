#include "feeds/json.h"
#include "feeds/json_scan.h"
#include "feeds/number.h"

void json_put_string(struct kith_buf *b, struct kith_slice utf8)
{
	static const uint8_t replacement[] = { 0xef, 0xbf, 0xbd };
	const uint8_t *p = utf8.p, *end = utf8.n ? p + utf8.n : p;
	uint8_t escape[JSON_ESCAPE_BYTES];
	size_t n;

	kith_buf_byte(b, '"');
	while (p < end) {
		n = json_plain_run(p, end);
		kith_buf_put(b, (struct kith_slice){ p, n });
		p += n;
		if (p == end)
			break;
		n = json_utf8_bytes(p, end);
		if (n)
			kith_buf_put(b, (struct kith_slice){ p, n });
		else if (*p < 0x80)
			kith_buf_put(b, (struct kith_slice){
						escape,
						json_put_escape(*p, escape) });
		else
			kith_buf_put(b, (struct kith_slice){
						replacement,
						sizeof(replacement) });
		p += n ? n : 1;
	}
	kith_buf_byte(b, '"');
}

void json_put_text(struct kith_buf *b, const char *utf8)
{
	json_put_string(b, kith_text(utf8));
}

void json_put_number(struct kith_buf *b, double d)
{
	char text[NUMBER_TEXT_BYTES];
	size_t n = number_print(d, text);

	kith_buf_put(b, (struct kith_slice){ (const uint8_t *)text, n });
}

static void put_line(struct kith_buf *out, size_t depth)
{
	kith_buf_byte(out, '\n');
	while (depth-- > 0)
		kith_buf_text(out, "  ");
}

/* p is at an opening quote; gives what follows the closing one. */
static const uint8_t *skip_string(const uint8_t *p, const uint8_t *end)
{
	for (p++; p < end && *p != '"'; p++)
		if (*p == '\\' && end - p > 1)
			p++;
	return p < end ? p + 1 : end;
}

/* Below a space only white space between tokens is: in strings it is escaped. */
void json_one_line(struct kith_slice value, struct kith_buf *out)
{
	size_t n;

	for (size_t i = 0; i < value.n && !out->err; i += n + 1) {
		for (n = 0; i + n < value.n && value.p[i + n] >= ' '; n++)
			;
		kith_buf_put(out, (struct kith_slice){ value.p + i, n });
	}
}

void json_pretty(struct kith_slice compact, struct kith_buf *out)
{
	const uint8_t *p = compact.p, *end = p + compact.n, *next;
	size_t depth = 0;

	for (; p < end && !out->err; p = next) {
		bool open = *p == '{' || *p == '[';
		bool close = *p == '}' || *p == ']';

		next = *p == '"' ? skip_string(p, end) : p + 1;
		if (open && next < end && (*next == '}' || *next == ']'))
			next++, open = false;
		else if (close)
			put_line(out, --depth);
		kith_buf_put(out, (struct kith_slice){ p, (size_t)(next - p) });
		if (*p == ':')
			kith_buf_byte(out, ' ');
		if (open)
			depth++;
		if (open || *p == ',')
			put_line(out, depth);
	}
}

/* UTF-16 units of UTF-8 text. */
static size_t text_units(const uint8_t *p, const uint8_t *end)
{
	size_t units = 0;

	for (; p < end; p++)
		units += (*p & 0xc0) != 0x80 ? 1 + (size_t)(*p >= 0xf0) : 0;
	return units;
}

size_t json_pretty_units(struct kith_slice compact)
{
	const uint8_t *p = compact.p, *end = p + compact.n, *next;
	size_t units = 0, depth = 0;

	for (; p < end; p = next) {
		bool open = *p == '{' || *p == '[';

		next = *p == '"' ? skip_string(p, end) : p + 1;
		if (open && next < end && (*next == '}' || *next == ']')) {
			next++;
			open = false;
		} else if (*p == '}' || *p == ']') {
			units += 1 + 2 * --depth;
		}
		units += text_units(p, next) + (*p == ':');
		depth += open;
		if (open || *p == ',')
			units += 1 + 2 * depth;
	}
	return units;
}
