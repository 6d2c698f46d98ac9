#include "feeds/media.h"

#include "feeds/json_scan.h"

enum { UTF8_BYTES_MAX = 4 };

/* --- numbers in a file, whose end is the end of what there is --- */

static uint32_t byte_at(struct kith_slice s, size_t at)
{
	return at < s.n ? s.p[at] : 0;
}

static uint32_t big16(struct kith_slice s, size_t at)
{
	return byte_at(s, at) << 8 | byte_at(s, at + 1);
}

static uint32_t big32(struct kith_slice s, size_t at)
{
	return big16(s, at) << 16 | big16(s, at + 2);
}

static uint32_t little16(struct kith_slice s, size_t at)
{
	return byte_at(s, at + 1) << 8 | byte_at(s, at);
}

static uint32_t little24(struct kith_slice s, size_t at)
{
	return byte_at(s, at + 2) << 16 | little16(s, at);
}

static bool has(struct kith_slice s, size_t at, const char *bytes, size_t n)
{
	return s.n >= n && at <= s.n - n && !memcmp(s.p + at, bytes, n);
}

/* --- pictures --- */

static void png_size(struct kith_slice s, struct media *m)
{
	enum { HEADER = 24 /* signature, length and name, two numbers */ };

	if (s.n < HEADER || !has(s, 12, "IHDR", 4))
		return;
	m->width = big32(s, 16);
	m->height = big32(s, 20);
}

static void gif_size(struct kith_slice s, struct media *m)
{
	if (s.n < 10)
		return;
	m->width = little16(s, 6);
	m->height = little16(s, 8);
}

/* A frame header, of whatever coding; C4, C8 and CC are something else. */
static bool is_frame(uint32_t marker)
{
	return marker >= 0xc0 && marker <= 0xcf && marker != 0xc4 &&
	       marker != 0xc8 && marker != 0xcc;
}

/* Markers that no length follows. */
static bool is_bare(uint32_t marker)
{
	return marker == 0x01 || (marker >= 0xd0 && marker <= 0xd8);
}

static void jpeg_size(struct kith_slice s, struct media *m)
{
	size_t at = 2;

	for (int i = 0; i < MEDIA_SEGMENTS_MAX && at + 1 < s.n; i++) {
		uint32_t marker, length;

		if (s.p[at] != 0xff)
			return;
		while (at < s.n && s.p[at] == 0xff)
			at++;
		marker = byte_at(s, at++);
		if (is_bare(marker))
			continue;
		length = big16(s, at);
		if (length < 2 || length > s.n - at)
			return;
		if (is_frame(marker) && length >= 7) {
			m->height = big16(s, at + 3);
			m->width = big16(s, at + 5);
			return;
		}
		/* What follows is the picture itself, or its end. */
		if (marker == 0xda || marker == 0xd9)
			return;
		at += length;
	}
}

static void webp_size(struct kith_slice s, struct media *m)
{
	enum { HEADER = 30, BITS = 0x3fff };
	uint32_t bits;

	if (has(s, 12, "VP8L", 4) && s.n >= 25 && s.p[20] == 0x2f) {
		bits = little16(s, 21) | little16(s, 23) << 16;
		m->width = (bits & BITS) + 1;
		m->height = (bits >> 14 & BITS) + 1;
	} else if (s.n < HEADER) {
		return;
	} else if (has(s, 12, "VP8 ", 4) && has(s, 23, "\x9d\x01\x2a", 3)) {
		m->width = little16(s, 26) & BITS;
		m->height = little16(s, 28) & BITS;
	} else if (has(s, 12, "VP8X", 4)) {
		m->width = little24(s, 24) + 1;
		m->height = little24(s, 27) + 1;
	}
}

/* --- kinds --- */

/* The first row that fits counts: two pieces, each at its place. */
static const struct kind {
	const char *bytes;
	size_t n;
	size_t more_at;
	const char *more; /* four bytes, or NULL */
	const char *type;
	void (*size)(struct kith_slice s, struct media *m);
} kinds[] = {
	{ "\x89PNG\r\n\x1a\n", 8, 0, NULL, "image/png", png_size },
	{ "\xff\xd8\xff", 3, 0, NULL, "image/jpeg", jpeg_size },
	{ "GIF87a", 6, 0, NULL, "image/gif", gif_size },
	{ "GIF89a", 6, 0, NULL, "image/gif", gif_size },
	{ "RIFF", 4, 8, "WEBP", "image/webp", webp_size },
	{ "RIFF", 4, 8, "WAVE", "audio/wav", NULL },
	{ "\0\0\0", 3, 8, "avif", "image/avif", NULL },
	{ "\0\0\0", 3, 8, "heic", "image/heic", NULL },
	{ "\0\0\0", 3, 8, "M4A ", "audio/mp4", NULL },
	{ "\0\0\0", 3, 4, "ftyp", "video/mp4", NULL },
	{ "\x1a\x45\xdf\xa3", 4, 0, NULL, "video/webm", NULL },
	{ "OggS", 4, 28, "\x80the", "video/ogg", NULL },
	{ "OggS", 4, 0, NULL, "audio/ogg", NULL },
	{ "fLaC", 4, 0, NULL, "audio/flac", NULL },
	{ "ID3", 3, 0, NULL, "audio/mpeg", NULL },
	{ "\xff\xfb", 2, 0, NULL, "audio/mpeg", NULL },
	{ "%PDF-", 5, 0, NULL, "application/pdf", NULL },
	{ "PK\x03\x04", 4, 0, NULL, "application/zip", NULL },
	{ "\x1f\x8b\x08", 3, 0, NULL, "application/gzip", NULL },
};

static bool fits(const struct kind *k, struct kith_slice s)
{
	/* The names of mp4's kin are those of one box. */
	if (k->bytes[0] == '\0' && !has(s, 4, "ftyp", 4))
		return false;
	return has(s, 0, k->bytes, k->n) &&
	       (!k->more || has(s, k->more_at, k->more, 4));
}

/* --- text --- */

static size_t char_bytes(struct kith_slice s)
{
	uint8_t c = s.p[0];

	if (c >= 0x80)
		return json_utf8_bytes(s.p, s.p + s.n);
	return c >= ' ' ? c != 0x7f
			: c == '\t' || c == '\n' || c == '\r' || c == '\f';
}

/* cut: it may end in the middle of a character. */
static bool is_text(struct kith_slice s, bool cut)
{
	while (s.n) {
		size_t n = char_bytes(s);

		if (!n)
			return cut && s.n < UTF8_BYTES_MAX && s.p[0] >= 0xc2;
		s.p += n;
		s.n -= n;
	}
	return true;
}

struct media media_look(struct kith_slice head, uint64_t size)
{
	struct media m = { 0 };

	if (head.n > MEDIA_HEAD_BYTES)
		head.n = MEDIA_HEAD_BYTES;
	for (size_t i = 0; i < sizeof(kinds) / sizeof(*kinds); i++) {
		if (!fits(&kinds[i], head))
			continue;
		m.type = kinds[i].type;
		if (kinds[i].size)
			kinds[i].size(head, &m);
		/* One without the other is of no use. */
		if (!m.width || !m.height)
			m.width = m.height = 0;
		return m;
	}
	m.type = is_text(head, head.n < size)
			 ? "text/plain"
			 : "application/octet-stream";
	return m;
}
