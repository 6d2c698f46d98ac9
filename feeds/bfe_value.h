/*
 * Any value in binary field encoding: what it is, and the text that stands for
 * it elsewhere.
 *
 * For looking at what others wrote; what we write and check ourselves is in
 * bfe.h.  Pure; never allocates but through the buffer it is given.
 * Format: ssb-bfe-spec; protocol/11 section 2.
 */
#ifndef FEEDS_BFE_VALUE_H
#define FEEDS_BFE_VALUE_H

#include "feeds/bytes.h"

enum { BFE_HEAD_BYTES = 2, BFE_ANY_BYTES = -1, BFE_ENCRYPTED = 5 /* type */ };

/* How the text is made of the bytes. */
enum bfe_form {
	BFE_SIGIL,  /* before, base64, after */
	BFE_URI,    /* the same in URL-safe base64 */
	BFE_STRING,
	BFE_BOOL,
	BFE_NIL,
	BFE_BYTES   /* no text: hex */
};

struct bfe_kind {
	uint8_t type, format;
	const char *type_name, *format_name;
	int bytes; /* or BFE_ANY_BYTES */
	enum bfe_form form;
	const char *before, *after;
};

struct bfe_value {
	uint8_t type, format;
	const struct bfe_kind *kind; /* NULL: of no known type and format */
	struct kith_slice data;	     /* of what was read */
};

/* NULL: no kind has this type and format. */
const struct bfe_kind *bfe_kind(uint8_t type, uint8_t format);

/* Reads a whole value.  EFORMAT, with *out as far as it goes: no head, or data
 * of a length that its kind does not have. */
KITH_CHECK enum kith_err bfe_read(struct kith_slice in, struct bfe_value *out,
				  struct kith_error *e);

/* Appends what JSON has in its place: a quoted text, true, false or null; of
 * bytes and of strings that are no UTF-8 {"hex":...}; of unknown kinds
 * "ssb:unknown/TYPE-FORMAT/BASE64". */
void bfe_put_json(const struct bfe_value *v, struct kith_buf *out);

#endif
