/*
 * A publish under way for a program of ours: content in the open, or by one of
 * ingest's hooks.
 *
 * It belongs to ingest until it is done, even if its caller goes away.  The
 * loop's thread.
 */
#ifndef DAEMON_PUBLISHING_H
#define DAEMON_PUBLISHING_H

#include "src/daemon/peer.h"
#include "src/daemon/request.h"
#include "src/ingest/group.h"
#include "src/ingest/letter.h"

struct publishing {
	struct request request;
	bool done, orphaned;
	/* Answers in place of {key,value,timestamp}; or publishes more, and
	 * then it is not over.  NULL: that. */
	void (*then)(struct publishing *p, struct txn *t,
		     const struct ingest_done *done);
	struct letter letter;
	struct group_init init;
	struct group_add add;
	struct kith_buf answer; /* of then, in the making */
};

/* Opens the request of call.  NULL: answered with an error, as where our feed
 * may not be written. */
struct publishing *publishing_new(struct peer *p,
				  const struct session_event *call);

/* Publishes; hook NULL: content as it is.  The last the caller does with p. */
void publishing_start(struct publishing *p, struct kith_slice content,
		      const struct ingest_hook *hook, void *arg);

/* Answers in place of publishing_start. */
void publishing_refuse(struct publishing *p, const char *name,
		       const char *text);

/* Of ingest: a publish is done. */
void publishing_done(struct txn *t, const struct ingest_done *done);

/* Appends {key,value,timestamp} of a message; false: it cannot be read. */
bool publishing_item(struct txn *t, uint64_t rx, struct kith_buf *out);

#endif
