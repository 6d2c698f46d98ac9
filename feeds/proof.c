#include "feeds/proof.h"

#include <inttypes.h>

#include "feeds/verify.h"

/* What is wrong with message n, 1 or 2. */
static enum kith_err fail_one(struct kith_error *e, int n,
			      const struct kith_error *why)
{
	return kith_fail(e, why->code, why->offset, "message %d: %s", n,
			 why->text);
}

static enum kith_err read_one(struct kith_decoder *d, enum kith_format format,
			      struct kith_slice wire, int n,
			      struct kith_msg *out, struct kith_error *e)
{
	struct kith_verify_item item;
	struct kith_error why = { 0 };
	enum kith_err err = kith_msg_decode(d, format, wire, out, &why);

	if (err) {
		kith_fail(&why, err, 0, "%s", kith_strerror(err));
		return fail_one(e, n, &why);
	}
	item = (struct kith_verify_item){ out->author.b, out->signing,
					  out->signature, false };
	kith_verify(&item, 1);
	if (item.valid)
		return KITH_OK;
	return kith_fail(e, KITH_ESIGN, 0,
			 "message %d: the signature does not verify", n);
}

static enum kith_err compare(const struct kith_msg *a, const struct kith_msg *b,
			     struct kith_error *e)
{
	if (!kith_feed_equal(&a->author, &b->author))
		return kith_fail(e, KITH_EFORMAT, 0,
				 "the messages have different authors");
	if (a->sequence != b->sequence)
		return kith_fail(e, KITH_EFORMAT, 0,
				 "the messages stand at different places: "
				 "%" PRIu64 " and %" PRIu64,
				 a->sequence, b->sequence);
	if (kith_msg_equal(&a->id, &b->id))
		return kith_fail(e, KITH_EFORMAT, 0,
				 "both are the same message");
	return KITH_OK;
}

enum kith_err kith_proof_check(struct kith_decoder *d, enum kith_format format,
			       struct kith_slice one, struct kith_slice other,
			       struct kith_proof *out, struct kith_error *e)
{
	struct kith_proof p;
	enum kith_err err = read_one(d, format, one, 1, &p.messages[0], e);

	if (!err)
		err = read_one(d, format, other, 2, &p.messages[1], e);
	if (!err)
		err = compare(&p.messages[0], &p.messages[1], e);
	if (err)
		return err;
	p.author = p.messages[0].author;
	p.sequence = p.messages[0].sequence;
	*out = p;
	return KITH_OK;
}

/* Takes a line from the front of text, without its end; false: there is no
 * more. */
static bool take_line(struct kith_slice *text, struct kith_slice *line)
{
	const uint8_t *end;
	size_t n;

	if (!text->n)
		return false;
	end = memchr(text->p, '\n', text->n);
	n = end ? (size_t)(end - text->p) : text->n;
	*line = (struct kith_slice){ text->p, n };
	text->p += n + (end != NULL);
	text->n -= n + (end != NULL);
	return true;
}

enum kith_err kith_proof_read(struct kith_decoder *d, struct kith_slice text,
			      struct kith_proof *out, struct kith_error *e)
{
	struct kith_slice lines[2], rest;

	if (text.n > KITH_PROOF_BYTES_MAX)
		return kith_fail(e, KITH_ETOOBIG, 0,
				 "longer than two messages can be");
	if (!take_line(&text, &lines[0]) || !take_line(&text, &lines[1]) ||
	    take_line(&text, &rest))
		return kith_fail(e, KITH_EFORMAT, 0,
				 "a proof is two lines, a message on each");
	return kith_proof_check(d, KITH_CLASSIC, lines[0], lines[1], out, e);
}
