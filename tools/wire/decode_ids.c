/* Ids, keys and signatures, as texts and as bytes. */
#include "tools/wire/decode_private.h"

#include "feeds/base64.h"
#include "feeds/bfe.h"
#include "feeds/bfe_value.h"
#include "feeds/channel.h"
#include "feeds/signer.h"
#include "feeds/verify.h"

enum { KEY_CHARS = BASE64_CHARS(KITH_ID_BYTES) };

/* Of the ids of Go programs, which are in no specification. */
static const struct {
	char sigil;
	const char *suffix;
	enum kith_ref_kind kind;
	enum kith_format format;
} others[] = {
	{ '@', ".ggfeed-v1", KITH_REF_FEED, KITH_GABBYGROVE_V1 },
	{ '%', ".ggmsg-v1", KITH_REF_MSG, KITH_GABBYGROVE_V1 },
	{ '@', ".bbfeed-v1", KITH_REF_FEED, KITH_BENDYBUTT_V1 },
	{ '%', ".bbmsg-v1", KITH_REF_MSG, KITH_BENDYBUTT_V1 },
};

static struct kith_slice bytes_of(const uint8_t *p)
{
	return (struct kith_slice){ p, KITH_ID_BYTES };
}

/* --- references --- */

static void put_forms(struct decode *d, const struct kith_ref *ref,
		      const uint8_t *id)
{
	uint8_t bfe[BFE_ID_BYTES] = { 2, 0 };
	char uri[KITH_REF_TEXT_BYTES];
	bool has_bfe = true;

	kith_ref_print_uri(ref, uri);
	decode_text(d, "uri", uri);
	decode_hex(d, "hex", bytes_of(id));
	if (ref->kind == KITH_REF_FEED)
		has_bfe = bfe_feed(&ref->feed, bfe);
	else if (ref->kind == KITH_REF_MSG)
		has_bfe = bfe_msg(&ref->msg, bfe);
	else
		memcpy(bfe + BFE_HEAD_BYTES, id, KITH_ID_BYTES);
	if (has_bfe)
		decode_hex(d, "bfe", (struct kith_slice){ bfe, sizeof(bfe) });
}

void decode_ref(struct decode *d, const struct kith_ref *ref)
{
	char text[KITH_REF_TEXT_BYTES];

	switch (ref->kind) {
	case KITH_REF_FEED:
		decode_text(d, "is", "the id of a feed");
		decode_text(d, "format", decode_format(ref->feed.format));
		decode_feed(d, "feed", &ref->feed);
		put_forms(d, ref, ref->feed.b);
		break;
	case KITH_REF_MSG:
		decode_text(d, "is", ref->msg.format == KITH_CLOAKED
					     ? "the id of a private group"
					     : "the id of a message");
		decode_text(d, "format", decode_format(ref->msg.format));
		decode_msg(d, "id", &ref->msg);
		put_forms(d, ref, ref->msg.b);
		break;
	case KITH_REF_BLOB:
		decode_text(d, "is", "the id of a blob: the hash of its bytes");
		kith_blob_print(&ref->blob, text);
		decode_text(d, "blob", text);
		put_forms(d, ref, ref->blob.b);
	}
}

static bool parse_other(struct kith_slice s, struct kith_ref *out)
{
	uint8_t id[KITH_ID_BYTES];
	struct kith_slice suffix;

	if (s.n <= 1 + KEY_CHARS ||
	    !base64_decode((struct kith_slice){ s.p + 1, KEY_CHARS }, id,
			   sizeof(id)))
		return false;
	suffix = (struct kith_slice){ s.p + 1 + KEY_CHARS,
				      s.n - 1 - KEY_CHARS };
	for (size_t i = 0; i < sizeof(others) / sizeof(others[0]); i++) {
		if (others[i].sigil != (char)s.p[0] ||
		    !kith_equal(suffix, kith_text(others[i].suffix)))
			continue;
		out->kind = others[i].kind;
		if (out->kind == KITH_REF_FEED) {
			out->feed.format = others[i].format;
			memcpy(out->feed.b, id, sizeof(id));
		} else {
			out->msg.format = others[i].format;
			memcpy(out->msg.b, id, sizeof(id));
		}
		return true;
	}
	return false;
}

