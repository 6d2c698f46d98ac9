/*
 * BIPF, in which ssb-db2 keeps JSON: values read in place.
 *
 * A value is a tag, its length and kind, and that many bytes.  A reader steps
 * over what it does not want, and takes nothing apart that it was not asked
 * for: bytes may be anybody's, and every call stays inside them.  Pure; never
 * allocates, but for what is printed.
 * Format: BIPF specification; protocol/11 section 6.
 */
#ifndef FEEDS_BIPF_H
#define FEEDS_BIPF_H

#include "feeds/bytes.h"

/* Values stand in the tag and do not change. */
enum bipf_kind {
	BIPF_STRING = 0, /* UTF-8 */
	BIPF_BUFFER = 1,
	BIPF_INT = 2,	 /* 32 bits, signed, little endian */
	BIPF_DOUBLE = 3, /* IEEE, little endian */
	BIPF_ARRAY = 4,	 /* values, one behind another */
	BIPF_OBJECT = 5, /* a string and a value, one behind another */
	BIPF_WORD = 6	 /* no byte: null; one of 0, 1, 2: false, true, what
			  * JavaScript calls undefined */
};

enum {
	BIPF_DEPTH_MAX = 128, /* as of JSON: protocol/10 section 7.2 */
	BIPF_TAG_BYTES_MAX = 5
};

/* One value; data borrows from where it was taken, without the tag. */
struct bipf {
	enum bipf_kind kind;
	struct kith_slice data;
};

/* Takes the value at the front of in, which goes on behind it; looks at its
 * tag alone.  EFORMAT, with nothing taken: there is none, it is of no kind, or
 * longer than in. */
KITH_CHECK enum kith_err bipf_take(struct kith_slice *in, struct bipf *out,
				   struct kith_error *e);

/* The whole of bytes is one value, and well formed to its ground: lengths,
 * depth, texts that are UTF-8.  EFORMAT with e->offset; *out may be NULL. */
KITH_CHECK enum kith_err bipf_check(struct kith_slice bytes, struct bipf *out,
				    struct kith_error *e);

/* Walks an object or an array: start with at = 0.  False at the end, for any
 * other kind, and where what follows is malformed: then *at is not the
 * length of its data. */
bool bipf_next_member(const struct bipf *object, size_t *at,
		      struct kith_slice *key, struct bipf *value);
bool bipf_next_element(const struct bipf *array, size_t *at,
		       struct bipf *value);

/* The member called name, the last if there are several, as JavaScript has
 * it. */
KITH_CHECK bool bipf_get(const struct bipf *object, const char *name,
			 struct bipf *out);

/* False: it is no string with this text; no number. */
bool bipf_is(const struct bipf *value, const char *text);
KITH_CHECK bool bipf_number(const struct bipf *value, double *out);

/* Appends the value as compact JSON, as JSON.stringify prints it: numbers as
 * the network prints them, a member that is undefined left out, a buffer as
 * {"type":"Buffer","data":[...]}; names in the order of the bytes, which is
 * that of JavaScript in what it wrote.  Checks on the way as bipf_check does:
 * EFORMAT with e->offset in the value's data, and out may have grown; ETOOBIG,
 * ENOMEM: out->err. */
KITH_CHECK enum kith_err bipf_print(const struct bipf *value,
				    struct kith_buf *out,
				    struct kith_error *e);

#endif
