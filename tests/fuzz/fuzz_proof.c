#include <stdlib.h>

#include "feeds/proof.h"
#include "tests/fuzz/replay.h"

/* What was taken is taken in the other order too, from canonical bytes, and
 * says of the two what makes them a proof. */
static void holds(struct kith_decoder *d, const struct kith_proof *p)
{
	const struct kith_msg *a = &p->messages[0], *b = &p->messages[1];
	struct kith_proof turned;

	if (!kith_feed_equal(&a->author, &b->author) ||
	    a->sequence != b->sequence || kith_msg_equal(&a->id, &b->id) ||
	    kith_equal(a->canon, b->canon))
		abort();
	if (kith_proof_check(d, KITH_CLASSIC, b->canon, a->canon, &turned,
			     NULL) ||
	    turned.sequence != p->sequence ||
	    !kith_feed_equal(&turned.author, &p->author))
		abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static struct kith_decoder *d;
	struct kith_slice text = { data, size };
	struct kith_proof p;

	if (!d && !kith_init())
		d = kith_decoder_new(NULL);
	if (!d)
		return 0;
	kith_decoder_reset(d);
	if (!kith_proof_read(d, text, &p, NULL))
		holds(d, &p);
	return 0;
}
