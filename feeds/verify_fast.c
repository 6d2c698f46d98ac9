/*
 * The verifier: Ed25519 as libsodium 1.0.18 accepts it, for public signatures
 * only.  All it sees is public, so its time depends on what it sees.
 *
 * A signature R, S by the key A is valid if
 *
 *	S is below the order of the base point B,
 *	neither R nor A is one of the eight points of small order,
 *	A is a point, its y is below p, and
 *	S B - h A is written as R is, to the byte
 *
 * where h is SHA-512 (R, A, message) modulo that order.  So an R that is not
 * in its one form is never valid, and A may have a part of small order, which
 * counts: nothing is multiplied by 8.
 */
#include "feeds/verify.h"

#include <stdlib.h>

#include <sodium.h>

#include "feeds/verify_authors.h"

/* How many points are written down together. */
enum { BATCH = 64 };

struct kith_verifier {
	struct authors *authors;
	/* Those of the author of the last signature, if he has no comb. */
	uint8_t odds_key[POINT_BYTES];
	bool has_odds;
	struct rake_odds odds;
	bool has_base; /* it is made for the first signature */
	struct comb_base base;
};

/* Items that can still be valid, and the points that they must name. */
struct batch {
	size_t n;
	struct kith_verify_item *items[BATCH];
	struct point points[BATCH];
};

struct kith_verifier *kith_verifier_new(void)
{
	struct kith_verifier *v = calloc(1, sizeof(*v));

	if (!v)
		return NULL;
	v->authors = authors_new();
	if (!v->authors) {
		free(v);
		return NULL;
	}
	return v;
}

void kith_verifier_free(struct kith_verifier *v)
{
	if (v)
		authors_free(v->authors);
	free(v);
}

/* The y of the points whose order is 1, 2, 4 or 8.  Those of p or more that
 * mean the same are no matter: R would not be in its one form, and A neither. */
static const uint8_t small_orders[][POINT_BYTES] = {
	{ 0 },
	{ 1 },
	{ 0x26, 0xe8, 0x95, 0x8f, 0xc2, 0xb2, 0x27, 0xb0, 0x45, 0xc3, 0xf4,
	  0x89, 0xf2, 0xef, 0x98, 0xf0, 0xd5, 0xdf, 0xac, 0x05, 0xd3, 0xc6,
	  0x33, 0x39, 0xb1, 0x38, 0x02, 0x88, 0x6d, 0x53, 0xfc, 0x05 },
	{ 0xc7, 0x17, 0x6a, 0x70, 0x3d, 0x4d, 0xd8, 0x4f, 0xba, 0x3c, 0x0b,
	  0x76, 0x0d, 0x10, 0x67, 0x0f, 0x2a, 0x20, 0x53, 0xfa, 0x2c, 0x39,
	  0xcc, 0xc6, 0x4e, 0xc7, 0xfd, 0x77, 0x92, 0xac, 0x03, 0x7a },
	{ 0xec, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff,
	  0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff,
	  0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x7f },
};

static bool has_small_order(const uint8_t *point)
{
	for (size_t i = 0; i < sizeof(small_orders) / POINT_BYTES; i++)
		/* Public: memcmp is right. */
		if (!memcmp(point, small_orders[i], POINT_BYTES - 1) &&
		    (point[31] & 0x7f) == small_orders[i][31])
			return true;
	return false;
}

/* Its y is below p, which is 2^255 - 19. */
static bool is_canonical(const uint8_t *point)
{
	if (point[0] < 0xed || (point[31] & 0x7f) != 0x7f)
		return true;
	for (size_t i = 1; i < POINT_BYTES - 1; i++)
		if (point[i] != 0xff)
			return true;
	return false;
}

static bool has_good_form(const struct kith_verify_item *it)
{
	return scalar_is_below_order(it->signature + POINT_BYTES) &&
	       !has_small_order(it->signature) && is_canonical(it->key) &&
	       !has_small_order(it->key);
}

static void challenge(const struct kith_verify_item *it,
		      uint8_t out[static SCALAR_BYTES])
{
	uint8_t hash[crypto_hash_sha512_BYTES];
	crypto_hash_sha512_state h;

	crypto_hash_sha512_init(&h);
	crypto_hash_sha512_update(&h, it->signature, POINT_BYTES);
	crypto_hash_sha512_update(&h, it->key, POINT_BYTES);
	crypto_hash_sha512_update(&h, it->message.p, it->message.n);
	crypto_hash_sha512_final(&h, hash);
	crypto_core_ed25519_scalar_reduce(out, hash);
}

static const struct rake_odds *odds_of(struct kith_verifier *v,
				       const struct author *who)
{
	if (!v->has_odds || memcmp(v->odds_key, who->key, POINT_BYTES) != 0) {
		rake_odds_make(&v->odds, &who->rake);
		memcpy(v->odds_key, who->key, POINT_BYTES);
		v->has_odds = true;
	}
	return &v->odds;
}

static void add_item(struct kith_verifier *v, struct batch *b,
		     struct kith_verify_item *it)
{
	const uint8_t *s = it->signature + POINT_BYTES;
	const struct author *who;
	uint8_t h[SCALAR_BYTES];

	it->valid = false;
	if (!has_good_form(it))
		return;
	who = authors_meet(v->authors, it->key);
	if (!who)
		return;
	challenge(it, h);
	if (who->comb)
		comb_sum(&b->points[b->n], &v->base, s, who->comb, h);
	else
		rake_sum(&b->points[b->n], &v->base, s, odds_of(v, who), h);
	b->items[b->n++] = it;
}

static void settle(struct batch *b)
{
	struct residue inverse[BATCH];

	if (!b->n)
		return;
	for (size_t i = 0; i < b->n; i++)
		inverse[i] = b->points[i].z;
	residue_invert_all(inverse, b->n);
	for (size_t i = 0; i < b->n; i++)
		b->items[i]->valid = point_is(&b->points[i], &inverse[i],
					      b->items[i]->signature);
	b->n = 0;
}

void kith_verifier_check(struct kith_verifier *v,
			 struct kith_verify_item *items, size_t n)
{
	struct batch b;

	b.n = 0;
	if (!v->has_base)
		comb_base_make(&v->base);
	v->has_base = true;
	for (size_t i = 0; i < n; i++) {
		if (b.n == BATCH)
			settle(&b);
		add_item(v, &b, &items[i]);
	}
	settle(&b);
}