/* What stands behind the question mark of a link. */
static void put_query(struct decode *d, struct kith_slice query)
{
	if (decode_find(query, "unbox=") < query.n)
		decode_text(d, "unbox", "carries the key that opens it");
	else
		decode_slice(d, "query", query);
}

enum decode_looks id_looks(struct kith_slice s)
{
	return s.n > 1 && memchr("@%&", s.p[0], 3) &&
		       !decode_has(s, ' ') && !decode_has(s, '\n')
		       ? LOOKS_SURE
		       : LOOKS_NOT;
}

void id_explain(struct decode *d, struct kith_slice s)
{
	struct kith_slice id, query;
	struct kith_error e = { 0 };
	struct kith_ref ref = { 0 };
	bool has_query = decode_cut(s, '?', &id, &query);

	if (!kith_ref_parse(id, &ref, &e) || parse_other(id, &ref)) {
		decode_ref(d, &ref);
		if (has_query)
			put_query(d, query);
		return;
	}
	decode_text(d, "is", s.p[0] == '@'   ? "what begins as the id of a feed"
			     : s.p[0] == '%' ? "what begins as the id of a "
					       "message"
					     : "what begins as the id of a "
					       "blob");
	decode_fail(d, e.offset, "%s", e.text);
}

/* --- keys and signatures without a sigil --- */

static const char *const key_suffixes[] = { ".sig.ed25519", ".ed25519",
					     ".sha256", ".cloaked", ".boxs" };

/* What stands before its suffix. */
static bool cut_suffix(struct kith_slice s, const char **suffix,
		       struct kith_slice *data)
{
	for (size_t i = 0; i < sizeof(key_suffixes) / sizeof(*key_suffixes);
	     i++) {
		if (!decode_ends(s, key_suffixes[i]))
			continue;
		*suffix = key_suffixes[i];
		*data = (struct kith_slice){ s.p, s.n - strlen(*suffix) };
		return true;
	}
	return false;
}

enum decode_looks key_text_looks(struct kith_slice s)
{
	struct kith_slice data;
	const char *suffix;

	return cut_suffix(s, &suffix, &data) && data.n &&
			       !memchr("@%&", s.p[0], 3) &&
			       base64_span(data) == data.n
		       ? LOOKS_SURE
		       : LOOKS_NOT;
}

static void explain_signature(struct decode *d, struct kith_slice data)
{
	uint8_t b[KITH_SIGNATURE_BYTES];

	decode_text(d, "is", "a signature: it says not whose, nor of what");
	if (base64_decode(data, b, sizeof(b)))
		decode_hex(d, "hex", (struct kith_slice){ b, sizeof(b) });
	else
		decode_fail(d, data.n, "no 64 bytes of canonical base64");
}

void key_text_explain(struct decode *d, struct kith_slice s)
{
	struct kith_ref ref = { .kind = KITH_REF_FEED,
				.feed = { .format = KITH_CLASSIC } };
	const char *suffix = "";
	struct kith_slice data = s;
	uint8_t b[KITH_ID_BYTES];

	(void)cut_suffix(s, &suffix, &data);
	if (!strcmp(suffix, ".sig.ed25519")) {
		explain_signature(d, data);
	} else if (!strcmp(suffix, ".boxs")) {
		decode_text(d, "is", "the key that opens one private message");
	} else if (!base64_decode(data, b, sizeof(b))) {
		decode_text(d, "is", "a key or a hash");
		decode_fail(d, data.n, "no 32 bytes of canonical base64");
	} else if (!strcmp(suffix, ".ed25519")) {
		memcpy(ref.feed.b, b, sizeof(b));
		decode_ref(d, &ref);
	} else {
		decode_text(d, "is", "a hash: the id of a message with %, or "
				     "of a blob with & in front");
		decode_hex(d, "hex", bytes_of(b));
	}
}

