/*
 * A session without encryption whose other end is the test: packets are put
 * in by hand, and those that come out are looked at one by one.
 */
#ifndef TESTS_WIRE_TALK_H
#define TESTS_WIRE_TALK_H

#include "src/wire/session.h"

/* Flags as the protocol page writes them. */
enum {
	REPLY = 0x02,	   /* JSON; also an async request */
	FAILURE = 0x06,	   /* async error */
	ITEM = 0x0a,	   /* JSON; also a stream request */
	STOP = 0x0e,	   /* end of a stream */
	TEXT_REPLY = 0x01,
	TEXT_ITEM = 0x09,
	BYTES_ITEM = 0x08,
};

enum {
	TALK_CALL_BYTES = 300,
	TALK_BODY_BYTES = 400,
	TALK_REQUESTS = 3,
	TALK_ROOM = 1 << 20
};

struct talk {
	struct session *s;
	struct kith_buf in, out;
	size_t fed, seen;
	struct session_event event; /* the last one */
};

extern const struct session_limits talk_limits;

void talk_start(struct talk *t);
void talk_stop(struct talk *t);

/* The same for cmocka: *state is the talk. */
int talk_setup(void **state);
int talk_teardown(void **state);

/* What the remote says next; body is a text.  With a length of its own. */
void talk_put(struct talk *t, int flags, int32_t request, const char *body);
void talk_put_bytes(struct talk *t, int flags, int32_t request,
		    struct kith_slice body);

/* The next event of what was put. */
enum session_step talk_next(struct talk *t);

/* The next event is this one, with this body. */
void talk_event(struct talk *t, enum session_step step, int32_t request,
		const char *body);

/* Nothing more is to be heard of what was put. */
void talk_quiet(struct talk *t);

/* The next packet that the session sends is this one. */
void talk_sent(struct talk *t, int flags, int32_t request, const char *body);
void talk_sent_error(struct talk *t, int flags, int32_t request,
		     const char *message);
void talk_sent_goodbye(struct talk *t);

/* It sends no more than was looked at. */
void talk_silent(struct talk *t);

/* The remote opens a request, whose event is taken: async, or a stream. */
void talk_open(struct talk *t, int32_t request, enum rpc_shape shape);

/* A request of ours; its packet is taken.  Gives its number. */
int32_t talk_call(struct talk *t, enum rpc_shape shape);

#endif
