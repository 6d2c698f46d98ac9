#include "tools/wire/redact_line.h"

#include <string.h>

#include <sodium.h>

#include "feeds/base64.h"
#include "feeds/json_scan.h"

enum {
	ID_CHARS = 43, /* of 32 bytes, before the padding */
	SIGNATURE_CHARS = 86,
	MARK_CHARS = 8,
	PIECE_BYTES = 48, PIECE_CHARS = 64,
	NAME_CHARS_MAX = 64,
	DEPTH_MAX = 128
};

static const char mark[] = "REDACTED";

/* --- characters --- */

static bool is_base64(uint8_t c)
{
	return (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') ||
	       (c >= '0' && c <= '9') || c == '+' || c == '/' || c == '-' ||
	       c == '_';
}

static bool is_upper(uint32_t c)
{
	return c >= 'A' && c <= 'Z';
}

static bool is_lower(uint32_t c)
{
	return c >= 'a' && c <= 'z';
}

static bool is_digit(uint32_t c)
{
	return c >= '0' && c <= '9';
}

/* Such as are seen in no text and are the matter in many faults. */
static bool is_format(uint32_t c)
{
	return c < 0x20 || (c >= 0x7f && c < 0xa0) ||
	       (c >= 0x2000 && c < 0x2070) || c == 0xfeff ||
	       (c >= 0xfff0 && c <= 0xffff);
}

static uint32_t filler(uint32_t c)
{
	if (is_format(c))
		return c;
	if (c < 0x80)
		return is_lower(c) ? 'x' : is_upper(c) ? 'X'
				 : is_digit(c)	       ? '0'
						       : c;
	return c < 0x800 ? 0xe9 : c < 0x10000 ? 0x4e00 : 0x1f600;
}

static void put_utf8(uint8_t *p, size_t n, uint32_t c)
{
	static const uint8_t heads[] = { 0, 0, 0xc0, 0xe0, 0xf0 };

	for (size_t i = n; i-- > 1; c >>= 6)
		p[i] = (uint8_t)(0x80 | (c & 0x3f));
	p[0] = (uint8_t)(heads[n] | c);
}

static uint32_t utf8_at(const uint8_t *p, size_t n)
{
	uint32_t c = p[0] & (0x7fu >> n);

	for (size_t i = 1; i < n; i++)
		c = c << 6 | (p[i] & 0x3fu);
	return c;
}

/* --- ids and what else is base64 --- */

/* Hides n characters of base64 behind as many that hang on them; either
 * alphabet stands for the same. */
static void hide(struct redaction *r, uint8_t *p, size_t n, bool uri)
{
	crypto_generichash_state state;
	uint8_t seed[crypto_generichash_BYTES], piece[PIECE_BYTES];
	char chars[PIECE_CHARS];
	uint64_t counter = 0;

	crypto_generichash_init(&state, r->key, sizeof(r->key), sizeof(seed));
	for (size_t i = 0; i < n; i++) {
		uint8_t c = p[i] == '-' ? '+' : p[i] == '_' ? '/' : p[i];

		crypto_generichash_update(&state, &c, 1);
	}
	crypto_generichash_final(&state, seed, sizeof(seed));
	for (size_t at = 0; at < n; at += PIECE_CHARS, counter++) {
		size_t part = n - at < PIECE_CHARS ? n - at : PIECE_CHARS;

		crypto_generichash(piece, sizeof(piece),
				   (const uint8_t *)&counter, sizeof(counter),
				   seed, sizeof(seed));
		base64_encode((struct kith_slice){ piece, sizeof(piece) },
			      chars);
		memcpy(p + at, chars, part);
	}
	for (size_t i = 0; i < n && uri; i++)
		p[i] = p[i] == '+' ? '-' : p[i] == '/' ? '_' : p[i];
	r->ids++;
}

/* The same, marked, and with an end that is as canonical as it was.  bits: how
 * many of the last character count. */
static void hide_marked(struct redaction *r, uint8_t *p, size_t n, bool uri,
			const char *canonical)
{
	bool good = strchr(canonical, p[n - 1]) != NULL;

	hide(r, p, n, uri);
	if (n > MARK_CHARS + 2) {
		memcpy(p + n - MARK_CHARS - 1, mark, MARK_CHARS);
		p[n - 1] = good ? 'A' : 'B';
	}
}

static bool starts(const uint8_t *p, const uint8_t *end, const char *with)
{
	size_t n = strlen(with);

	return (size_t)(end - p) >= n && !memcmp(p, with, n);
}

/* n characters of base64 stand before p. */
static bool stand_before(const uint8_t *start, const uint8_t *p, size_t n)
{
	if ((size_t)(p - start) < n)
		return false;
	for (size_t i = 1; i <= n; i++)
		if (!is_base64(p[-(ptrdiff_t)i]))
			return false;
	return true;
}

static void keep(struct redaction *r, size_t at, size_t n)
{
	memset(r->done + at, 1, n);
}

/* What follows an id and says of which kind it is. */
static size_t suffix_chars(const uint8_t *p, const uint8_t *end)
{
	static const char *const suffixes[] = {
		".sig.ed25519", ".ed25519", ".sha256", ".cloaked",
		".boxs", ".ggfeed-v1", ".ggmsg-v1", ".bbfeed-v1",
		".bbmsg-v1", "?unbox=",
	};

	for (size_t i = 0; i < sizeof(suffixes) / sizeof(suffixes[0]); i++)
		if (starts(p, end, suffixes[i]))
			return strlen(suffixes[i]);
	return 0;
}

/* "ssb:message/classic/" before p: how long it is. */
static size_t uri_chars(const uint8_t *start, const uint8_t *p)
{
	const uint8_t *at = p;
	unsigned parts = 0;

	while (at > start && parts < 3 &&
	       (is_lower(at[-1]) || is_digit(at[-1]) || at[-1] == '-' ||
		at[-1] == '/' || at[-1] == ':')) {
		at--;
		if (at[0] == ':' && at - start >= 3 &&
		    !memcmp(at - 3, "ssb", 3))
			return (size_t)(p - at) + 3;
		parts += at[0] == '/' && at + 1 < p && at[1] != '/';
	}
	return 0;
}

/* Where the padding of an id or a signature stands, p: hides what is before
 * it.  pad: characters of the padding. */
static void hide_before(struct redaction *r, uint8_t *line, uint8_t *start,
			uint8_t *p, uint8_t *end, size_t pad)
{
	size_t n = stand_before(start, p, SIGNATURE_CHARS) && pad == 2
			   ? SIGNATURE_CHARS
			   : ID_CHARS;
	size_t uri, more;

	if (!stand_before(start, p, n) || r->done[p - line - 1] ||
	    (n == ID_CHARS && pad == 2))
		return;
	uri = uri_chars(start, p - n);
	more = suffix_chars(p + pad, end);
	hide_marked(r, p - n, n, uri > 0,
		    n == ID_CHARS ? "AEIMQUYcgkosw048" : "AQgw");
	keep(r, (size_t)(p - line) - n - uri, uri + n + pad + more);
}

static void hide_ids(struct redaction *r, uint8_t *line, uint8_t *start,
		     uint8_t *end)
{
	for (uint8_t *p = start; p < end; p++) {
		if (*p == '=')
			hide_before(r, line, start, p, end,
				    p + 1 < end && p[1] == '=' ? 2 : 1);
		else if (starts(p, end, "%3D") || starts(p, end, "%3d"))
			hide_before(r, line, start, p, end, 3);
	}
}

/* A whole string of base64 with a suffix: a box. */
static bool hide_box(struct redaction *r, uint8_t *line, uint8_t *start,
		     uint8_t *end)
{
	size_t n = 0, length = (size_t)(end - start), pad;

	while (n < length && is_base64(start[n]))
		n++;
	for (pad = n; pad < length && pad < n + 2 && start[pad] == '=';)
		pad++;
	if (n < ID_CHARS || length - pad < 4 ||
	    memcmp(start + pad, ".box", 4) != 0 || length - pad > 5 ||
	    (length - pad == 5 && start[length - 1] != '2'))
		return false;
	hide_marked(r, start, n, false,
		    pad - n == 1   ? "AEIMQUYcgkosw048"
		    : pad - n == 2 ? "AQgw"
				   : "A");
	keep(r, (size_t)(start - line), length);
	return true;
}

/* --- texts --- */

static const char hex_low[] = "0123456789abcdef";
static const char hex_high[] = "0123456789ABCDEF";

static void put_unit(uint8_t *p, uint32_t unit)
{
	bool high = false;

	for (size_t i = 2; i < 6; i++)
		high = high || is_upper(p[i]);
	for (size_t i = 6; i-- > 2; unit >>= 4)
		p[i] = (uint8_t)(high ? hex_high : hex_low)[unit & 15];
}

/* An escape keeps its length; halves of characters stay what they are. */
static size_t fill_escape(uint8_t *p, uint8_t *end)
{
	uint16_t unit = 0;
	size_t n = json_escape(p, end, &unit);

	if (n == JSON_ESCAPE_BYTES && !json_is_high(unit) &&
	    !json_is_low(unit) && filler(unit) != unit)
		put_unit(p, filler(unit));
	return n ? n : 1;
}

/* One character; what is no UTF-8 stays. */
static size_t fill_char(uint8_t *p, uint8_t *end)
{
	size_t n;

	if (*p == '\\')
		return fill_escape(p, end);
	if (*p < 0x80) {
		*p = (uint8_t)filler(*p);
		return 1;
	}
	n = json_utf8_bytes(p, end);
	if (n)
		put_utf8(p, n, filler(utf8_at(p, n)));
	return n ? n : 1;
}

static void fill(struct redaction *r, uint8_t *line, uint8_t *start,
		 uint8_t *end)
{
	size_t n;

	r->texts++;
	for (uint8_t *p = start; p < end; p += n) {
		n = starts(p, end, "https://") ? 8
		    : starts(p, end, "http://") ? 7
						: 0;
		if (!n)
			n = r->done[p - line] ? 1 : fill_char(p, end);
	}
}

static void redact_text(struct redaction *r, uint8_t *line, uint8_t *start,
			uint8_t *end)
{
	if (start == end)
		return;
	memset(r->done + (start - line), 0, (size_t)(end - start));
	if (hide_box(r, line, start, end))
		return;
	hide_ids(r, line, start, end);
	fill(r, line, start, end);
}

/* --- the line --- */

struct walk {
	struct redaction *r;
	uint8_t *line, *p, *end;
	const uint8_t *key; /* of the value that comes */
	size_t key_chars;
	size_t depth;
	size_t content; /* depth from which on it is content; 0: not yet */
	bool message;	/* the line has a content beside other things */
};

/* What programs call things, and people do not. */
static bool is_name(const uint8_t *p, size_t n)
{
	if (!n || n > NAME_CHARS_MAX || is_digit(p[0]))
		return false;
	for (size_t i = 0; i < n; i++)
		if (!is_lower(p[i]) && !is_upper(p[i]) && !is_digit(p[i]) &&
		    !memchr("_-./", p[i], 4))
			return false;
	return true;
}

static bool key_is(const struct walk *w, const char *name)
{
	return w->key_chars == strlen(name) &&
	       !memcmp(w->key, name, w->key_chars);
}

static bool in_content(const struct walk *w)
{
	return !w->message || (w->content && w->depth >= w->content);
}

/* The closing quote, or the end of what there is. */
static uint8_t *string_end(uint8_t *p, uint8_t *end)
{
	while (p < end && *p != '"')
		p += *p == '\\' && end - p > 1 ? 2 : 1;
	return p;
}

static bool is_key(const struct walk *w, const uint8_t *behind)
{
	const uint8_t *p = json_skip_space(behind, w->end);

	return p < w->end && *p == ':';
}

static void take_string(struct walk *w)
{
	uint8_t *start = w->p + 1, *end = string_end(start, w->end);
	size_t n = (size_t)(end - start);
	bool name = is_name(start, n);

	w->p = end < w->end ? end + 1 : end;
	if (is_key(w, w->p)) {
		if (!name)
			redact_text(w->r, w->line, start, end);
		w->key = start;
		w->key_chars = n;
		return;
	}
	if (!name || !(key_is(w, "type") ||
		       (key_is(w, "hash") && !in_content(w))))
		redact_text(w->r, w->line, start, end);
}

/* Its form stays: sign, point, exponent, zeros. */
static void take_number(struct walk *w)
{
	size_t n = json_number_bytes(w->p, w->end);
	bool stays = !in_content(w) || (w->key_chars && w->key[0] == '@');

	if (!n)
		n = 1;
	for (size_t i = 0; i < n && !stays; i++)
		if (is_digit(w->p[i]) && w->p[i] != '0')
			w->p[i] = '1';
	w->p += n;
}

/* Outside of strings only three words are JSON. */
static void take_other(struct walk *w)
{
	size_t n = json_word_bytes(w->p, w->end);

	w->p += n ? n : fill_char(w->p, w->end);
}

static void open_value(struct walk *w)
{
	if (w->depth < DEPTH_MAX)
		w->depth++;
	if (!w->content && key_is(w, "content"))
		w->content = w->depth;
	w->key_chars = 0;
	w->p++;
}

static void close_value(struct walk *w)
{
	if (w->content == w->depth)
		w->content = 0;
	w->depth -= w->depth > 0;
	w->p++;
}

static void take(struct walk *w)
{
	switch (*w->p) {
	case '"': take_string(w); break;
	case '{':
	case '[': open_value(w); break;
	case '}':
	case ']': close_value(w); break;
	case '-': take_number(w); break;
	default:
		if (is_digit(*w->p))
			take_number(w);
		else
			take_other(w);
	}
}

static bool says(const uint8_t *line, size_t n, const char *text)
{
	size_t length = strlen(text);

	for (size_t i = 0; length <= n && i <= n - length; i++)
		if (!memcmp(line + i, text, length))
			return true;
	return false;
}

void redact_line(struct redaction *r, uint8_t *bytes, size_t n)
{
	struct walk w = { .r = r, .line = bytes, .p = bytes,
			  .end = bytes + n };

	w.message = says(bytes, n, "\"content\"") &&
		    says(bytes, n, "\"author\"");
	while (w.p < w.end)
		take(&w);
}
