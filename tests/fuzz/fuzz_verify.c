/*
 * The verifier against libsodium: a forgery of tests/support/forger.h by kind
 * and number, then edits of it; or all its bytes as they come.
 *
 *	kind, 2 bytes of number, then (place, what to flip there)...
 *	FORGERIES or more, key, signature, message
 *
 * What is found must not depend on who was met before: each is asked of a
 * verifier that is new to it, and of one that has met the author often.
 */
#include <stdlib.h>

#include "tests/fuzz/replay.h"
#include "tests/support/forger.h"

enum { HEAD = 3, OFTEN = 20, SEED = 1 };

struct world {
	struct forger *forger;
	struct kith_verifier *long_lived;
};

static void edit(struct forged *g, const uint8_t *edits, size_t n)
{
	for (; n >= 2; edits += 2, n -= 2) {
		size_t at = edits[0];

		if (at < sizeof(g->key))
			g->key[at] ^= edits[1];
		else if (at - sizeof(g->key) < sizeof(g->signature))
			g->signature[at - sizeof(g->key)] ^= edits[1];
		else
			g->message[at - sizeof(g->key) -
				   sizeof(g->signature)] ^= edits[1];
	}
}

static bool take_bytes(struct forged *g, const uint8_t *data, size_t size)
{
	size_t fixed = sizeof(g->key) + sizeof(g->signature);

	if (size < fixed || size - fixed > sizeof(g->message))
		return false;
	memcpy(g->key, data, sizeof(g->key));
	memcpy(g->signature, data + sizeof(g->key), sizeof(g->signature));
	g->n = size - fixed;
	memcpy(g->message, data + fixed, g->n);
	return true;
}

static void agree(struct kith_verifier *v, const struct forged *g, size_t times)
{
	struct kith_verify_item items[OFTEN + 1], theirs = forged_item(g);

	for (size_t i = 0; i < times; i++)
		items[i] = forged_item(g);
	kith_verifier_check(v, items, times);
	kith_verify(&theirs, 1);
	for (size_t i = 0; i < times; i++)
		if (items[i].valid != theirs.valid)
			abort();
}

static struct world *the_world(void)
{
	static struct world w;

	if (!w.forger && !kith_init()) {
		w.forger = forger_new(SEED);
		w.long_lived = kith_verifier_new();
	}
	return w.forger && w.long_lived ? &w : NULL;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct world *w = the_world();
	struct kith_verifier *fresh;
	struct forged g = { .kind = FORGERY_RANDOM };

	if (!w || size < HEAD)
		return 0;
	if (data[0] < FORGERIES) {
		forger_make_kind(w->forger, (enum forgery)data[0],
				 (uint64_t)data[1] << 8 | data[2], &g);
		edit(&g, data + HEAD, size - HEAD);
	} else if (!take_bytes(&g, data + 1, size - 1)) {
		return 0;
	}
	fresh = kith_verifier_new();
	if (!fresh)
		return 0;
	agree(w->long_lived, &g, 1);
	agree(fresh, &g, OFTEN);
	kith_verifier_free(fresh);
	return 0;
}
