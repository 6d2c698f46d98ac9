/*
 * What the files of src/ingest share.
 *
 * A job passes from the owner (ingest.c) to one verifier (verify.c), then to
 * the writer (append.c), and back; at each time it belongs to one thread, and
 * only the links and states below `lock` are shared.
 */
#ifndef INGEST_INGEST_PRIVATE_H
#define INGEST_INGEST_PRIVATE_H

#include <pthread.h>

#include "feeds/verify.h"
#include "src/ingest/feed_cache.h"
#include "src/ingest/ingest.h"
#include "src/log.h"

enum job_state { JOB_WAITING, JOB_VERIFYING, JOB_READY };

struct job_item {
	size_t offset, n; /* its bytes in wire */
	uint32_t source;
	int64_t received_us; /* 0: now */
};

struct ingest_job {
	struct ingest_job *next;
	enum job_state state; /* under the lock, once submitted */
	uint64_t serial;
	uint64_t turn; /* when it was done, as of a publish */
	size_t cost;	      /* bytes that it counts in the queue */
	size_t count;
	struct kith_buf wire; /* all messages as received, one after another */
	struct kith_buf canon; /* of those that came in another spelling */
	struct job_item items[INGEST_JOB_MESSAGES];
	/* Valid where the result's code is OK. */
	struct kith_msg messages[INGEST_JOB_MESSAGES];
	struct ingest_result results[INGEST_JOB_MESSAGES];
};

struct job_list {
	struct ingest_job *first, **end;
};

/* A publish, or a task: then fn is set. */
struct publish {
	struct publish *next;
	uint64_t turn; /* what is done in one commit has the same */
	struct ingest_done done;
	ingest_fn fn;
	const struct ingest_hook *hook; /* or NULL */
	void *arg;
	size_t n;
	uint8_t content[];
};

struct publish_list {
	struct publish *first, **end;
};

struct verifier {
	struct ingest *in;
	pthread_t thread;
	struct kith_decoder *decoder;
	struct kith_verifier *signatures;
	struct kith_verify_item items[INGEST_JOB_MESSAGES];
	size_t which[INGEST_JOB_MESSAGES]; /* the message of each item */
};

/* Whether the disk takes writes; room.c. */
struct room {
	bool lost;    /* it does not */
	bool careful; /* nor did it before: one job at first */
	enum kith_err code;
	int64_t since_ms, look_ms; /* monotonic: lost, and to be tried again */
};

/* How what follows the log is let follow; follow.c.  The writer's. */
struct following {
	struct follow_place place; /* as of the last look */
	bool look_known; /* there was one */
	bool look;	 /* the log, or they, may have changed since */
	bool blind;	 /* that look could not be had */
	bool last;	 /* the last piece of work was this */
	bool pays;
	int64_t changed_ms;    /* the log, as far as was seen */
	int64_t moved_ms;      /* they did, or had no need to */
	int64_t not_before_ms; /* after an error */
};

struct ingest {
	struct ingest_config config;

	/* The owner's. */
	struct ingest_job *filling, *shown, *pool;
	struct publish *shown_publish;
	size_t queue_bytes, pool_bytes;
	struct verifier *verifiers;
	unsigned verifier_count, verifiers_started;
	pthread_t writer;
	bool writer_started;

	/* Under lock, which nobody holds for long. */
	pthread_mutex_t lock;
	pthread_cond_t to_verify, to_append, is_done;
	struct job_list queue;	       /* submitted, in order */
	struct ingest_job *unverified; /* the first that nobody took */
	struct publish_list publishes, tasks, published;
	struct job_list finished;
	uint64_t submitted; /* serial of the newest job */
	uint64_t under_way; /* jobs and publishes that are not done */
	uint64_t turns;	    /* commits and tasks that are done */
	struct ingest_counts counts;
	bool stop;
	struct room room; /* changed by the writer only */

	/* The writer's. */
	struct kith_decoder *decoder;
	struct kith_buf hooked; /* content that a hook made */
	struct feed_cache feeds;
	struct log_limit failures, forks;
	int64_t tidied_us;
	bool settled; /* as far as the disk allows */
	struct following following;
};

