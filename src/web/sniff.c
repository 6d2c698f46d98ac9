#include "src/web/sniff.h"

#include "feeds/json_scan.h"

/* Where a magic has two parts, the second stands at a place of its own. */
struct magic {
	const char *type;
	struct kith_slice bytes;
	size_t at;
	struct kith_slice also;
	size_t also_at;
};

#define M(text) { (const uint8_t *)(text), sizeof(text) - 1 }
#define NONE	{ NULL, 0 }

static const struct magic magics[] = {
	{ "image/png", M("\x89PNG\r\n\x1a\n"), 0, NONE, 0 },
	{ "image/jpeg", M("\xff\xd8\xff"), 0, NONE, 0 },
	{ "image/gif", M("GIF8"), 0, M("a"), 5 },
	{ "image/webp", M("RIFF"), 0, M("WEBP"), 8 },
	{ "image/avif", M("ftypavif"), 4, NONE, 0 },
	{ "image/bmp", M("BM"), 0, M("\0\0\0\0"), 6 },
	{ "image/x-icon", M("\0\0\1\0"), 0, NONE, 0 },
	{ "audio/wav", M("RIFF"), 0, M("WAVE"), 8 },
	{ "audio/mpeg", M("ID3"), 0, NONE, 0 },
	{ "audio/mpeg", M("\xff\xfb"), 0, NONE, 0 },
	{ "audio/mp4", M("ftypM4A"), 4, NONE, 0 },
	{ "audio/ogg", M("OggS\0"), 0, M("OpusHead"), 28 },
	{ "audio/ogg", M("OggS\0"), 0, M("\1vorbis"), 28 },
	{ "audio/flac", M("fLaC"), 0, NONE, 0 },
	{ "video/ogg", M("OggS\0"), 0, NONE, 0 },
	{ "video/mp4", M("ftyp"), 4, NONE, 0 },
	{ "video/webm", M("\x1a\x45\xdf\xa3"), 0, NONE, 0 },
	{ "application/pdf", M("%PDF-"), 0, NONE, 0 },
	{ "application/zip", M("PK\3\4"), 0, NONE, 0 },
	{ "application/gzip", M("\x1f\x8b\x08"), 0, NONE, 0 },
	{ "image/svg+xml", M("<svg"), 0, NONE, 0 },
};

static bool stands_at(struct kith_slice head, struct kith_slice what,
		      size_t at)
{
	return head.n >= at && head.n - at >= what.n &&
	       (!what.n || !memcmp(head.p + at, what.p, what.n));
}

static bool is_space(uint8_t c)
{
	return c == ' ' || c == '\t' || c == '\r' || c == '\n';
}

/* UTF-8 without control characters; the last character may be cut. */
static bool is_text(struct kith_slice head)
{
	const uint8_t *p = head.p, *end = head.p + head.n;

	while (p < end) {
		size_t n = *p < 0x80 ? 1 : json_utf8_bytes(p, end);

		if (*p < ' ' && !is_space(*p) && *p != '\f' && *p != 0x1b)
			return false;
		if (!n)
			return end - p < 4 && *p >= 0xc2;
		p += n;
	}
	return true;
}

/* A drawing that says first that it is XML. */
static bool is_xml_drawing(struct kith_slice head)
{
	static const char svg[] = "<svg";

	if (!stands_at(head, kith_text("<?xml"), 0))
		return false;
	for (size_t i = 0; i < head.n; i++)
		if (stands_at(head, kith_text(svg), i))
			return true;
	return false;
}

const char *sniff_type(struct kith_slice head)
{
	if (head.n > SNIFF_BYTES)
		head.n = SNIFF_BYTES;
	for (size_t i = 0; i < sizeof(magics) / sizeof(*magics); i++)
		if (stands_at(head, magics[i].bytes, magics[i].at) &&
		    stands_at(head, magics[i].also, magics[i].also_at))
			return magics[i].type;
	if (!is_text(head))
		return "application/octet-stream";
	return is_xml_drawing(head) ? "image/svg+xml" :
				      "text/plain; charset=utf-8";
}
