#include <stdlib.h>

#include "feeds/json.h"
#include "feeds/quirks.h"
#include "feeds/verdict.h"
#include "feeds/verify.h"
#include "tests/fuzz/replay.h"

enum { PATH_BYTES_MAX = 1 << 20 };

static bool is_taken(struct kith_decoder *d, struct kith_slice wire)
{
	struct kith_msg m;
	struct kith_verify_item item;

	kith_decoder_reset(d);
	if (kith_msg_decode(d, KITH_CLASSIC, wire, &m, NULL))
		return false;
	item = (struct kith_verify_item){ m.author.b, m.signing, m.signature,
					  false };
	kith_verify(&item, 1);
	return item.valid;
}

/* The rules all pass exactly when decoding and the signature do. */
static void same_as_decoding(struct kith_decoder *d, struct kith_slice wire)
{
	struct kith_ruling ruling;
	bool taken = is_taken(d, wire);

	kith_decoder_reset(d);
	if (kith_rules_judge(d, wire, NULL, &ruling))
		return;
	if ((ruling.first == KITH_RULES) != taken ||
	    (taken && !ruling.decoded))
		abort();
	for (unsigned i = 0; i < KITH_RULES; i++)
		if (ruling.rules[i].offset > wire.n)
			abort();
}

/* What we would publish, all of the others take. */
static void strict_is_strict(struct kith_trial *t, struct kith_slice wire)
{
	struct kith_verdict strict, v;

	if (kith_trial_open(t, wire, NULL) ||
	    kith_trial_ask(t, KITH_PEER_STRICT, &strict))
		return;
	for (unsigned i = 0; i < KITH_PEERS; i++)
		if (!kith_trial_ask(t, (enum kith_peer)i, &v) &&
		    strict.accepted && !v.accepted)
			abort();
}

static void walk(struct kith_slice wire)
{
	struct kith_buf path = { .limit = PATH_BYTES_MAX };
	struct quirk_place list[8];
	struct quirks q = { .list = list, .max = 8 };
	struct kith_slice value;

	if (json_check(wire, &value, NULL))
		return;
	quirks_find(value, &q);
	for (size_t i = 0; i < q.n && i < 8; i++) {
		kith_buf_reset(&path);
		json_path(value, list[i].where.p, &path);
	}
	kith_buf_free(&path);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static struct kith_decoder *d;
	static struct kith_trial *t;
	struct kith_slice wire = { data, size };

	if (!d && !kith_init()) {
		d = kith_decoder_new(NULL);
		t = kith_trial_new(NULL);
	}
	if (!d || !t)
		return 0;
	walk(wire);
	same_as_decoding(d, wire);
	strict_is_strict(t, wire);
	return 0;
}