/* What goes into one commit; the writer's. */
struct batch {
	struct txn *txn; /* NULL: none could be had */
	enum kith_err err;
	enum store_room room; /* when it began */
	int64_t now_us;
	int64_t received_us; /* of what is appended next: now, or before */
	bool gaps;	     /* as in ingest_config */
	struct log_limit *forks; /* what is told of them */
	bool clock_ahead; /* of anything that can be true */
	uint64_t until; /* serial of the newest job that goes in */
	struct job_list jobs;
	struct publish_list publishes;
	struct ingest_counts counts;
};

void job_list_init(struct job_list *list);
void job_list_add(struct job_list *list, struct ingest_job *job);
struct ingest_job *job_list_take(struct job_list *list);
/* Moves all of from to the end of to. */
void job_list_move(struct job_list *to, struct job_list *from);

void publish_list_init(struct publish_list *list);
void publish_list_add(struct publish_list *list, struct publish *p);
struct publish *publish_list_take(struct publish_list *list);
void publish_list_move(struct publish_list *to, struct publish_list *from);
/* Wipes what was given to a hook.  NULL is ignored. */
void publish_free(struct publish *p);

/* Marks a result as refused or failed. */
void result_set(struct ingest_result *r, enum ingest_verdict verdict,
		enum kith_err code, const char *why);

/* What to tell a person about a disk that takes no writes. */
const char *room_why(enum kith_err err);
void room_fail_job(struct ingest_job *job, enum kith_err err, const char *why);
void room_fail_publish(struct publish *p, enum kith_err err, const char *why);

/* A commit failed with err for what the disk is. */
void room_lost(struct ingest *in, enum kith_err err);
/* Puts the jobs of b, which failed, back in front of the queue; those for which
 * somebody waits, or nobody any more, stay in b. */
void room_keep(struct ingest *in, struct batch *b);
/* How many jobs wait in the queue for the disk alone; holds the lock. */
uint64_t room_kept(const struct ingest *in);
/* Moves into b, failed, everything for which somebody waits; false: nothing.
 * Holds the lock. */
bool room_refuse(struct ingest *in, struct batch *b);
/* Waits for more work, or until it is time to look; holds the lock. */
void room_wait(struct ingest *in);
bool room_is_due(const struct ingest *in);
/* Waits for more work, or until end_ms; holds the lock. */
void room_wait_until(struct ingest *in, int64_t end_ms);
/* Monotonic. */
int64_t room_now_ms(void);
/* Finds out whether the disk takes writes again. */
void room_look(struct ingest *in);

/* follow.c: looks how far behind they are.  Not while holding the lock. */
void following_look(struct ingest *in);
/* When it is time to let them follow, monotonic; INT64_MAX: something else must
 * come first.  Holds the lock, as the next. */
int64_t following_due_ms(const struct ingest *in);
bool following_is_due(const struct ingest *in);
void following_run(struct ingest *in);

/* The time to work with where the clock says now_us and newest_us is when the
 * newest message came; *ahead: the clock is years ahead, and must not get into
 * our own feed. */
int64_t clock_believe(int64_t now_us, int64_t newest_us, bool *ahead);

/* Threads. */
void *verifier_run(void *verifier);
void *writer_run(void *ingest);

/* Appends m, which is next in feed, and folds it. */
KITH_CHECK enum kith_err batch_append(struct batch *b, struct cached_feed *feed,
				      const struct kith_msg *m,
				      uint32_t source, uint64_t *rx);

/* Makes the message of p; its outcome stands in p->done.  Returns what went
 * wrong with the batch, not with p. */
KITH_CHECK enum kith_err batch_publish(struct ingest *in, struct batch *b,
				       struct publish *p);

/* Tells the guard of a message of our own feed that came from outside, before
 * it is appended like anybody's. */
void batch_guard(struct batch *b, struct cached_feed *feed,
		 const struct kith_msg *m);

/* fork.c: m contradicts the message that we hold at its place, or names another
 * before it than we hold; keeps what shows that, and marks the feed when it is
 * proven.  source: as the log has it. */
void batch_fork(struct batch *b, struct cached_feed *feed,
		const struct kith_msg *m, uint32_t source);

/* The message at feed->branch was appended: with what is kept of the other
 * branch it is a proof. */
void batch_settle_branch(struct batch *b, struct cached_feed *feed);

/* True if the message that we hold at m's place is m. */
bool batch_holds(struct batch *b, const struct cached_feed *feed,
		 const struct kith_msg *m);

#endif
