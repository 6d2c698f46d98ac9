/*
 * Bencode, strictly: integers, byte strings, lists and dictionaries, each in
 * the one spelling that honest writers use.
 *
 * A reader of tokens: the caller keeps what it needs, so nothing is allocated
 * and what is damaged is read up to where it is.  Nesting is limited.  Pure.
 * Format: BEP 3; protocol/11 section 3.1.
 */
#ifndef FEEDS_BENCODE_H
#define FEEDS_BENCODE_H

#include "feeds/bytes.h"

enum { BENCODE_DEPTH_MAX = 32 };

enum bencode_kind {
	BENCODE_INTEGER,
	BENCODE_STRING,
	BENCODE_LIST, /* up to its END */
	BENCODE_DICT, /* key, value, key, value, ... up to its END */
	BENCODE_END
};

struct bencode_token {
	enum bencode_kind kind;
	int64_t integer;
	struct kith_slice string; /* of the input */
	bool key;		  /* of a dictionary */
	size_t at, end;		  /* bytes of the input */
};

enum bencode_step {
	BENCODE_TOKEN,
	BENCODE_OVER, /* one whole value was read; what is behind it is not */
	BENCODE_BAD   /* bencode.why */
};

/* Embedded; bencode_init.  Keeps a view of in. */
struct bencode {
	struct kith_slice in;
	size_t at;
	unsigned depth;
	bool begun, bad;
	struct {
		bool dict, value; /* next is a value */
		struct kith_slice key; /* the last */
		bool has_key;
	} open[BENCODE_DEPTH_MAX];
	struct kith_error why;
};

void bencode_init(struct bencode *b, struct kith_slice in);

/* After OVER or BAD it gives the same again. */
enum bencode_step bencode_next(struct bencode *b, struct bencode_token *out);

/* Takes one whole value from the front of in: *n bytes of it.  EFORMAT with
 * the offset; ETOOBIG: nested too deep. */
KITH_CHECK enum kith_err bencode_check(struct kith_slice in, size_t *n,
				       struct kith_error *e);

#endif
