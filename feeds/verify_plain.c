/*
 * The verifier where the compiler has no products of 128 bits: libsodium's.
 */
#include "feeds/verify.h"

#include <stdlib.h>

struct kith_verifier {
	char nothing;
};

struct kith_verifier *kith_verifier_new(void)
{
	return calloc(1, sizeof(struct kith_verifier));
}

void kith_verifier_free(struct kith_verifier *v)
{
	free(v);
}

void kith_verifier_check(struct kith_verifier *v,
			 struct kith_verify_item *items, size_t n)
{
	(void)v;
	kith_verify(items, n);
}
