#include "feeds/base64.h"
#include "feeds/classic.h"
#include "feeds/verdict_private.h"

/* Unused bits of the last character may be anything. */
bool go_base64(struct kith_slice chars, uint8_t *out, size_t n)
{
	uint8_t strict[CLASSIC_SIGNATURE_CHARS];
	static const char digits[] =
		"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
		"0123456789+/";
	size_t pad = BASE64_CHARS(n) / 4 * 3 - n, at;
	const char *digit;
	unsigned value;

	if (chars.n != BASE64_CHARS(n) || chars.n > sizeof(strict))
		return false;
	memcpy(strict, chars.p, chars.n);
	at = chars.n - pad - 1;
	digit = strict[at] ? strchr(digits, strict[at]) : NULL;
	if (!digit)
		return false;
	/* The bits that the last character has too many. */
	value = (unsigned)(digit - digits) & ~((1u << 2 * pad) - 1);
	strict[at] = (uint8_t)digits[value];
	return base64_decode((struct kith_slice){ strict, chars.n }, out, n);
}

/* The sigil, base64 of an id, and what stands behind its dot up to the next
 * one, if any. */
static bool take_sigil(struct kith_slice text, uint8_t sigil, uint8_t *id,
		       struct kith_slice *suffix)
{
	size_t chars = BASE64_CHARS(KITH_ID_BYTES);
	const uint8_t *end = text.p + text.n, *p;

	if (text.n < chars + 2 || text.p[0] != sigil ||
	    text.p[chars + 1] != '.')
		return false;
	p = text.p + chars + 2;
	*suffix = (struct kith_slice){ p, 0 };
	while (p + suffix->n < end && p[suffix->n] != '.')
		suffix->n++;
	return go_base64((struct kith_slice){ text.p + 1, chars }, id,
			 KITH_ID_BYTES);
}

/* What stands before the first slash of s, which moves behind it. */
static struct kith_slice take_part(struct kith_slice *s)
{
	struct kith_slice part = { s->p, 0 };

	while (part.n < s->n && part.p[part.n] != '/')
		part.n++;
	s->p += part.n + (part.n < s->n);
	s->n -= part.n + (part.n < s->n);
	return part;
}

/* As take_sigil, of [ssb:]KIND/SUFFIX/DATA in base64 for URLs. */
static bool take_uri(struct kith_slice text, const char *kind, uint8_t *id,
		     struct kith_slice *suffix)
{
	static const struct kith_slice scheme = { (const uint8_t *)"ssb:", 4 };
	uint8_t chars[BASE64_CHARS(KITH_ID_BYTES)];
	struct kith_slice first, data;

	if (text.n >= scheme.n && !memcmp(text.p, scheme.p, scheme.n)) {
		text.p += scheme.n;
		text.n -= scheme.n;
	}
	first = take_part(&text);
	*suffix = take_part(&text);
	data = take_part(&text);
	if (!kith_equal(first, kith_text(kind)) || data.n != sizeof(chars) ||
	    memchr(data.p, '+', data.n))
		return false;
	for (size_t i = 0; i < data.n; i++)
		chars[i] = data.p[i] == '-' ? '+' :
			   data.p[i] == '_' ? '/' : data.p[i];
	return go_base64((struct kith_slice){ chars, sizeof(chars) }, id,
			 KITH_ID_BYTES);
}

static bool is_any(struct kith_slice suffix, const char *a, const char *b,
		   const char *c)
{
	return kith_equal(suffix, kith_text(a)) ||
	       kith_equal(suffix, kith_text(b)) ||
	       kith_equal(suffix, kith_text(c));
}

static bool has_dot(struct kith_slice text)
{
	return text.n > 1 && memchr(text.p + 1, '.', text.n - 1);
}

bool go_read_author(struct kith_slice text,
		    uint8_t key[static KITH_PUBLIC_BYTES])
{
	struct kith_slice suffix;
	bool read = has_dot(text) ? take_sigil(text, '@', key, &suffix) :
				    take_uri(text, "feed", key, &suffix);

	return read && is_any(suffix, "ed25519", "bendybutt-v1", "ed25519");
}

bool go_reads_message(struct kith_slice text)
{
	uint8_t id[KITH_ID_BYTES];
	struct kith_slice suffix;

	if (has_dot(text))
		return take_sigil(text, '%', id, &suffix) &&
		       is_any(suffix, "sha256", "gabbygrove-v1", "cloaked");
	return take_uri(text, "message", id, &suffix) &&
	       is_any(suffix, "sha256", "gabbygrove-v1", "bendybutt-v1");
}
