/*
 * Following the log: what is too dear to be done in the transaction that
 * appends a message is done behind it, in slices between two commits.
 *
 * Each follower keeps its own position, and has done everything up to it; what
 * it did beyond a crash undoes or repeats.  One thread: the writer's.
 */
#ifndef VIEWS_FOLLOW_H
#define VIEWS_FOLLOW_H

#include "src/views/private.h"

enum {
	/* How long one slice may take: while somebody may publish, who would
	 * wait for it; and where nobody can, or messages come in large commits
	 * that take as long. */
	FOLLOW_SLICE_MS = 25,
	FOLLOW_LONG_SLICE_MS = 150,
	/* At rest they follow so soon after a commit, and in a flood they show
	 * something at least so often. */
	FOLLOW_REST_MS = 150,
	FOLLOW_FLOOD_MS = 2000
};

/* One that follows: a row of followers[]. */
struct follower {
	const char *name;
	/* Each message costs it less, the more of them wait. */
	bool gathers;
	/* Gives *out; close. */
	enum kith_err (*open)(struct store *s, void **out,
			      struct kith_error *e);
	void (*close)(void *state);
	/* Uses these keys from now on; NULL: it needs none.  ENOMEM. */
	enum kith_err (*keys)(void *state, const struct keys *k);
	/* The receive number up to which it has all of the log. */
	uint64_t (*position)(void *state, struct txn *t);
	/* Works for about slice_ms in transactions of its own; *more: it had
	 * not yet come to the end of the log, or has other work. */
	enum kith_err (*some)(void *state, int slice_ms, bool *more,
			      struct kith_error *e);
};

extern const struct follower follower_views, follower_private;

/* NULL-terminated. */
extern const struct follower *const followers[];

struct follow;

/* Keeps a view of s.  ENOMEM, or an error of the store.  Gives; follow_close. */
KITH_CHECK enum kith_err follow_open(struct store *s, struct follow **out,
				     struct kith_error *e);
void follow_close(struct follow *f);

/* From now on what is private follows too, as far as these keys open it; keeps
 * a view of k.  ENOMEM. */
KITH_CHECK enum kith_err follow_private(struct follow *f,
					const struct keys *k);

/* Up to where all of them have come, and the end of the log, in receive
 * numbers: equal when there is nothing to do; and up to where those have come
 * that gather. */
struct follow_place {
	uint64_t position, end, gathered;
};
/* As store_read. */
KITH_CHECK enum kith_err follow_place(struct follow *f,
				      struct follow_place *out);

/* The same of the views alone, as t sees it.  Any thread. */
void views_place(struct txn *t, struct follow_place *out);

/* True if so much waits that gathering it now costs little for each message. */
bool follow_pays(const struct follow_place *p);

/* Lets each work for a slice; *more: not all are done.  What one cannot do
 * does not keep the others from it: the first error comes out. */
KITH_CHECK enum kith_err follow_some(struct follow *f, int slice_ms,
				     bool *more, struct kith_error *e);

/* The same of those that gather alone: in a flood, where what costs as much
 * later takes the time from what comes in. */
KITH_CHECK enum kith_err follow_gather(struct follow *f, int slice_ms,
				       bool *more, struct kith_error *e);

#endif
