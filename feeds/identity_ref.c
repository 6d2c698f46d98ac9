#include "feeds/identity_ref.h"

#include "feeds/base64.h"

static const char scheme[] = "ssb:identity/";

/* A message's URI, whose data is spelled the same way. */
static const char model[] = "ssb:message/cloaked/";

enum {
	/* All of its characters percent-encoded, and a query behind. */
	DATA_CHARS_MAX = 3 * BASE64_CHARS(KITH_ID_BYTES) + 64
};

static bool take(struct kith_slice *s, const char *start)
{
	size_t n = strlen(start);

	if (s->n < n || memcmp(s->p, start, n) != 0)
		return false;
	*s = (struct kith_slice){ s->p + n, s->n - n };
	return true;
}

bool identity_ref_parse(struct kith_slice text, const char *format,
			uint8_t out[static KITH_ID_BYTES])
{
	uint8_t uri[sizeof(model) + DATA_CHARS_MAX];
	size_t start = strlen(model);
	struct kith_msg_id id;

	if (!take(&text, scheme) || !take(&text, format) ||
	    !take(&text, "/") || text.n > DATA_CHARS_MAX)
		return false;
	memcpy(uri, model, start);
	memcpy(uri + start, text.p, text.n);
	if (kith_msg_parse((struct kith_slice){ uri, start + text.n }, &id) !=
	    KITH_OK)
		return false;
	memcpy(out, id.b, KITH_ID_BYTES);
	return true;
}

void identity_ref_print(const char *format,
			const uint8_t id[static KITH_ID_BYTES],
			char out[static KITH_REF_TEXT_BYTES])
{
	struct kith_ref ref = { .kind = KITH_REF_MSG,
				.msg = { .format = KITH_CLOAKED } };
	char uri[KITH_REF_TEXT_BYTES], *data = uri + strlen(model);
	size_t n = strlen(format);

	memcpy(ref.msg.b, id, KITH_ID_BYTES);
	kith_ref_print_uri(&ref, uri);
	memcpy(out, scheme, strlen(scheme));
	out += strlen(scheme);
	memcpy(out, format, n);
	out[n] = '/';
	memcpy(out + n + 1, data, strlen(data) + 1);
}
