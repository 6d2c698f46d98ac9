#include "feeds/message.h"

#include "feeds/classic.h"

/* A feed format; adding one adds a row and a file. */
struct format {
	enum kith_format id;
	enum kith_err (*decode)(struct kith_decoder *d, struct kith_slice wire,
				struct kith_msg *out, struct kith_error *e);
	enum kith_err (*build)(struct kith_decoder *d,
			       const struct kith_signer *s,
			       const struct kith_tip *tip,
			       const struct kith_draft *draft,
			       struct kith_msg *out, struct kith_error *e);
};

static const struct format formats[] = {
	{ KITH_CLASSIC, classic_decode, classic_build },
};

static const struct format *find_format(enum kith_format id)
{
	for (size_t i = 0; i < sizeof(formats) / sizeof(formats[0]); i++)
		if (formats[i].id == id)
			return &formats[i];
	return NULL;
}

static enum kith_err unknown_format(enum kith_format id, struct kith_error *e)
{
	return kith_fail(e, KITH_EFORMAT, 0, "feed format %d is not known",
			 (int)id);
}

enum kith_err kith_msg_decode(struct kith_decoder *d, enum kith_format format,
			      struct kith_slice wire, struct kith_msg *out,
			      struct kith_error *e)
{
	const struct format *f = find_format(format);
	struct decoder_mark before = d->now;
	enum kith_err err;

	if (!f)
		return unknown_format(format, e);
	if (wire.n > KITH_MSG_WIRE_BYTES_MAX)
		return kith_fail(e, KITH_ETOOBIG, 0,
				 "the message has %zu bytes, the limit is %d",
				 wire.n, KITH_MSG_WIRE_BYTES_MAX);
	err = f->decode(d, wire, out, e);
	if (err)
		decoder_release(d, before);
	return err;
}

enum kith_err kith_msg_build(struct kith_decoder *d,
			     const struct kith_signer *s,
			     const struct kith_tip *tip,
			     const struct kith_draft *draft,
			     struct kith_msg *out, struct kith_error *e)
{
	const struct format *f = find_format(draft->format);
	struct decoder_mark before = d->now;
	enum kith_err err;

	if (!f)
		return unknown_format(draft->format, e);
	err = f->build(d, s, tip, draft, out, e);
	if (err)
		decoder_release(d, before);
	return err;
}

enum kith_err kith_chain(const struct kith_tip *tip, const struct kith_msg *m)
{
	if (m->sequence <= tip->sequence)
		return KITH_EEXIST;
	if (m->sequence - tip->sequence > 1)
		return KITH_EGAP;
	if (tip->sequence == 0)
		return m->first ? KITH_OK : KITH_EFORK;
	if (m->first || !kith_msg_equal(&m->previous, &tip->id))
		return KITH_EFORK;
	return KITH_OK;
}
