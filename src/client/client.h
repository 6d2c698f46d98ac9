/*
 * A blocking muxrpc client: to the daemon over its unix socket, or to any peer
 * over TCP with the secret handshake.  For tools and tests.
 *
 * One thread a client.  Every call has a deadline.  What the remote asks of us
 * is refused: a client serves nothing.  Format: protocol/04; 08 section 1.
 */
#ifndef CLIENT_CLIENT_H
#define CLIENT_CLIENT_H

#include "feeds/bytes.h"
#include "feeds/signer.h"
#include "src/wire/address.h"
#include "src/wire/session.h"

enum { CLIENT_TIMEOUT_MS = 10000, CLIENT_BODY_BYTES_MAX = 8 << 20 };

struct client;

/* Connects.  signer and app_key are needed for shs addresses only, and used
 * until it returns; a seed in the address replaces signer.  EBUSY: no one
 * listens there; EDENIED: the handshake was refused; EIO.  Gives; free with
 * client_close. */
KITH_CHECK enum kith_err client_open(const struct address *a,
				     const struct kith_signer *signer,
				     const uint8_t *app_key,
				     struct client **out, struct kith_error *e);
/* Says goodbye and frees; NULL is ignored. */
void client_close(struct client *c);

/* One async call, not while started ones are under way, whose answers it would
 * drop; *reply is borrowed until the next call on c.  EDENIED with
 * the remote's error text in e; EIO when the connection broke or nothing came
 * for CLIENT_TIMEOUT_MS. */
KITH_CHECK enum kith_err client_call(struct client *c, const char *name,
				     struct kith_slice args,
				     struct kith_slice *reply,
				     struct kith_error *e);

/* Opens an async call without waiting, so that many are under way; user (not
 * NULL) comes back with its answer.  The caller bounds how many. */
KITH_CHECK enum kith_err client_start(struct client *c, const char *name,
				      struct kith_slice args, void *user,
				      struct kith_error *e);
/* The next answer to a started call, in whatever order the remote gives them;
 * otherwise as client_call, with *user set for OK and EDENIED.  At least one
 * call must be under way. */
KITH_CHECK enum kith_err client_answer(struct client *c, void **user,
				       struct kith_slice *reply,
				       struct kith_error *e);

/* Opens a source; one at a time, a new one ends the one before.  Items come
 * from client_next, borrowed until the next call: OK an item; ENOENT the clean
 * end; EDENIED an error end, its text in e; EBUSY nothing came in timeout_ms;
 * EIO the connection broke.  timeout_ms < 0: wait for ever. */
KITH_CHECK enum kith_err client_source(struct client *c, const char *name,
				       struct kith_slice args,
				       struct kith_error *e);
/* The same of a duplex, of which we only hear. */
KITH_CHECK enum kith_err client_duplex(struct client *c, const char *name,
				       struct kith_slice args,
				       struct kith_error *e);
KITH_CHECK enum kith_err client_next(struct client *c, int timeout_ms,
				     struct kith_slice *item,
				     struct kith_error *e);
/* Ends the one that is open, if any: told with what is said next.  What was
 * given stays borrowed. */
void client_source_end(struct client *c);

/* Opens a sink, one at a time; then client_put, each time with some bytes, and
 * client_sink_end, which tells what came of it: EDENIED with the remote's error
 * text in e.  EIO: the connection broke, or nothing went on for
 * CLIENT_TIMEOUT_MS. */
KITH_CHECK enum kith_err client_sink(struct client *c, const char *name,
				     struct kith_slice args,
				     struct kith_error *e);
KITH_CHECK enum kith_err client_put(struct client *c, struct kith_slice bytes,
				    struct kith_error *e);
KITH_CHECK enum kith_err client_sink_end(struct client *c,
					 struct kith_error *e);

/* A call of any shape, heard of event by event: for who shows all that is said,
 * or says something himself while it goes on.  Not while others are under way.
 * request: its number, below zero. */
KITH_CHECK enum kith_err client_request(struct client *c, enum rpc_shape shape,
					const char *name,
					struct kith_slice args,
					int32_t *request,
					struct kith_error *e);
/* The next event, whatever it is of; borrowed until the next call.  What the
 * remote asks of us is told of as SESSION_CALL, and refused already.  EBUSY:
 * nothing came in timeout_ms (< 0: wait for ever); EIO: the connection
 * broke. */
KITH_CHECK enum kith_err client_event(struct client *c, int timeout_ms,
				      enum session_step *step,
				      struct session_event *event,
				      struct kith_error *e);
/* Sends an item of a request's stream, or ends our side of it. */
KITH_CHECK enum kith_err client_send(struct client *c, int32_t request,
				     enum muxrpc_type type,
				     struct kith_slice body,
				     struct kith_error *e);
KITH_CHECK enum kith_err client_end(struct client *c, int32_t request,
				    struct kith_error *e);
/* To be waited for together with others, once client_event gave EBUSY. */
int client_socket(const struct client *c);
/* The text of an error's body into e, as client_call has it: EDENIED. */
enum kith_err client_denied(struct client *c,
			    const struct session_event *event,
			    struct kith_error *e);

/* Until then, on the scale of link_now_ms, client_call and client_next wait on
 * while bytes come, CLIENT_TIMEOUT_MS behind the last: for a long answer over a
 * slow line.  0: no more. */
void client_patience(struct client *c, int64_t until_ms);

/* Waits until the remote has closed the connection; false: not in
 * timeout_ms.  Only client_close may follow. */
bool client_wait_end(struct client *c, int timeout_ms);

/* The name of the remote's error behind the last EDENIED, "TypeError" or what
 * it uses, borrowed until the next call; empty if it gave none. */
struct kith_slice client_error_name(const struct client *c);

/* The remote's public key, 32 bytes; NULL without a handshake. */
const uint8_t *client_remote(const struct client *c);

#endif
