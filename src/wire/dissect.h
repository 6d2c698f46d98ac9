/*
 * A dissector: one connection, heard from outside, taken apart into layers.
 *
 * Takes what either side said, in the order in which it was said, sealed or
 * already opened, and gives one event at a time: messages of the handshake,
 * frames of the box stream, packets, and what each packet is to its request.
 * Never answers, trusts neither side, and goes on with the other direction
 * where one cannot be read.  What items of streams mean: gossip/gist.h.
 *
 * Pure and stepped.  Memory is bounded: a body of DISSECT_BODY_BYTES_MAX in
 * each direction, of which no more is taken than was said, and
 * DISSECT_CALLS_MAX calls.
 * Format: protocol/02, 03, 04; protocol/16 section 3.6.
 */
#ifndef WIRE_DISSECT_H
#define WIRE_DISSECT_H

#include "feeds/bytes.h"
#include "src/wire/capture.h"
#include "src/wire/muxrpc.h"
#include "src/wire/session.h"

enum {
	DISSECT_BODY_BYTES_MAX = 8 << 20, /* a longer one breaks off */
	DISSECT_CALLS_MAX = 4096,	  /* open at once, either side's */
	DISSECT_NAME_BYTES_MAX = 128,	  /* kept of a call; longer: cut */
	DISSECT_ARGS_BYTES_MAX = 1024,	  /* kept of a call; longer: not */
	DISSECT_HASH_BYTES = 32
};

/* As the side that recorded sees it; where neither did, out is what the
 * client says. */
enum dissect_dir { DISSECT_IN, DISSECT_OUT };

enum dissect_what {
	DISSECT_HELLO,	  /* message 1 or 2 of the handshake */
	DISSECT_PROOF,	  /* 3 or 4: sealed, whatever keys there are */
	DISSECT_FRAME,	  /* of the box stream, opened */
	DISSECT_FAREWELL, /* its goodbye */
	DISSECT_SEALED,	  /* bytes that no key opens */
	DISSECT_CALL,	  /* opens a request */
	DISSECT_DATA,	  /* an item of a stream */
	DISSECT_REPLY,	  /* answers an async call */
	DISSECT_END,	  /* ends one side of a stream */
	DISSECT_ERROR,	  /* the same, or answers, with an error */
	DISSECT_STRAY,	  /* a packet of a request that nobody opened here, or
			   * that is over */
	DISSECT_GOODBYE,  /* muxrpc's */
	DISSECT_BROKEN	  /* of this direction nothing more is read: why */
};

/* "hello", "proof", ... */
const char *dissect_what_name(enum dissect_what what);

/* What one side said in a call: items of streams and the reply, not ends. */
struct dissect_said {
	uint64_t items, bytes;
	bool ended;
};

struct dissect_call {
	int32_t number; /* > 0: opened by what came in; < 0: by what went out */
	enum rpc_shape shape;
	struct kith_slice name; /* dotted; empty: it names none */
	struct kith_slice args; /* JSON; empty: too long to keep */
	int64_t opened_us, last_us;
	struct dissect_said said[2]; /* by enum dissect_dir */
	bool over;   /* nothing is due any more */
	bool failed; /* by an error, of either side */
};

struct dissect_event {
	enum dissect_what what;
	enum dissect_dir dir;
	uint64_t at;	/* where in what dir said, sealed: its first byte */
	uint64_t bytes; /* as it went by: with its header */

	unsigned message;	/* HELLO, PROOF: 1 to 4 */
	struct kith_slice said; /* HELLO, PROOF: the message */
	const uint8_t *ephemeral; /* HELLO: the key in it, 32 bytes */
	uint64_t frame; /* FRAME, from 1; of packets: in which they end */

	/* CALL to STRAY */
	struct muxrpc_packet packet;
	struct kith_slice json; /* its body, if it is valid JSON, without the
				 * white space around it */
	struct kith_slice error; /* CALL: what the caller will hear of a
				  * malformed one; else empty */
	const struct dissect_call *call; /* NULL: STRAY */
	/* DATA and REPLY of bytes or text, and what ends them: so many came
	 * before it in its direction, and the SHA-256 of those with it, unless
	 * a body was not kept whole. */
	uint64_t offset;
	bool has_hash;
	uint8_t hash[DISSECT_HASH_BYTES];

	const char *why; /* BROKEN, or SEALED and it can be said; static */
};

enum dissect_step {
	DISSECT_MORE, /* all of in was used */
	DISSECT_ASK,  /* sealed frames begin: now is the time for
		       * dissect_set_keys, if there are any */
	DISSECT_EVENT /* *out, borrowed until the next call */
};

struct dissect_config {
	enum dissect_dir client; /* who dialled */
	/* Of the network, copied; NULL: any.  What does not begin with a
	 * hello of it stays sealed. */
	const uint8_t *app_key;
};

struct dissect;

/* Gives; free with dissect_free, which wipes.  NULL when out of memory. */
struct dissect *dissect_new(const struct dissect_config *config);
void dissect_free(struct dissect *d);

/* Takes from the front of in, which dir says next as it went by; now_us is
 * what calls are given as their time. */
enum dissect_step dissect_next(struct dissect *d, enum dissect_dir dir,
			       int64_t now_us, struct kith_slice *in,
			       struct dissect_event *out);

/* So many bytes of dir are missing here, or it was not heard from its
 * beginning: what follows in it stays sealed. */
void dissect_skip(struct dissect *d, enum dissect_dir dir, uint64_t bytes);

/* The ephemeral public keys, after DISSECT_ASK; 32 bytes, borrowed from d. */
const uint8_t *dissect_ephemeral(const struct dissect *d, bool client);

/* What one side of a handshake knows and never says. */
struct dissect_secret {
	const struct kith_signer *self;
	uint8_t ephemeral[SHS_EPHEMERAL_BYTES];
	uint8_t app_key[SHS_APP_KEY_BYTES];
	const uint8_t *server; /* whom it dialled, 32 bytes; NULL: it served */
};

/* After DISSECT_ASK: the keys that the handshake came to.  False: the secret is
 * of another one. */
KITH_CHECK bool dissect_derive(const struct dissect *d,
			       const struct dissect_secret *secret,
			       struct capture_keys *out);

/* Opens what is still to come; copied. */
void dissect_set_keys(struct dissect *d, const struct capture_keys *keys);

/* A packet that was recorded opened: body as far as it was kept. */
void dissect_packet(struct dissect *d, enum dissect_dir dir, int64_t now_us,
		    const struct muxrpc_packet *packet,
		    struct dissect_event *out);

/* Walks the calls that are open: at = 0 first; NULL at the end. */
const struct dissect_call *dissect_open_call(const struct dissect *d,
					     size_t *at);

/* The side that said so far ends in the middle of something. */
bool dissect_is_torn(const struct dissect *d, enum dissect_dir dir);

#endif
