#include <stdlib.h>

#include "feeds/message.h"
#include "feeds/peek.h"
#include "tests/fuzz/replay.h"

static void same_again(struct kith_decoder *d, const struct kith_msg *m)
{
	struct kith_msg again;

	if (kith_msg_decode(d, KITH_CLASSIC, m->canon, &again, NULL) ||
	    again.canon.p != m->canon.p || !kith_msg_equal(&again.id, &m->id) ||
	    again.units != m->units || !kith_equal(again.signing, m->signing))
		abort();
}

static void same_at_a_peek(struct kith_slice wire, const struct kith_msg *m)
{
	struct kith_feed_id author;
	uint64_t sequence;

	if (!msg_peek(wire, &author, &sequence) ||
	    sequence != m->sequence)
		abort();
}

/* Content that anybody may ask us to publish. */
static void publish(struct kith_decoder *d, struct kith_slice content)
{
	static const uint8_t seed[KITH_SEED_BYTES] = { 1 };
	static struct kith_signer *signer;
	const struct kith_draft draft = { KITH_CLASSIC, content, 1 };
	struct kith_tip tip = { 0 };
	struct kith_msg m;

	if (!signer && !kith_init())
		signer = kith_signer_from_seed(seed);
	if (signer && !kith_msg_build(d, signer, &tip, &draft, &m, NULL))
		same_again(d, &m);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static struct kith_decoder *d;
	struct kith_slice wire = { data, size };
	struct kith_msg m;

	if (!d)
		d = kith_decoder_new(NULL);
	if (!d)
		return 0;
	kith_decoder_reset(d);
	if (!kith_msg_decode(d, KITH_CLASSIC, wire, &m, NULL)) {
		same_again(d, &m);
		same_at_a_peek(m.canon, &m);
	}
	publish(d, wire);
	return 0;
}
