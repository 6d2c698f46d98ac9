/*
 * A blocking muxrpc client: to the daemon over its unix socket, or to any peer
 * over TCP with the secret handshake.  For tools and tests.
 *
 * One thread a client.  Every call has a deadline.
 */
#ifndef CLIENT_CLIENT_H
#define CLIENT_CLIENT_H

#include "feeds/bytes.h"
#include "feeds/signer.h"
#include "src/wire/address.h"
#include "src/wire/session.h"

enum { CLIENT_TIMEOUT_MS = 10000, CLIENT_BODY_BYTES_MAX = 8 << 20 };

struct client;

/* Connects.  signer and app_key are needed for shs addresses only.  EBUSY: no
 * one listens there; EDENIED: the handshake was refused; EIO.  Gives. */
KITH_CHECK enum kith_err client_open(const struct address *a,
				     const struct kith_signer *signer,
				     const uint8_t *app_key,
				     struct client **out, struct kith_error *e);
/* Says goodbye and frees; NULL is ignored. */
void client_close(struct client *c);

/* One async call; *reply is borrowed until the next call on c.  EDENIED with
 * the remote's error text in e; EIO when the connection broke. */
KITH_CHECK enum kith_err client_call(struct client *c, const char *name,
				     struct kith_slice args,
				     struct kith_slice *reply,
				     struct kith_error *e);

/* Opens a source; one at a time.  Items come from client_next, borrowed until
 * the next call: OK an item; ENOENT the clean end; EDENIED an error end.
 * timeout_ms < 0: wait for ever. */
KITH_CHECK enum kith_err client_source(struct client *c, const char *name,
				       struct kith_slice args,
				       struct kith_error *e);
KITH_CHECK enum kith_err client_next(struct client *c, int timeout_ms,
				     struct kith_slice *item,
				     struct kith_error *e);

#endif
