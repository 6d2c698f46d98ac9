/*
 * Signatures to hold a verifier against another: good ones, and every kind of
 * bad one that is known to divide implementations.
 *
 * All comes from a number, so that what was found can be made again.  The keys
 * are known to everybody: nothing here is secret.
 */
#ifndef SUPPORT_FORGER_H
#define SUPPORT_FORGER_H

#include "feeds/verify.h"

enum {
	FORGED_MESSAGE_MAX = 200,
	FORGER_AUTHORS = 512, /* who sign again and again */
	FORGER_TORSIONS = 8
};

enum forgery {
	FORGERY_NONE,	     /* what an honest author signs */
	FORGERY_BIT,	     /* one bit of signature, key or message */
	FORGERY_OTHER_KEY,   /* another author's */
	FORGERY_S_PLUS_L,    /* S, and the order once or more */
	FORGERY_S_EDGE,	     /* 0, or next to the order, or to 2^252... */
	FORGERY_TORSION_KEY, /* a key with a part of small order */
	FORGERY_TORSION_R,   /* an R with such a part */
	FORGERY_TORSIONS,    /* both, so that they cancel out, or do not */
	FORGERY_SMALL_KEY,   /* a key that is of small order, any encoding */
	FORGERY_SMALL_R,     /* likewise R, and S as it must be */
	FORGERY_UNCANONICAL, /* y of p or more, in key or R */
	FORGERY_RANDOM_KEY,  /* 32 bytes, which may be no point */
	FORGERY_RANDOM,	     /* all of it */
	FORGERIES
};

struct forged {
	enum forgery kind;
	size_t n; /* of message */
	uint8_t key[KITH_PUBLIC_BYTES], signature[KITH_SIGNATURE_BYTES];
	uint8_t message[FORGED_MESSAGE_MAX];
};

struct forger;

/* Gives; free with forger_free.  NULL when out of memory.  Needs kith_init. */
struct forger *forger_new(uint64_t seed);
void forger_free(struct forger *f);

/* The forgery of that number. */
void forger_make(struct forger *f, uint64_t number, struct forged *out);
/* The same, of that kind. */
void forger_make_kind(struct forger *f, enum forgery kind, uint64_t number,
		      struct forged *out);

const char *forgery_name(enum forgery kind);

/* The points of small order, as they are written: FORGER_TORSIONS of them. */
const uint8_t (*forger_torsions(const struct forger *f))[KITH_PUBLIC_BYTES];

/* Borrows what it gives from f. */
struct kith_verify_item forged_item(const struct forged *f);

#endif
