/*
 * An open request: what a method hangs on one number of a peer's session.
 *
 * Embedded first in the struct of the method that owns it.  From request_open
 * on the peer knows it; the last thing that happens to it is closed, which
 * frees it, whoever ends it and for whatever reason.
 */
#ifndef DAEMON_REQUEST_H
#define DAEMON_REQUEST_H

#include <sys/queue.h>

#include "src/store/store.h"
#include "src/wire/session.h"

struct peer;
struct request;

enum produced {
	PRODUCED_SOME, /* and there may be more */
	PRODUCED_ALL,  /* nothing more until request_wake */
	PRODUCED_END   /* the request is over: end it */
};

/* What a method does; any but closed may be NULL. */
struct request_ops {
	/* An item of the stream, or the answer to our async call. */
	void (*data)(struct request *r, const struct session_event *event);
	/* Sends a little, some ten kilobytes, while the peer takes more. */
	enum produced (*produce)(struct request *r, struct txn *t);
	/* The time of request_due_at has come; it is set anew, or never. */
	void (*due)(struct request *r, int64_t now_ms);
	/* The remote ended its side; without this op we end ours and close. */
	void (*ended)(struct request *r);
	/* The last call: frees r.  error is the remote's error or the loss of
	 * the connection, and empty after a clean end. */
	void (*closed)(struct request *r, struct kith_slice error);
};

struct request {
	const struct request_ops *ops;
	struct peer *peer;
	int32_t number; /* > 0 theirs, < 0 ours */
	int64_t due_ms; /* of request_due_at; INT64_MAX: never */
	bool ready;	/* in the peer's queue of those that produce */
	LIST_ENTRY(request) all;
	TAILQ_ENTRY(request) queue;
};

LIST_HEAD(request_list, request);
TAILQ_HEAD(request_queue, request);

/* The only word on a call, on which nothing was hung yet. */
void call_refuse(struct peer *p, const struct session_event *call,
		 const char *name, const char *text);

/* Hangs r on a request that the peer opened. */
void request_open(struct request *r, const struct request_ops *ops,
		  struct peer *peer, int32_t number);

/* Opens a request of ours and hangs r on it.  ENOMEM: r is as it was. */
KITH_CHECK enum kith_err request_call(struct request *r,
				      const struct request_ops *ops,
				      struct peer *peer, enum rpc_shape shape,
				      const char *name, struct kith_slice args);

/* produce is to be called when the peer takes more. */
void request_wake(struct request *r);

/* due is to be called at that time. */
void request_due_at(struct request *r, int64_t at_ms);

void request_send_json(struct request *r, struct kith_slice json);

/* Each of these is the last word on r, which is gone afterwards. */
void request_reply(struct request *r, struct kith_slice json);
void request_end(struct request *r);
void request_fail(struct request *r, const char *name, const char *text);
/* The remote said the last word, or the connection broke. */
void request_over(struct request *r, struct kith_slice error);

#endif
