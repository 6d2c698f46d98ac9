/*
 * The log of ssb-db and its kin: bytes of flume/log.offset in, records out.
 *
 * A record is its length, its bytes, its length again, and the offset where it
 * ends; numbers are big endian, and that last one takes 4, 6 or 8 bytes, which
 * the first record tells.  One that was deleted is all zeros.  What stands in
 * a record is JSON: {key,value,timestamp}.
 *
 * Pure: no file, no clock.  Not for two threads at once.
 * Format: README of the npm package flumelog-offset, version 3.
 */
#ifndef SOURCE_FLUME_LOG_H
#define SOURCE_FLUME_LOG_H

#include "feeds/bytes.h"

/* Twice what a message can be, as lines of JSON may be. */
enum {
	FLUME_LOG_RECORD_BYTES_MAX = 128 * 1024,
	/* With its lengths and the offset behind it. */
	FLUME_LOG_FRAMED_BYTES_MAX = FLUME_LOG_RECORD_BYTES_MAX + 16
};

enum flume_log_step { FLUME_LOG_MORE, FLUME_LOG_RECORD, FLUME_LOG_ERASED,
		      FLUME_LOG_BAD };

/* Embedded; flume_log_init before, flume_log_clear after. */
struct flume_log {
	size_t width;	     /* of the offset behind a record; 0: not known */
	uint64_t offset;     /* of the record that comes next */
	struct kith_buf buf; /* what of it came in earlier pieces */
	bool given;	     /* the record in buf was given */
	const char *why;     /* BAD */
};

void flume_log_init(struct flume_log *f);
void flume_log_clear(struct flume_log *f);

/* Takes from the front of in until one step is done.  MORE: all of in was used.
 * RECORD: *out borrows from in or f until the next call.  After BAD every call
 * is BAD; f->why says what is wrong with the record at f->offset. */
enum flume_log_step flume_log_next(struct flume_log *f, struct kith_slice *in,
				   struct kith_slice *out);

/* True if what came ends where a record ends. */
bool flume_log_is_whole(const struct flume_log *f);

/* True if a whole record stands at the front of s, which is at offset in a log
 * whose offsets have that width: there it goes on behind damage. */
bool flume_log_begins(struct kith_slice s, uint64_t offset, size_t width);

#endif
