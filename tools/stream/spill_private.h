/*
 * What the files of the spill share: records, and runs of them on disk.
 */
#ifndef TOOLS_STREAM_SPILL_PRIVATE_H
#define TOOLS_STREAM_SPILL_PRIVATE_H

#include "tools/stream/spill.h"

/* A record is a head and the value; the next one begins at a multiple of its
 * alignment.  Never read by another process. */
struct spill_head {
	struct kith_feed_id feed;
	uint64_t sequence, line;
	int64_t received_us;
	uint32_t file, n;
};

enum { SPILL_RECORD_BYTES_MAX = sizeof(struct spill_head) +
				KITH_MSG_WIRE_BYTES_MAX + 8 };

static inline size_t spill_record_bytes(size_t value_bytes)
{
	return (sizeof(struct spill_head) + value_bytes + 7) & ~(size_t)7;
}

/* Less than zero: a comes first. */
int spill_compare(const struct spill_head *a, const struct spill_head *b);

/* Records in order, in a file without a name. */
struct spill_run {
	int fd;
	unsigned level;	 /* how often its records were merged */
	uint64_t bytes;	 /* all that it has */
	uint64_t at;	 /* the record that comes next */
	uint8_t *window; /* while it is read: bytes from base on */
	uint64_t base;
	size_t n;
	struct spill_head head; /* of the record at at */
};

/* Makes an empty run in folder. */
KITH_CHECK enum kith_err spill_run_create(const char *folder,
					  struct spill_run *out,
					  struct kith_error *e);
void spill_run_close(struct spill_run *r);

KITH_CHECK enum kith_err spill_run_write(struct spill_run *r, const void *p,
					 size_t n, struct kith_error *e);

/* Goes to the first record, reading through window, which has room for
 * SPILL_WINDOW_BYTES.  Of a run that is not empty. */
KITH_CHECK enum kith_err spill_run_rewind(struct spill_run *r, uint8_t *window,
					  struct kith_error *e);

/* The value of the record whose head is r->head, borrowed until the next call
 * on r, from the window or from big, which has room for every record. */
KITH_CHECK enum kith_err spill_run_value(struct spill_run *r, uint8_t *big,
					 struct kith_slice *value,
					 struct kith_error *e);

/* Goes to the next record; ENOENT: there is none. */
KITH_CHECK enum kith_err spill_run_skip(struct spill_run *r,
					struct kith_error *e);

#endif
