#include "tools/pick/ids.h"

#include <stdio.h>
#include <string.h>

#include "feeds/digits.h"
#include "tools/text/text.h"

enum { HEX_DIGITS = 2 * KITH_ID_BYTES, BASE32_DIGITS = 52,
       BASE32_PADDED = 56 };

bool ids_form_read(const char *text, enum ids_form *out)
{
	static const char *const names[] = { "short", "full", "uri" };

	for (int i = 0; i < 3; i++)
		if (!strcmp(text, names[i])) {
			*out = (enum ids_form)i;
			return true;
		}
	return false;
}

static void print(const struct kith_ref *ref,
		  char out[static KITH_REF_TEXT_BYTES])
{
	switch (ref->kind) {
	case KITH_REF_FEED: kith_feed_print(&ref->feed, out); break;
	case KITH_REF_MSG: kith_msg_print(&ref->msg, out); break;
	case KITH_REF_BLOB: kith_blob_print(&ref->blob, out); break;
	}
}

void ids_ref(enum ids_form form, const struct kith_ref *ref,
	     char out[static KITH_REF_TEXT_BYTES])
{
	char whole[KITH_REF_TEXT_BYTES];

	if (form == IDS_URI) {
		kith_ref_print_uri(ref, out);
		return;
	}
	print(ref, whole);
	/* The start of a URI says nothing of which it is. */
	if (form == IDS_SHORT && whole[0] != 's')
		snprintf(out, KITH_REF_TEXT_BYTES, "%.*s…", TEXT_SHORT_CHARS,
			 whole);
	else
		snprintf(out, KITH_REF_TEXT_BYTES, "%s", whole);
}

void ids_feed(enum ids_form form, const struct kith_feed_id *id,
	      char out[static KITH_REF_TEXT_BYTES])
{
	const struct kith_ref ref = { .kind = KITH_REF_FEED, .feed = *id };

	ids_ref(form, &ref, out);
}

void ids_msg(enum ids_form form, const struct kith_msg_id *id,
	     char out[static KITH_REF_TEXT_BYTES])
{
	const struct kith_ref ref = { .kind = KITH_REF_MSG, .msg = *id };

	ids_ref(form, &ref, out);
}

/* count digits of so many bits each, the highest first; what is left over of
 * the last one must be zero. */
static bool decode(const uint8_t *p, size_t count, unsigned bits,
		   int (*digit)(uint8_t c), uint8_t out[static KITH_ID_BYTES])
{
	unsigned held = 0, have = 0;
	size_t n = 0;

	for (size_t i = 0; i < count; i++) {
		int d = digit(p[i]);

		if (d < 0)
			return false;
		held = held << bits | (unsigned)d;
		have += bits;
		if (have >= 8) {
			have -= 8;
			out[n++] = (uint8_t)(held >> have);
			held &= (1u << have) - 1;
		}
	}
	return !held;
}

bool ids_spelled(struct kith_slice text, uint8_t out[static KITH_ID_BYTES])
{
	if (text.n == HEX_DIGITS)
		return decode(text.p, text.n, 4, hex_digit, out);
	if (text.n == BASE32_PADDED &&
	    !memcmp(text.p + BASE32_DIGITS, "====", 4))
		text.n = BASE32_DIGITS;
	return text.n == BASE32_DIGITS &&
	       decode(text.p, text.n, 5, base32_digit, out);
}

bool ids_feed_read(struct kith_slice text, struct kith_feed_id *out)
{
	bool sigil = text.n && text.p[0] == '@';

	if (!kith_feed_parse(text, out))
		return true;
	if (!ids_spelled((struct kith_slice){ text.p + sigil, text.n - sigil },
			 out->b))
		return false;
	out->format = KITH_CLASSIC;
	return true;
}
