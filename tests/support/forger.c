#include "tests/support/forger.h"

#include <stdlib.h>

#include <sodium.h>

enum { POINT = 32, SCALAR = 32, WIDE = 64 };

static const uint8_t order[SCALAR] = {
	0xed, 0xd3, 0xf5, 0x5c, 0x1a, 0x63, 0x12, 0x58, 0xd6, 0x9c, 0xf7,
	0xa2, 0xde, 0xf9, 0xde, 0x14, 0,    0,	  0,	0,    0,    0,
	0,    0,    0,	  0,	0,    0,    0,	  0,	0,    0x10
};

/* Of order 8. */
static const uint8_t torsion[POINT] = {
	0x26, 0xe8, 0x95, 0x8f, 0xc2, 0xb2, 0x27, 0xb0, 0x45, 0xc3, 0xf4,
	0x89, 0xf2, 0xef, 0x98, 0xf0, 0xd5, 0xdf, 0xac, 0x05, 0xd3, 0xc6,
	0x33, 0x39, 0xb1, 0x38, 0x02, 0x88, 0x6d, 0x53, 0xfc, 0x05
};

struct key {
	uint8_t secret[SCALAR], point[POINT];
};

struct forger {
	uint64_t seed;
	uint8_t torsions[FORGER_TORSIONS][POINT]; /* multiples of the first */
	struct key authors[FORGER_AUTHORS];
};

/* What is drawn for one forgery. */
struct draw {
	uint8_t author, same, pick, torsion_key, torsion_r, at, bit, n;
	uint8_t secret[WIDE], nonce[WIDE], bytes[WIDE];
	uint8_t message[FORGED_MESSAGE_MAX];
};

static void draw_bytes(uint64_t seed, uint64_t number, void *out, size_t n)
{
	uint8_t key[randombytes_SEEDBYTES] = { 0 };

	memcpy(key, &seed, sizeof(seed));
	memcpy(key + sizeof(seed), &number, sizeof(number));
	randombytes_buf_deterministic(out, n, key);
}

static void make_key(struct key *k, const uint8_t wide[static WIDE])
{
	crypto_core_ed25519_scalar_reduce(k->secret, wide);
	/* Nothing but 0 fails, which is not drawn. */
	if (crypto_scalarmult_ed25519_base_noclamp(k->point, k->secret))
		abort();
}

static void add_points(uint8_t *out, const uint8_t *a, const uint8_t *b)
{
	if (crypto_core_ed25519_add(out, a, b))
		abort();
}

struct forger *forger_new(uint64_t seed)
{
	struct forger *f = calloc(1, sizeof(*f));
	uint8_t wide[WIDE];

	if (!f)
		return NULL;
	f->seed = seed;
	f->torsions[0][0] = 1;
	for (int i = 1; i < FORGER_TORSIONS; i++)
		add_points(f->torsions[i], f->torsions[i - 1], torsion);
	for (uint64_t i = 0; i < FORGER_AUTHORS; i++) {
		draw_bytes(seed, UINT64_MAX - i, wide, sizeof(wide));
		make_key(&f->authors[i], wide);
	}
	return f;
}

void forger_free(struct forger *f)
{
	free(f);
}

const uint8_t (*forger_torsions(const struct forger *f))[KITH_PUBLIC_BYTES]
{
	return f->torsions;
}

static void challenge(const struct forged *g, uint8_t *out)
{
	uint8_t hash[crypto_hash_sha512_BYTES];
	crypto_hash_sha512_state h;

	crypto_hash_sha512_init(&h);
	crypto_hash_sha512_update(&h, g->signature, POINT);
	crypto_hash_sha512_update(&h, g->key, POINT);
	crypto_hash_sha512_update(&h, g->message, g->n);
	crypto_hash_sha512_final(&h, hash);
	crypto_core_ed25519_scalar_reduce(out, hash);
}

/* S, for the key and R that stand there: nonce + h secret. */
static void finish(struct forged *g, const uint8_t *nonce,
		   const uint8_t *secret)
{
	uint8_t h[SCALAR];

	challenge(g, h);
	crypto_core_ed25519_scalar_mul(h, h, secret);
	crypto_core_ed25519_scalar_add(g->signature + POINT, h, nonce);
}

/* s + times * order, where that has 256 bits; else less often. */
static void add_order(uint8_t *s, unsigned times)
{
	for (; times; times--) {
		uint8_t sum[SCALAR];
		unsigned carry = 0;

		for (int i = 0; i < SCALAR; i++) {
			carry += (unsigned)s[i] + order[i];
			sum[i] = (uint8_t)carry;
			carry >>= 8;
		}
		if (carry)
			return;
		memcpy(s, sum, sizeof(sum));
	}
}

static void edge_scalar(uint8_t *s, const struct draw *d)
{
	unsigned k = d->at % 3;

	memset(s, 0, SCALAR);
	switch (d->pick % 6) {
	case 0: /* next to the order; its lowest byte is not near an end */
		memcpy(s, order, SCALAR);
		s[0] = (uint8_t)(s[0] + k - 1);
		break;
	case 1:
		s[0] = (uint8_t)k;
		break;
	case 2: /* a bit alone */
		s[d->at % SCALAR] = (uint8_t)(1 << d->bit % 8);
		break;
	case 3:
		memset(s, 0xff, SCALAR);
		break;
	case 4: /* the highest nibble is all that was once looked at */
		memset(s, 0xff, SCALAR - 1);
		s[31] = 0x0f;
		break;
	default: /* above the order by a middle byte */
		memcpy(s, order, SCALAR);
		s[d->at % (SCALAR - 1)] = (uint8_t)d->bytes[0];
		break;
	}
}

