#include "feeds/verify.h"

#include <sodium.h>

void kith_verify(struct kith_verify_item *items, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		struct kith_verify_item *it = &items[i];

		it->valid = crypto_sign_verify_detached(
				    it->signature, it->message.p,
				    it->message.n, it->key) == 0;
	}
}
