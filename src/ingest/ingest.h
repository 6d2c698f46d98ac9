/*
 * The way in: received messages are decoded, verified, chained, appended,
 * folded and committed; own messages are published.
 *
 * Owns its threads: some verifiers, one writer, which is the only writer of
 * the store.  Jobs are appended in the order of submission; what waited while
 * the last commit ran goes into the next one; publishes go first.  A job comes
 * back only after its commit was synced.  Every function but the blocking ones
 * is for one thread, the owner's.  Source: architecture sections 3 and 4.
 */
#ifndef INGEST_INGEST_H
#define INGEST_INGEST_H

#include "feeds/message.h"
#include "src/ingest/verdict.h"
#include "src/store/messages.h"
#include "src/views/follow.h"

enum {
	INGEST_JOB_MESSAGES = 64,	 /* verified together */
	INGEST_JOB_BYTES = 256 * 1024,
	/* Then ingest_full.  With the pages of a commit, which LMDB keeps on
	 * the heap, it makes up most of the memory of a node. */
	INGEST_QUEUE_BYTES_MAX = 6 << 20,
	INGEST_DIRTY_BYTES_MAX = 16 << 20 /* of one commit */
};

/* What became of one message. */
struct ingest_result {
	enum ingest_verdict verdict;
	enum kith_err code;
	struct kith_feed_id author; /* format NONE if it could not be read */
	uint64_t sequence;
	uint64_t rx; /* ADDED */
	uint32_t tag; /* as given with the message */
	bool forked; /* its feed is, there or before; who brought it did no
		      * wrong */
	char why[80]; /* INVALID, FORK, OWN, FAILED */
};

struct ingest;
struct ingest_job;

struct ingest_config {
	struct store *store;		  /* keeps a view */
	const struct kith_signer *signer; /* keeps a view; NULL: no publish */
	const uint8_t *hmac;		  /* 32 bytes or NULL; copied */
	unsigned verifiers;		  /* threads; 0: one a core */
	/* Called on the writer's thread when something waits for
	 * ingest_done; must only wake the owner.  NULL: blocking use. */
	void (*wake)(void *arg);
	void *wake_arg;
	int64_t (*now_us)(void); /* wall clock; NULL: the system's */
	/* Where the disk is full, read-only or broken, what came from peers
	 * waits until it takes writes again; else it fails at once, as
	 * publishes and what local programs (source 0) add always do. */
	bool patient;
	/* For a store that shows what somebody else has, never for one that
	 * replicates: a message is taken behind a gap, too, and as the first
	 * of its feed, whatever its sequence.  Those of a feed must come in
	 * its order all the same. */
	bool gaps;
	/* Keeps a view; what follows the log is let follow, when there is
	 * nothing else to do, and in a flood now and then.  Only used on the
	 * writer's thread, by tasks too.  NULL: nothing follows. */
	struct follow *follow;
};

/* ENOMEM: also where no thread can be had.  Gives; ingest_stop finishes what was
 * added, whose outcome is then lost, and frees. */
KITH_CHECK enum kith_err ingest_start(const struct ingest_config *config,
				      struct ingest **out,
				      struct kith_error *e);
void ingest_stop(struct ingest *in);

/* Adds one bare value to the job in the making; tag comes back in its result,
 * source is the peer_number for the log.  Bytes are copied.  Submits by itself
 * when the job is full.  ENOMEM: not added. */
KITH_CHECK enum kith_err ingest_add(struct ingest *in,
				    struct kith_slice value, uint32_t tag,
				    uint32_t source);

/* The same for a message that was received elsewhere before: received_us is
 * what the log says of it, as far as that grows there. */
KITH_CHECK enum kith_err ingest_add_received(struct ingest *in,
					     struct kith_slice value,
					     uint32_t tag, uint32_t source,
					     int64_t received_us);

/* Submits the job in the making, if any.  Call when no more input is there. */
void ingest_flush(struct ingest *in);

/* Over INGEST_QUEUE_BYTES_MAX waits, for its commit or for ingest_done: stop
 * reading. */
bool ingest_full(const struct ingest *in);

/* Publishes content (JSON) as our next message; user comes back with the
 * outcome.  Content is copied.  ENOMEM; ETOOBIG: no message can hold it. */
KITH_CHECK enum kith_err ingest_publish(struct ingest *in,
					struct kith_slice content, void *user);

/* What an own message needs of the transaction that appends it, and may change
 * in it.  On the writer's thread; errors of t stay in t. */
struct ingest_writing {
	struct txn *txn;
	const struct kith_signer *signer;
	struct kith_tip tip; /* of our feed */
};

/* Makes contents that bind the message before them, as boxed ones do. */
struct ingest_hook {
	/* Appends to out the content to be signed, for what was given.  An
	 * error refuses the publish; e says why. */
	enum kith_err (*write)(void *arg, const struct ingest_writing *w,
			       struct kith_slice given, struct kith_buf *out,
			       struct kith_error *e);
	/* m was appended; what is put goes into the same commit.  NULL: no
	 * more is to be done. */
	void (*written)(void *arg, const struct ingest_writing *w,
			const struct kith_msg *m);
};

/* As ingest_publish, by a hook.  Keeps views of it and of arg until the outcome
 * comes back with user; the copy of content is wiped. */
KITH_CHECK enum kith_err ingest_publish_by(struct ingest *in,
					   struct kith_slice content,
					   const struct ingest_hook *hook,
					   void *arg, void *user);

/* What ingest_run runs; it opens and ends its own transactions. */
typedef enum kith_err (*ingest_fn)(struct store *s, void *arg,
				   struct kith_error *e);

/* Runs fn(store, arg) on the writer's thread, between two commits: the way of
 * everything that writes and is no message.  arg must live until the outcome
 * comes back with user.  ENOMEM. */
KITH_CHECK enum kith_err ingest_run(struct ingest *in, ingest_fn fn, void *arg,
				    void *user);

/* One thing that is done: a batch of results, one publish or one task. */
struct ingest_done {
	const struct ingest_result *results; /* NULL: a publish or a task */
	size_t count;
	/* publish and task: */
	bool task;		/* of ingest_run */
	void *user;
	enum kith_err code;	/* publish: EDENIED: guard.h says when */
	struct kith_error error;
	uint64_t rx, sequence;	/* publish */
};

/* The next finished thing, borrowed until the next call; false: none now.  In
 * the order in which they were done: what a task removed was told of before. */
bool ingest_done(struct ingest *in, struct ingest_done *out);

/* The bytes of message i of the batch that ingest_done gave last, as they were
 * added; borrowed as that is.  Of one that is too long only the first. */
struct kith_slice ingest_value(const struct ingest *in, size_t i);

/* True if ingest_done would give something.  It may give what was done after
 * this was asked: a reader of the store begun in between does not show it. */
bool ingest_has_done(struct ingest *in);

/* Blocks until everything added is done (then ingest_done gives it), but for
 * what a patient one keeps until the disk takes writes again. */
void ingest_wait(struct ingest *in);

/* Blocks until ingest_done has something to give, or nothing is under way. */
void ingest_wait_some(struct ingest *in);

/* Messages since the start, by what became of them, and those submitted that
 * wait.  Own ones count as added. */
struct ingest_counts {
	uint64_t added, known, refused, waiting;
};
void ingest_counts(struct ingest *in, struct ingest_counts *out);

/* Why a patient one writes nothing at the moment; false: it does. */
struct ingest_trouble {
	enum kith_err code;
	const char *why; /* and what to do, for a person */
	int64_t lasts_ms;
};
bool ingest_trouble(struct ingest *in, struct ingest_trouble *out);

#endif