/* A point of small order in one of all its encodings, or what looks like one.
 */
static void small_point(const struct forger *f, uint8_t *out,
			const struct draw *d)
{
	memcpy(out, f->torsions[d->torsion_key % FORGER_TORSIONS], POINT);
	switch (d->pick % 4) {
	case 0:
		out[31] ^= 0x80;
		break;
	case 1: /* p + 0, p + 1: what else is small has no second form */
		memset(out, 0xff, POINT);
		out[0] = (uint8_t)(0xed + (d->at & 1));
		out[31] = d->bit & 1 ? 0xff : 0x7f;
		break;
	default:
		break;
	}
}

static void uncanonical_point(uint8_t *out, const struct draw *d)
{
	memset(out, 0xff, POINT);
	out[0] = (uint8_t)(0xea + d->at % 22);
	out[31] = d->bit & 1 ? 0xff : 0x7f;
	/* or just below, in a byte between */
	if (d->pick % 8 == 0)
		out[1 + d->pick % 30] = 0xfe;
}

static void flip(struct forged *g, const struct draw *d)
{
	uint8_t bit = (uint8_t)(1 << d->bit % 8);

	if (d->pick % 8 == 0)
		g->key[d->at % POINT] ^= bit;
	else if (d->pick % 8 == 1 && g->n)
		g->message[d->at % g->n] ^= bit;
	else
		g->signature[d->at % sizeof(g->signature)] ^= bit;
}

/* Key, R and S of author a, with parts of small order where they belong to the
 * kind. */
static void sign(const struct forger *f, const struct key *a,
		 const struct draw *d, struct forged *g)
{
	bool in_key = g->kind == FORGERY_TORSION_KEY ||
		      g->kind == FORGERY_TORSIONS;
	bool in_r = g->kind == FORGERY_TORSION_R || g->kind == FORGERY_TORSIONS;
	struct key nonce;

	make_key(&nonce, d->nonce);
	if (g->kind == FORGERY_SMALL_R) {
		memset(nonce.secret, 0, SCALAR);
		small_point(f, nonce.point, d);
	}
	memcpy(g->key, a->point, POINT);
	if (in_key)
		add_points(g->key, g->key,
			   f->torsions[d->torsion_key % FORGER_TORSIONS]);
	memcpy(g->signature, nonce.point, POINT);
	if (in_r)
		add_points(g->signature, g->signature,
			   f->torsions[d->torsion_r % FORGER_TORSIONS]);
	if (g->kind == FORGERY_SMALL_KEY)
		small_point(f, g->key, d);
	finish(g, nonce.secret, g->kind == FORGERY_SMALL_KEY ? order :
							       a->secret);
}

static void spoil(const struct forger *f, const struct draw *d,
		  struct forged *g)
{
	switch (g->kind) {
	case FORGERY_BIT:
		flip(g, d);
		break;
	case FORGERY_OTHER_KEY:
		memcpy(g->key, f->authors[d->pick].point, POINT);
		break;
	case FORGERY_S_PLUS_L:
		add_order(g->signature + POINT, 1 + d->pick % 15);
		break;
	case FORGERY_S_EDGE:
		edge_scalar(g->signature + POINT, d);
		break;
	case FORGERY_UNCANONICAL:
		uncanonical_point(d->at & 1 ? g->key : g->signature, d);
		break;
	case FORGERY_RANDOM_KEY:
		memcpy(g->key, d->bytes, POINT);
		break;
	case FORGERY_RANDOM:
		memcpy(g->key, d->bytes, POINT);
		memcpy(g->signature, d->nonce, sizeof(g->signature));
		g->signature[63] &= 0x1f;
		break;
	default:
		break;
	}
}

void forger_make_kind(struct forger *f, enum forgery kind, uint64_t number,
		      struct forged *out)
{
	const struct key *author;
	struct draw d;
	struct key new;

	draw_bytes(f->seed, number, &d, sizeof(d));
	/* A few write most, others little, and many once. */
	author = &f->authors[d.same < 128 ? d.author % 8U
					  : d.author + (d.pick & 1U) * 256U];
	if (d.same >= 224) {
		make_key(&new, d.secret);
		author = &new;
	}
	*out = (struct forged){ .kind = kind, .n = d.n % FORGED_MESSAGE_MAX };
	memcpy(out->message, d.message, out->n);
	sign(f, author, &d, out);
	spoil(f, &d, out);
}

void forger_make(struct forger *f, uint64_t number, struct forged *out)
{
	uint8_t kind;

	draw_bytes(~f->seed, number, &kind, sizeof(kind));
	forger_make_kind(f, kind < 64 ? FORGERY_NONE
				      : (enum forgery)(kind % FORGERIES),
			 number, out);
}

const char *forgery_name(enum forgery kind)
{
	static const char *const names[FORGERIES] = {
		"honest", "a bit", "another's key", "S plus the order",
		"S at an edge", "small part in key", "small part in R",
		"small parts in both", "small key", "small R",
		"not below p", "random key", "random",
	};

	return names[kind];
}

struct kith_verify_item forged_item(const struct forged *f)
{
	return (struct kith_verify_item){
		.key = f->key,
		.message = { f->message, f->n },
		.signature = f->signature,
		.valid = true,
	};
}
