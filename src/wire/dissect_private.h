/*
 * The inside of a dissector: private to dissect.c, which reads bytes, and
 * dissect_calls.c, which knows requests.
 */
#ifndef WIRE_DISSECT_PRIVATE_H
#define WIRE_DISSECT_PRIVATE_H

#include <sodium.h>

#include "src/wire/box.h"
#include "src/wire/call.h"
#include "src/wire/dissect.h"
#include "src/wire/requests.h"

enum {
	DISSECT_HELLO_BYTES = 64,
	DISSECT_AUTH_BYTES = 112,
	DISSECT_ACCEPT_BYTES = 80,
	DISSECT_HANDSHAKE_BYTES = DISSECT_HELLO_BYTES + DISSECT_AUTH_BYTES
};

/* A call as it is kept: its texts follow it in one piece of memory. */
struct dissect_kept {
	struct dissect_call call;
	struct dissect_sum {
		uint64_t bytes;
		bool begun, lost;
		crypto_hash_sha256_state hash;
	} sum[2]; /* by direction */
	uint8_t text[];
};

enum dissect_phase {
	SIDE_HELLO,
	SIDE_PROOF,
	SIDE_READY, /* boxes follow, if there are keys */
	SIDE_BOXES,
	SIDE_SEALED
};

struct dissect_side {
	enum dissect_phase phase;
	uint64_t at; /* bytes that it said */
	uint8_t handshake[DISSECT_HANDSHAKE_BYTES];
	size_t have; /* bytes of that */
	struct box_reader box;
	uint64_t frames;
	uint64_t frame_at;	  /* where the frame in progress begins */
	struct kith_slice opened; /* of the last frame, not yet read */
	struct muxrpc_reader *rpc;
	bool in_packet; /* a packet has begun and not ended */
	bool rpc_over;	/* it said goodbye */
};

struct dissect {
	struct dissect_config config;
	uint8_t app_key[SHS_APP_KEY_BYTES];
	struct dissect_side side[2]; /* by enum dissect_dir */
	bool asked, has_keys;
	struct requests requests; /* user: struct dissect_kept */
	struct dissect_kept *over; /* the last event is its last */
	struct kith_buf text;	   /* a name, or an error */
};

/* What p is to its request; body: it is there as it was said. */
void dissect_take_packet(struct dissect *d, int64_t now_us,
			 const struct muxrpc_packet *p,
			 struct dissect_event *out);

/* Frees the call that ended with the event before. */
void dissect_bury(struct dissect *d);

/* Frees all. */
void dissect_drop_calls(struct dissect *d);

#endif
