#include "feeds/bfe_value.h"

#include "feeds/base64.h"
#include "feeds/json.h"
#include "feeds/json_scan.h"

/* protocol/11 section 2, in its order. */
static const struct bfe_kind kinds[] = {
	{ 0, 0, "feed", "classic", 32, BFE_SIGIL, "@", ".ed25519" },
	{ 0, 1, "feed", "gabbygrove-v1", 32, BFE_URI,
	  "ssb:feed/gabbygrove-v1/", "" },
	{ 0, 2, "feed", "bamboo", 32, BFE_URI, "ssb:feed/bamboo/", "" },
	{ 0, 3, "feed", "bendybutt-v1", 32, BFE_URI,
	  "ssb:feed/bendybutt-v1/", "" },
	{ 0, 4, "feed", "buttwoo-v1", 32, BFE_URI, "ssb:feed/buttwoo-v1/",
	  "" },
	{ 0, 5, "feed", "indexed-v1", 32, BFE_URI, "ssb:feed/indexed-v1/",
	  "" },
	{ 1, 0, "message", "classic", 32, BFE_SIGIL, "%", ".sha256" },
	{ 1, 1, "message", "gabbygrove-v1", 32, BFE_URI,
	  "ssb:message/gabbygrove-v1/", "" },
	{ 1, 2, "message", "cloaked", 32, BFE_SIGIL, "%", ".cloaked" },
	{ 1, 3, "message", "bamboo", 64, BFE_URI, "ssb:message/bamboo/", "" },
	{ 1, 4, "message", "bendybutt-v1", 32, BFE_URI,
	  "ssb:message/bendybutt-v1/", "" },
	{ 1, 5, "message", "buttwoo-v1", 32, BFE_URI,
	  "ssb:message/buttwoo-v1/", "" },
	{ 1, 6, "message", "indexed-v1", 32, BFE_URI,
	  "ssb:message/indexed-v1/", "" },
	{ 2, 0, "blob", "classic", 32, BFE_SIGIL, "&", ".sha256" },
	{ 3, 0, "encryption key", "box2-dm-dh", 32, BFE_URI,
	  "ssb:encryption-key/box2-dm-dh/", "" },
	{ 3, 1, "encryption key", "box2-pobox-dh", 32, BFE_URI,
	  "ssb:encryption-key/box2-pobox-dh/", "" },
	{ 4, 0, "signature", "msg-ed25519", 64, BFE_SIGIL, "",
	  ".sig.ed25519" },
	{ 5, 0, "encrypted", "box1", BFE_ANY_BYTES, BFE_SIGIL, "", ".box" },
	{ 5, 1, "encrypted", "box2", BFE_ANY_BYTES, BFE_SIGIL, "", ".box2" },
	{ 6, 0, "generic", "string", BFE_ANY_BYTES, BFE_STRING, "", "" },
	{ 6, 1, "generic", "boolean", 1, BFE_BOOL, "", "" },
	{ 6, 2, "generic", "nil", 0, BFE_NIL, "", "" },
	{ 6, 3, "generic", "bytes", BFE_ANY_BYTES, BFE_BYTES, "", "" },
	{ 7, 0, "identity", "po-box", 32, BFE_URI, "ssb:identity/po-box/",
	  "" },
	{ 7, 1, "identity", "group", 32, BFE_URI, "ssb:identity/group/", "" },
};

enum { KINDS = sizeof(kinds) / sizeof(kinds[0]), TRIPLE = 3 };

const struct bfe_kind *bfe_kind(uint8_t type, uint8_t format)
{
	for (size_t i = 0; i < KINDS; i++)
		if (kinds[i].type == type && kinds[i].format == format)
			return &kinds[i];
	return NULL;
}

enum kith_err bfe_read(struct kith_slice in, struct bfe_value *out,
		       struct kith_error *e)
{
	const struct bfe_kind *kind;

	*out = (struct bfe_value){ .data = in };
	if (in.n < BFE_HEAD_BYTES)
		return kith_fail(e, KITH_EFORMAT, in.n,
				 "shorter than a type and a format");
	out->type = in.p[0];
	out->format = in.p[1];
	out->data = (struct kith_slice){ in.p + BFE_HEAD_BYTES,
					 in.n - BFE_HEAD_BYTES };
	kind = out->kind = bfe_kind(out->type, out->format);
	if (kind && kind->bytes != BFE_ANY_BYTES &&
	    out->data.n != (size_t)kind->bytes)
		return kith_fail(e, KITH_EFORMAT, in.n, "%zu bytes of data "
				 "where %s %s has %d", out->data.n,
				 kind->type_name, kind->format_name,
				 kind->bytes);
	if (kind && kind->form == BFE_BOOL && out->data.p[0] > 1)
		return kith_fail(e, KITH_EFORMAT, BFE_HEAD_BYTES,
				 "a boolean that is neither 0 nor 1");
	return KITH_OK;
}

static void put_base64(struct kith_buf *out, struct kith_slice data, bool uri)
{
	char four[BASE64_CHARS(TRIPLE)];

	for (size_t i = 0; i < data.n; i += TRIPLE) {
		size_t n = data.n - i < TRIPLE ? data.n - i : TRIPLE;

		base64_encode((struct kith_slice){ data.p + i, n }, four);
		for (size_t k = 0; k < sizeof(four); k++) {
			if (uri && four[k] == '+')
				four[k] = '-';
			if (uri && four[k] == '/')
				four[k] = '_';
			kith_buf_byte(out, (uint8_t)four[k]);
		}
	}
}

static bool is_utf8(struct kith_slice s)
{
	const uint8_t *p = s.p, *end = s.p + s.n;

	while (p < end) {
		size_t n = *p < 0x80 ? 1 : json_utf8_bytes(p, end);

		if (!n)
			return false;
		p += n;
	}
	return true;
}

static void put_unknown(const struct bfe_value *v, struct kith_buf *out)
{
	kith_buf_text(out, "\"ssb:unknown/");
	kith_buf_uint(out, v->type);
	kith_buf_byte(out, '-');
	kith_buf_uint(out, v->format);
	kith_buf_byte(out, '/');
	put_base64(out, v->data, true);
	kith_buf_byte(out, '"');
}

static void put_hex(const struct bfe_value *v, struct kith_buf *out)
{
	kith_buf_text(out, "{\"hex\":\"");
	kith_buf_hex(out, v->data);
	kith_buf_text(out, "\"}");
}

void bfe_put_json(const struct bfe_value *v, struct kith_buf *out)
{
	enum bfe_form form = v->kind ? v->kind->form : BFE_BYTES;

	if (form == BFE_STRING && !is_utf8(v->data))
		form = BFE_BYTES;
	switch (form) {
	case BFE_STRING: json_put_string(out, v->data); break;
	case BFE_BOOL:
		kith_buf_text(out, v->data.n && v->data.p[0] ? "true"
							     : "false");
		break;
	case BFE_NIL: kith_buf_text(out, "null"); break;
	case BFE_BYTES:
		if (v->kind)
			put_hex(v, out);
		else
			put_unknown(v, out);
		break;
	case BFE_SIGIL:
	case BFE_URI:
		kith_buf_byte(out, '"');
		kith_buf_text(out, v->kind->before);
		put_base64(out, v->data, form == BFE_URI);
		kith_buf_text(out, v->kind->after);
		kith_buf_byte(out, '"');
	}
}
