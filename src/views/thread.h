/*
 * Threads: the messages that hang on a root, each after what it answers.
 *
 * A message belongs to the thread of X if its root, fork, branch or a tangle's
 * root names X; votes belong to none.  Order: by links within the thread, and
 * of what is ready by (time, id); so it is the same wherever the same messages
 * are.  Source: protocol/13 section 3.
 */
#ifndef VIEWS_THREAD_H
#define VIEWS_THREAD_H

#include "src/views/viewer.h"

enum {
	THREAD_MESSAGES_MAX = 10000, /* more are left out */
	THREAD_LINKS_MAX = 1 << 18,  /* within one thread; more do not count */
	THREAD_CLIMB_MAX = 32,	     /* from reply to root */
	THREAD_TIPS_MAX = 16,	     /* that a reply names: the newest */
	THREAD_MISSING_MAX = 64,
	THREAD_NONE = -1
};

struct thread_message {
	uint64_t rx, time_ms;
	struct kith_msg_id id;
	/* Live until the transaction ends, or viewer_turn. */
	struct kith_slice canon, content;
	uint32_t feed_number;
	int32_t parent;	 /* what it answers, in messages; or THREAD_NONE */
	uint32_t depth;	 /* 0: the root, or what answers nothing here */
	bool tip;	 /* nothing here links to it */
	bool fork;	 /* a thread of its own begins with it */
};

struct thread {
	struct kith_msg_id root;
	bool have_root; /* then it is messages[0] */
	bool whole;	/* false: there were more than fit */
	struct thread_message *messages; /* in causal order */
	size_t count;
	struct kith_msg_id *missing; /* linked as branch or root, not here */
	size_t missing_count;	     /* at most THREAD_MISSING_MAX */
};

/* Gives *out; thread_free in any case.  ENOMEM.  A root that is not stored is
 * no error: what hangs on it is there.  nested: with the threads that hang on
 * its messages.  Messages of those whom the viewer blocks are left out. */
KITH_CHECK enum kith_err thread_read(struct txn *t, const struct viewer *v,
				     const struct kith_msg_id *root,
				     bool nested, struct thread *out);
void thread_free(struct thread *th);

/* The root that a message says it has, by root or tangle; false: none. */
bool thread_root_of(struct kith_slice content, struct kith_msg_id *root);

/* Climbs from a message to the first that has no root, or whose root is not
 * stored: then *out is that root.  At most THREAD_CLIMB_MAX steps. */
void thread_top(struct txn *t, const struct viewer *v,
		const struct kith_msg_id *from, struct kith_msg_id *out);

/* What a reply must carry. */
struct thread_reply {
	struct kith_msg_id root;
	bool forks;
	struct kith_msg_id fork; /* where forks: the old root */
	struct kith_msg_id branch[THREAD_TIPS_MAX];
	size_t branch_count;
	/* JSON, of the root; empty: none.  They live with the txn. */
	struct kith_slice recps, channel;
};

/* fork: begin a thread of its own under the message.  ENOENT: it is not
 * stored. */
KITH_CHECK enum kith_err thread_reply(struct txn *t, const struct viewer *v,
				      const struct kith_msg_id *to, bool fork,
				      struct thread_reply *out);

/* Appends the members, each with a comma before it:
 * ,"root":"%...","branch":["%..."] and what else is set. */
void thread_reply_write(const struct thread_reply *r, struct kith_buf *out);

#endif
