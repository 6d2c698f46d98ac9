/*
 * Blobs: what is wanted from whom (gossip/wants.h), what may stay
 * (gossip/keep.h), the files (store/blobs.h) and what is known of each
 * (store/blob_rows.h), wired to peers and local programs.
 *
 * The loop's thread owns all of it and never waits for a file: workers read,
 * write and look (blobs_take.h, blobs_give.c, blobs_ask.c), rows are written
 * on the writer's thread (blobs_notes.h).  Source: protocol/06.
 */
#ifndef DAEMON_BLOBS_H
#define DAEMON_BLOBS_H

#include <sys/queue.h>

#include "src/daemon/blobs_notes.h"
#include "src/daemon/blobs_refs.h"
#include "src/daemon/peer.h"
#include "src/gossip/keep.h"
#include "src/gossip/wants_fetch.h"
#include "src/store/blobs.h"

struct blob_adding;
struct blob_asking;
struct blob_fetch;
struct blob_taking;
struct blob_watch;
struct daemon;

enum {
	BLOB_WAITER_LISTS = 256,
	/* Of what cuts left: kept so long, and so much in all. */
	BLOB_PARTS_DAYS = 7,
	BLOB_PARTS_BYTES_MAX = 64 << 20
};

LIST_HEAD(blob_waiter_list, blob_asking);
LIST_HEAD(blob_watch_list, blob_watch);
TAILQ_HEAD(blob_taking_list, blob_taking);
TAILQ_HEAD(blob_fetch_list, blob_fetch);
TAILQ_HEAD(blob_adding_list, blob_adding);

struct sharing {
	bool over; /* the daemon closes: only let go */
	bool ready; /* the rows are counted */
	bool recount; /* they have changed meanwhile */
	unsigned checks; /* that change rows, and are counted afterwards */
	struct blobs *files;
	struct wants *wants;
	struct keep keep, coming; /* all; and of it, what is on its way */
	struct blob_notes notes;
	struct blob_refs refs;
	bool sweeping;
	struct blob_fetch_list held;  /* fetches that wait for a sweep, */
	struct blob_adding_list adds; /* and adds */
	struct blob_waiter_list waiters[BLOB_WAITER_LISTS]; /* by id */
	struct blob_watch_list watches; /* changes, ls, pushed */
	struct blob_taking_list takings; /* that have work for a worker */
	unsigned looks; /* batches under way */
	bool full;	/* the disk, */
	int64_t full_ms; /* until then */
	bool room;	/* somebody made some: try again */
	bool more;	/* wanted rows found no place in wants */
	bool checked;	/* the folder, since the start */
	int64_t refill_ms, tidy_ms;
	uint64_t parts_bytes; /* that cuts left since then, or more */
	int64_t count_ms; /* again, where that failed; INT64_MAX: it did not */
	uint64_t served, served_bytes, taken_bytes; /* counts, */
	uint64_t removed, removed_bytes;	    /* by the quotas */
};

/* Before everything else. */
void sharing_prepare(struct daemon *d);
KITH_CHECK enum kith_err sharing_open(struct daemon *d, struct kith_error *e);
/* All is loaded: takes up wants, pushes and counts from the rows. */
void sharing_start(struct daemon *d);
/* Before the loop is freed, which waits for workers; and behind that. */
void sharing_stop(struct daemon *d);
void sharing_free(struct daemon *d);

/* After every event: does what there is to do now. */
void sharing_settle(struct daemon *d);
int64_t sharing_deadline_ms(const struct daemon *d);
void sharing_due(struct daemon *d, int64_t now_ms);

/* A worker is done: settles, unless the daemon closes. */
void sharing_worked(struct daemon *d);

/* It is here, whole and synced: tells who waits.  told: wants knows. */
void sharing_came(struct daemon *d, const struct kith_blob_id *id,
		  uint64_t size, bool told);
/* Its row changed: counts it, and what it asks for. */
void sharing_noted(struct daemon *d, const struct blob_row *was,
		   const struct blob_row *is);

/* The same for what it asks for alone; kept: bytes that a cut left of it. */
void sharing_wanted(struct daemon *d, const struct blob_row *was,
		    const struct blob_row *is, uint64_t kept);

/* Wall clock, as rows have it. */
int64_t sharing_now_us(void);
/* What a cut left before may go. */
int64_t blobs_parts_before_us(void);
/* A cut left so many bytes more; too many are tidied up soon. */
void blobs_part_left(struct daemon *d, uint64_t bytes);

#endif
