/*
 * A session: what is said on one open connection, both ways.
 *
 * Bytes from the transport in, events out; calls, replies and stream items
 * in, bytes for the transport out.  Keeps the table of open requests, ends
 * each stream from both sides exactly once, answers malformed requests with
 * the texts that peers expect, and knows nothing of what methods mean.
 * Pure and stepped: events come one at a time from session_next.
 *
 * When the remote ends its side of a stream, ours is ended in answer, and the
 * request is gone with that event; but the caller of session_next ends, by
 * session_end or session_error, a duplex of either side and a sink of theirs,
 * unless an error ended it.  Once the caller has ended or answered a request,
 * it hears no more of it; of a sink of ours it still hears the outcome.
 * Format: protocol/03, protocol/04.
 */
#ifndef WIRE_SESSION_H
#define WIRE_SESSION_H

#include "feeds/bytes.h"
#include "src/wire/muxrpc.h"
#include "src/wire/recorder.h"
#include "src/wire/shs.h"

enum rpc_shape { RPC_ASYNC, RPC_SOURCE, RPC_SINK, RPC_DUPLEX };

/* "async", "source", "sink", "duplex". */
const char *rpc_shape_name(enum rpc_shape shape);

struct session_limits {
	uint32_t call_bytes;	/* body that opens a request */
	uint32_t body_bytes;	/* any other body, unless session_allow */
	uint32_t requests;	/* open at once by the remote */
};

struct session_config {
	const struct box_keys *keys; /* copied; NULL: no encryption (socket) */
	struct session_limits limits;
	uint64_t factor; /* random, for the table of requests */
};

enum session_step {
	SESSION_MORE,	/* all of in was used */
	SESSION_CALL,	/* the remote opens request: name, args, shape */
	SESSION_DATA,	/* an item of a stream, either side's */
	SESSION_REPLY,	/* the answer to our async call; request is gone */
	SESSION_ERROR,	/* an error answered it, or ended a stream: body */
	SESSION_END,	/* the remote ended its side of a stream */
	SESSION_CLOSED, /* clean end of everything; close the transport */
	SESSION_BAD	/* unusable: send what is left, close; session_why */
};

/* What an event is about.  Slices are borrowed until the next session_next,
 * and may lie in the bytes that were given to it. */
struct session_event {
	int32_t request;       /* > 0 theirs, < 0 ours (as session_call gave) */
	void *user;	       /* what the caller hung on the request */
	enum rpc_shape shape;  /* CALL */
	struct kith_slice name; /* CALL: dotted, as "blobs.has" */
	struct kith_slice args; /* CALL: a JSON array, checked */
	enum muxrpc_type type; /* of body */
	struct kith_slice body; /* JSON bodies are checked unless raw */
};

struct session;

/* Gives; free with session_free, which wipes.  NULL when out of memory. */
struct session *session_new(const struct session_config *config);
void session_free(struct session *s);

/* Takes from the front of in until one event is there.  After CLOSED or BAD
 * every call gives the same; what was open then is over without an event, and
 * found by session_request.  After session_close there are no other events. */
enum session_step session_next(struct session *s, struct kith_slice *in,
			       struct session_event *out);

/* The transport ended.  Gives true if that was clean (protocol/03 s. 3). */
bool session_eof(struct session *s);

/* Opens a request of ours: dotted name, JSON array.  Gives its number, below
 * zero, or 0 when out of memory or after session_close.  user comes back with
 * every event of the request. */
int32_t session_call(struct session *s, enum rpc_shape shape, const char *name,
		     struct kith_slice args, void *user);

/* Hangs user on an open request of either side. */
void session_attach(struct session *s, int32_t request, void *user);

/* Lets bodies of this request be as long as max_bytes.  raw: the caller
 * checks JSON bodies itself, so session_next need not (messages). */
void session_allow(struct session *s, int32_t request, uint32_t max_bytes,
		   bool raw);

/* Sends one stream item, or answers an async call.  An empty string goes as
 * JSON "", an empty binary item not at all.  A request that is not open (any
 * more) is ignored, here and below. */
void session_send(struct session *s, int32_t request, enum muxrpc_type type,
		  struct kith_slice body);

/* Ends our side of a stream with true. */
void session_end(struct session *s, int32_t request);

/* Answers or ends with {"message":text,"name":name,"stack":""}. */
void session_error(struct session *s, int32_t request, const char *name,
		   const char *text);

/* The error for a method that is not there or not for this caller: the text
 * that every JS client knows (protocol/04 section 5). */
void session_refuse(struct session *s, int32_t request,
		    struct kith_slice dotted_name);

/* The error for a method that is there, but of another shape, or not there,
 * to a caller with all rights: "no source:blobs,has". */
void session_absent(struct session *s, int32_t request, enum rpc_shape shape,
		    struct kith_slice dotted_name);

/* Walks the open requests, to cancel what hangs on them: at = 0 first; false
 * at the end.  Nothing may open or close meanwhile. */
bool session_request(const struct session *s, size_t *at, int32_t *request,
		     void **user);

/* Says goodbye once: ends open streams with the error of protocol/04 s. 5,
 * then sends nine zero bytes; the box goodbye follows theirs. */
void session_close(struct session *s);

/* Moves what is to be sent, sealed, to the end of out, as far as out has
 * room: the rest stays. */
void session_output(struct session *s, struct kith_buf *out);

/* Bytes that session_output would have to send; callers stop producing over
 * their limit. */
size_t session_queued(const struct session *s);

/* From now on r is told of each frame and packet, of ours when they go out;
 * packets that wait to go out already are left out.  Keeps a view; NULL: no
 * more. */
void session_record(struct session *s, struct recorder *r);

/* A short text for the log after SESSION_BAD; static. */
const char *session_why(const struct session *s);

#endif
