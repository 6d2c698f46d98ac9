/*
 * Messages that came too early: kept on disk, given back in order of feed,
 * sequence and line.
 *
 * Sorted runs are written to temporary files, which have no name, and merged.
 * Memory is bounded, by twice SPILL_MEMORY_BYTES, however many there are; what
 * fits into half of that never touches the disk.  One thread.
 */
#ifndef TOOLS_STREAM_SPILL_H
#define TOOLS_STREAM_SPILL_H

#include "feeds/bytes.h"
#include "feeds/id.h"
#include "feeds/message.h"

enum {
	/* Runs that are merged at once, and what each reads ahead. */
	SPILL_WAYS = 192,
	SPILL_WINDOW_BYTES = 32 * 1024,
	SPILL_WAYS_MIN = 4, /* so that there is room for any message */
	/* Of what is kept before it is sorted and written; as much again is
	 * read ahead. */
	SPILL_MEMORY_BYTES = SPILL_WAYS * SPILL_WINDOW_BYTES
};

/* On disk, unless the caller says otherwise. */
#define SPILL_DISK_BYTES (UINT64_C(16) << 30)

struct spill;

struct spill_entry {
	struct kith_feed_id feed;
	uint64_t sequence;
	uint64_t line; /* where it came from, for the caller; and in order */
	uint32_t file;
	int64_t received_us; /* for the caller */
	struct kith_slice value; /* at most KITH_MSG_WIRE_BYTES_MAX */
};

/* folder: where files may be made; kept as a view.  ways: SPILL_WAYS, or fewer
 * for less memory.  Gives; spill_free.  NULL when out of memory. */
struct spill *spill_new(const char *folder, uint64_t disk_bytes_max,
			size_t ways);
void spill_free(struct spill *s);

/* Keeps a copy.  EFULL: disk_bytes_max, or the disk, is reached; EIO, ENOMEM;
 * e names the folder.  What was kept before stays. */
KITH_CHECK enum kith_err spill_put(struct spill *s,
				   const struct spill_entry *in,
				   struct kith_error *e);

/* How many are kept and were not given back. */
uint64_t spill_count(const struct spill *s);

/* Ends the putting and begins the giving, also on a full disk.  EIO, ENOMEM. */
KITH_CHECK enum kith_err spill_sort(struct spill *s, struct kith_error *e);

/* The next in order, borrowed until the next call; ENOENT: that was all; EIO */
KITH_CHECK enum kith_err spill_next(struct spill *s, struct spill_entry *out,
				    struct kith_error *e);

#endif
