/*
 * What the files of src/fsck share while one check runs.
 *
 * One thread owns it all; the pool's threads see batches only.  Order: feeds
 * (feeds.c), then the log (log.c) window by window (window.c), each window
 * against the indexes (indexes.c) while views are folded anew (views.c), then
 * local facts (local.c) and views.
 */
#ifndef FSCK_CHECK_H
#define FSCK_CHECK_H

#include "src/fsck/fsck.h"
#include "src/ingest/pool.h"
#include "src/store/pages.h"
#include "src/store/row.h"

/* One feed, as its rows say and as the log has it. */
struct feed_check {
	uint32_t number;
	bool has_number; /* a row of FEED_NUMBERS */
	bool has_row;	 /* a row of FEEDS, in row */
	bool chosen;	 /* to be looked at */
	bool hurt;	 /* rows of it are lost or damaged */
	struct feed_row row;

	/* From the log. */
	uint64_t first, last, bytes;
	struct kith_msg_id last_id;
	bool tip_known; /* last_id can be trusted as a link */
	double last_claimed;

	/* From by_feed. */
	uint64_t indexed_first, indexed_last;
};

/* Feeds by number; row.id is set as soon as any row tells it. */
struct feed_table {
	struct feed_check *feeds;
	size_t count, capacity;
	uint32_t *slots; /* 0, or 1 + an index of feeds */
	size_t slot_count;
};

enum slot_state { SLOT_ABSENT, SLOT_GOOD, SLOT_CORRUPT };
enum { SEEN_BY_FEED = 1, SEEN_BY_ID = 2 };

/* One receive number of the window. */
struct slot {
	uint64_t sequence;
	uint32_t feed;
	uint8_t id[8];
	uint8_t state, seen;
};

struct window {
	struct slot *slots;
	uint64_t size, base, count;
	uint64_t end; /* where the next one begins */
};

/* Sequences of a feed that the log jumps over. */
struct hole {
	uint32_t feed;
	uint64_t first, last;
};

/* An entry of by_feed whose message is not there, or damaged. */
struct absent {
	uint32_t feed;
	bool told; /* it is damaged, which was said */
	uint64_t sequence, rx;
};

/* Receive numbers that a damaged page of the log may have held. */
struct lost {
	uint64_t low, high, page; /* [low, high) */
};

/* A list that grows; more than LIST_MAX entries are only counted. */
enum { LIST_MAX = 1 << 18 };
struct list {
	void *items;
	size_t count, capacity, missed;
};

/* A row of the log that the pool looks at. */
struct pending {
	uint64_t rx, sequence;
	uint32_t feed;
	struct kith_msg_id id;
};

struct check {
	const struct fsck_config *config;
	struct fsck_summary summary;
	struct pages *pages;
	struct crc32c crc;
	enum kith_err err; /* ours: no memory, no room */
	struct kith_error why; /* of err, where there is more to say */

	struct fsck_finding held; /* waits for one that continues it */
	bool has_held;

	struct feed_table feeds;
	struct window window;
	struct list holes, absent, lost;
	uint64_t unindexed; /* first rx that by_id may lack; UINT64_MAX: none */
	uint64_t last_rx;
	int64_t last_received_us;
	uint64_t walked; /* bit 1 << table */

	struct shadow *shadow; /* of views.c; NULL: there is none yet */

	struct pool *pool;
	struct pending *pending; /* a circle, as many as the pool may hold */
	size_t pending_count, pending_first, pending_size;
};

/* check.c */

/* Fills in what is not given and passes it on. */
void check_find(struct check *c, struct fsck_finding f, const char *format, ...)
	__attribute__((format(printf, 3, 4)));
/* Passes on what is held. */
void check_settle(struct check *c);
/* A damaged page as a finding; low and high as keys of the table in words. */
void check_damage(struct check *c, int table, const struct pages_damage *d);
void check_at(struct check *c, int table);
bool check_skips(const struct check *c, int table);
/* Adds room for one item of size bytes; NULL: too many, or no memory. */
void *list_add(struct check *c, struct list *l, size_t size);

/* A walk with a finding for each damage.  False: the end. */
struct rows {
	struct check *check;
	struct pages_walk *pages;
	int table;
	bool again; /* its damage was told by an earlier walk */
	struct pages_row row;
};
void rows_start(struct rows *w, struct check *c, int table);
bool rows_next(struct rows *w);
void rows_end(struct rows *w);

/* feeds.c */

/* The feed with a number, made if need be; NULL: no memory, kept in c. */
struct feed_check *feeds_get(struct check *c, uint32_t number);
struct feed_check *feeds_find(const struct check *c, uint32_t number);
void feeds_read(struct check *c);
/* After the log, or the index where the log is not read. */
void feeds_compare(struct check *c);
void feeds_free(struct check *c);

/* log.c */
void log_check(struct check *c);

/* indexes.c */
void indexes_check_window(struct check *c);
/* After the last window: what is missing, and what of it is known. */
void indexes_finish(struct check *c);
/* Without the log: only that sequences follow each other. */
void indexes_check_quick(struct check *c);

/* local.c */
void local_check(struct check *c);
/* Before the log: which messages by_id need not have yet. */
void local_find_unindexed(struct check *c);

/* private.c: of what was opened only the form, since the keys are not here. */
void private_check(struct check *c);

/* views.c */

/* Before the log; then each row of it once, in order; then the rest, which
 * reads the log again where it must. */
void views_begin(struct check *c);
void views_row(struct check *c, const struct message_row *row);
void views_check(struct check *c);
void views_free(struct check *c);

#endif
