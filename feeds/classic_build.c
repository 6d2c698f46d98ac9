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
			const struct kith_signer *s,
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
	kith_feed_print(kith_signer_id(s), id);
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

static void put_signature(struct kith_buf *b, const struct kith_signer *s,
			  struct kith_slice signing)
{
	uint8_t signature[KITH_SIGNATURE_BYTES];
	char chars[CLASSIC_SIGNATURE_CHARS];

	kith_sign(s, signing, signature);
	base64_encode((struct kith_slice){ signature, sizeof(signature) },
		      chars);
	memcpy(b->p + b->n - strlen(signature_end) - sizeof(chars), chars,
	       sizeof(chars));
}

/* What we sign must be what every peer will find signed: from the message as
 * they will read it, the same signature must come out once more (RFC 8032
 * knows no chance).  As sure as verifying, at half the cost. */
static enum kith_err check_signed(const struct kith_signer *s,
				  const struct kith_msg *m,
				  struct kith_error *e)
{
	uint8_t again[KITH_SIGNATURE_BYTES];

	kith_sign(s, m->signing, again);
	if (!memcmp(again, m->signature, sizeof(again)))
		return KITH_OK;
	return kith_fail(e, KITH_ESIGN, 0,
			 "our own signature came out in two ways: this "
			 "machine does not compute reliably");
}

enum kith_err classic_build(struct kith_decoder *d,
			    const struct kith_signer *s,
			    const struct kith_tip *tip,
			    const struct kith_draft *draft,
			    struct kith_msg *out, struct kith_error *e)
{
	struct kith_slice content = { NULL, 0 };
	struct kith_msg msg;
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
	put_message(d, &b, s, tip, draft, content);
	if (b.err)
		return kith_fail(e, b.err, 0, "the message is %s",
				 b.err == KITH_ENOMEM ? "out of memory" :
							"too long");
	decoder_keep(d, b.n);

	err = classic_decode(d, kith_bytes(&b), &msg, e);
	if (err)
		return err;
	put_signature(&b, s, msg.signing);
	err = classic_decode(d, kith_bytes(&b), &msg, e);
	if (!err)
		err = check_signed(s, &msg, e);
	if (!err)
		*out = msg;
	return err;
}
