#include <math.h>

#include "feeds/base64.h"
#include "feeds/classic.h"
#include "feeds/json.h"
#include "feeds/ref.h"

/* What follows the signature's characters in a message. */
static const char signature_end[] = ".sig.ed25519\"}";

static enum kith_err no_memory(struct kith_error *e)
{
	return kith_fail(e, KITH_ENOMEM, 0, "out of memory");
}

static enum kith_err check_draft(const struct kith_tip *tip,
				 const struct kith_draft *draft,
				 struct kith_slice *content,
				 struct kith_error *e)
{
	enum kith_err err;

	if (tip->sequence >= KITH_SEQUENCE_MAX)
		return kith_fail(e, KITH_ETOOBIG, 0,
				 "the feed has no sequence left");
	if (!isfinite(draft->now_ms) || !isfinite(tip->claimed))
		return kith_fail(e, KITH_EFORMAT, 0,
				 "the time is not a finite number");
	if (draft->content.n > KITH_MSG_WIRE_BYTES_MAX)
		return kith_fail(e, KITH_ETOOBIG, 0,
				 "the content has %zu bytes, the limit is %d",
				 draft->content.n, KITH_MSG_WIRE_BYTES_MAX);
	err = json_check(draft->content, content, e);
	return err ? err : classic_publish_check(*content, e);
}

static double next_claimed(const struct kith_tip *tip,
			   const struct kith_draft *draft)
{
	double least = tip->claimed + 1;

	if (tip->sequence == 0 || draft->now_ms > least)
		return draft->now_ms;
	return least;
}

/* Writes the whole message into b, with zeros for a signature. */
static void put_message(struct kith_decoder *d, struct kith_buf *b,
			const struct kith_feed_id *author,
			const struct kith_tip *tip,
			const struct kith_draft *draft,
			struct kith_slice content)
{
	static const uint8_t unsigned_yet[KITH_SIGNATURE_BYTES];
	char id[KITH_REF_TEXT_BYTES], chars[CLASSIC_SIGNATURE_CHARS + 1];

	kith_buf_text(b, "{\"previous\":");
	if (tip->sequence == 0) {
		kith_buf_text(b, "null");
	} else {
		kith_msg_print(&tip->id, id);
		json_put_text(b, id);
	}
	kith_buf_text(b, ",\"sequence\":");
	kith_buf_uint(b, tip->sequence + 1);
	kith_buf_text(b, ",\"author\":");
	kith_feed_print(author, id);
	json_put_text(b, id);
	kith_buf_text(b, ",\"timestamp\":");
	json_put_number(b, next_claimed(tip, draft));
	kith_buf_text(b, ",\"hash\":\"sha256\",\"content\":");
	json_compact_with(&d->scratch, content, b);
	kith_buf_text(b, ",\"signature\":\"");
	base64_encode((struct kith_slice){ unsigned_yet,
					   sizeof(unsigned_yet) }, chars);
	chars[CLASSIC_SIGNATURE_CHARS] = '\0';
	kith_buf_text(b, chars);
	kith_buf_text(b, signature_end);
}

enum kith_err classic_prepare(struct kith_decoder *d,
			      const struct kith_feed_id *author,
			      const struct kith_tip *tip,
			      const struct kith_draft *draft,
			      struct kith_msg *out, struct kith_error *e)
{
	struct kith_slice content = { NULL, 0 };
	struct kith_buf b;
	enum kith_err err;

	err = check_draft(tip, draft, &content, e);
	if (err)
		return err;
	b = (struct kith_buf){ .p = decoder_room(d, KITH_MSG_WIRE_BYTES_MAX),
			       .cap = KITH_MSG_WIRE_BYTES_MAX,
			       .limit = KITH_MSG_WIRE_BYTES_MAX };
	if (!b.p)
		return no_memory(e);
	put_message(d, &b, author, tip, draft, content);
	if (b.err)
		return kith_fail(e, b.err, 0, "the message is %s",
				 b.err == KITH_ENOMEM ? "out of memory" :
							"too long");
	decoder_keep(d, b.n);
	return classic_decode(d, kith_bytes(&b), out, e);
}

static void put_signature(uint8_t *p, size_t n,
			  const uint8_t signature[static KITH_SIGNATURE_BYTES])
{
	char chars[CLASSIC_SIGNATURE_CHARS];

	base64_encode((struct kith_slice){ signature, KITH_SIGNATURE_BYTES },
		      chars);
	memcpy(p + n - strlen(signature_end) - sizeof(chars), chars,
	       sizeof(chars));
}

enum kith_err
classic_finish(struct kith_decoder *d, const struct kith_msg *prepared,
	       const uint8_t signature[static KITH_SIGNATURE_BYTES],
	       struct kith_msg *out, struct kith_error *e)
{
	size_t n = prepared->canon.n;
	uint8_t *p = decoder_room(d, n);

	if (!p)
		return no_memory(e);
	memcpy(p, prepared->canon.p, n);
	put_signature(p, n, signature);
	decoder_keep(d, n);
	return classic_decode(d, (struct kith_slice){ p, n }, out, e);
}