const char *decode_signature(const struct kith_feed_id *by,
			     struct kith_slice what, struct kith_slice text)
{
	struct kith_buf bytes = { .limit = 2 * KITH_SIGNATURE_BYTES };
	struct kith_verify_item item = { by->b, what, NULL, false };
	bool whole;

	if (decode_ends(text, ".sig.ed25519"))
		text.n -= strlen(".sig.ed25519");
	whole = decode_from_base64(text, &bytes) &&
		bytes.n == KITH_SIGNATURE_BYTES;
	if (whole) {
		item.signature = bytes.p;
		kith_verify(&item, 1);
	}
	kith_buf_free(&bytes);
	return !whole ? "unreadable" : item.valid ? "good" : "bad";
}

/* --- channels --- */

enum decode_looks channel_looks(struct kith_slice s)
{
	return s.n > 1 && s.n < 200 && s.p[0] == '#' && s.p[1] != '#' &&
			       !decode_has(s, '\n') &&
			       !decode_has(s, ' ')
		       ? LOOKS_MAYBE
		       : LOOKS_NOT;
}

void channel_explain(struct decode *d, struct kith_slice s)
{
	char name[CHANNEL_TEXT_BYTES];

	decode_text(d, "is", "a channel, as posts name it");
	if (channel_normalize(s, name))
		decode_text(d, "channel", name);
	else
		decode_fail(d, 0, "nothing is left of the name");
}

/* --- bytes --- */

enum decode_looks raw_looks(struct kith_slice s)
{
	return s.n == KITH_ID_BYTES || s.n == KITH_SIGNATURE_BYTES
		       ? LOOKS_MAYBE
		       : LOOKS_NOT;
}

void raw_explain(struct decode *d, struct kith_slice s)
{
	struct kith_ref ref = { .kind = KITH_REF_BLOB };
	char text[KITH_REF_TEXT_BYTES];
	struct kith_msg_id msg = { .format = KITH_CLASSIC };

	if (s.n == KITH_SIGNATURE_BYTES) {
		decode_text(d, "is", "64 bytes, as a signature has");
		return;
	}
	decode_text(d, "is", "32 bytes: a public key or a hash, if it is no "
			     "secret");
	decode_key(d, "feed", s.p);
	memcpy(msg.b, s.p, sizeof(msg.b));
	decode_msg(d, "id", &msg);
	memcpy(ref.blob.b, s.p, sizeof(ref.blob.b));
	kith_blob_print(&ref.blob, text);
	decode_text(d, "blob", text);
	decode_hex(d, "hex", s);
}

enum decode_looks bfe_looks(struct kith_slice s)
{
	const struct bfe_kind *kind;

	if (s.n < BFE_HEAD_BYTES)
		return LOOKS_NOT;
	kind = bfe_kind(s.p[0], s.p[1]);
	if (!kind || (kind->form == BFE_STRING &&
		      !decode_is_text((struct kith_slice){
			      s.p + BFE_HEAD_BYTES, s.n - BFE_HEAD_BYTES })))
		return LOOKS_NOT;
	return LOOKS_MAYBE;
}

void bfe_explain(struct decode *d, struct kith_slice s)
{
	struct kith_error e = { 0 };
	struct bfe_value v;

	if (bfe_read(s, &v, &e))
		decode_fail(d, e.offset, "%s", e.text);
	decode_text(d, "is", "a value in binary field encoding");
	decode_text(d, "type", v.kind->type_name);
	decode_text(d, "format", v.kind->format_name);
	if (v.type != BFE_ENCRYPTED)
		decode_uint(d, "size", v.data.n);
	if (e.code)
		return;
	bfe_put_json(&v, decode_member(d, "value"));
	if (v.type == BFE_ENCRYPTED)
		decode_box_bytes(d, v.format ? KITH_BOX2 : KITH_BOX1,
				 v.data.n);
}
