/*
 * Tokens explained: what an id, an address, an invite, a frame, a box or a
 * piece of a message is, and what is in it.
 *
 * Every kind of token is a row of one table: its name, does a text or do bytes
 * look like one, and an explanation.  What may be several things is explained
 * as each of them; what is damaged, as far as it goes.  An explanation is JSON,
 * and the text for people is made of that.
 *
 * Pure but for the ways that its caller gives.  Secret halves of keys and
 * seeds never get into an explanation.
 */
#ifndef TOOLS_WIRE_DECODE_H
#define TOOLS_WIRE_DECODE_H

#include "feeds/boxed.h"
#include "feeds/bytes.h"

enum {
	DECODE_TOKEN_BYTES_MAX = 1 << 20,
	DECODE_OUT_BYTES_MAX = 32 << 20
};

struct decode_ways {
	const uint8_t *app_key; /* 32 bytes: of the network whose sealed
				 * beacons are opened */
	/* Opens a box with our keys; NULL: nothing private is opened. */
	enum kith_opening (*open)(void *arg, const struct kith_boxed *box,
				  struct kith_opened *out);
	void *arg;
};

enum decode_result {
	DECODE_UNKNOWN, /* no row knows it: nothing was appended */
	DECODE_SOUND,
	DECODE_DAMAGED, /* as far as it goes; or one part of it is */
	DECODE_NO_MEMORY
};

/* Appends one JSON object: bytes, and readings, each with its kind and what
 * is in it.  token: as it was typed or read, text or not; at most
 * DECODE_TOKEN_BYTES_MAX. */
enum decode_result decode_token(const struct decode_ways *ways,
				struct kith_slice token, struct kith_buf *out);

/* Appends the lines for a person that an object of decode_token stands for;
 * as safe on a terminal as JSON is. */
void decode_lines(struct kith_slice json, struct kith_buf *out);

/* Walks what is known, for help: *at = 0 first; NULL at the end. */
const char *decode_kind(size_t *at);

#endif
