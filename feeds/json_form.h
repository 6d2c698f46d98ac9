/*
 * One pass over text that is canonical already, as most that peers send is:
 * proves that it is, and prints it as V8 does with a two-space indent, which
 * is what classic messages sign and hash.
 *
 * Never allocates.  Stops at the first byte that is not canonical; json_check
 * and json_compact then say what is wrong, or mend it.
 * Source: protocol/10 section 2.
 */
#ifndef FEEDS_JSON_FORM_H
#define FEEDS_JSON_FORM_H

#include "feeds/bytes.h"

/* Members of all open objects together; each prints as nine units or more,
 * so that a message of 8192 has fewer. */
enum { JSON_FORM_NAMES_MAX = 1024 };

struct json_form_name {
	const uint8_t *p;
	uint32_t n;
	uint32_t hash;
};

/* Set by json_form_init. */
struct json_form {
	const uint8_t *p, *end;	/* of the text that is left */
	uint8_t *out, *out_end;	/* where the next byte goes; end of the room */
	size_t extra; /* bytes put out beyond one for each UTF-16 unit */
	bool full;    /* stopped for want of room, not because of a byte */
	size_t name_count;
	struct json_form_name names[JSON_FORM_NAMES_MAX];
};

/* Keeps a view of text and of room, which takes n bytes. */
void json_form_init(struct json_form *f, struct kith_slice text,
		    uint8_t *room, size_t n);

/* Takes expected from the front of the text and puts printed; false, with
 * nothing done, if the text begins otherwise. */
bool json_form_take(struct json_form *f, struct kith_slice expected,
		    struct kith_slice printed);

/* Takes and prints one value that stands depth levels deep. */
bool json_form_value(struct json_form *f, unsigned depth);

#endif
