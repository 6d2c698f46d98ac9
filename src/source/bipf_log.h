/*
 * The log of ssb-db2 and its kin: blocks of db2/log.bipf in, records and the
 * messages in them out.
 *
 * The file is blocks of 64 KiB.  A block is records, each a length of two
 * bytes, little endian, and so many bytes; a length of 0 ends it, and zeros
 * fill it.  A record that was deleted keeps its length and is all zeros.
 * Blocks stand where they stand: damage in one leaves the others whole.  What
 * stands in a record is BIPF: {key,value,timestamp}.
 *
 * Pure: no file, no clock.  Not for two threads at once.
 * Format: README of the npm packages async-append-only-log 4 and ssb-db2 8.
 */
#ifndef SOURCE_BIPF_LOG_H
#define SOURCE_BIPF_LOG_H

#include "feeds/bipf.h"
#include "feeds/id.h"

enum {
	BIPF_LOG_BLOCK_BYTES = 64 * 1024,
	BIPF_LOG_LENGTH_BYTES = 2,
	/* What stands in front of the block in log.bipf.compaction. */
	BIPF_LOG_STATE_BYTES = 20
};

enum bipf_log_step { BIPF_LOG_RECORD, BIPF_LOG_ERASED, BIPF_LOG_BAD,
		     BIPF_LOG_END };

/* Embedded; set by bipf_log_begin. */
struct bipf_log {
	struct kith_slice block; /* kept as a view */
	size_t at;		 /* of what comes next */
	size_t record;		 /* where the one stands that came last */
	const char *why;	 /* BAD */
};

/* block: a whole one, or the front of one where the file ends. */
void bipf_log_begin(struct bipf_log *l, struct kith_slice block);

/* One step on.  RECORD: *out borrows from the block.  BAD: l->why says what is
 * wrong with the bytes from l->record up to l->at; then as ever. */
enum bipf_log_step bipf_log_next(struct bipf_log *l, struct kith_slice *out);

/* A message as a record has it. */
struct bipf_log_message {
	struct bipf value;
	struct kith_slice key; /* the text of its id; empty: none */
	double received_ms;    /* 0: it does not say */
	bool ooo;	       /* taken in without those before it */
	bool opened;	       /* it was kept as its reader sees it: */
	struct bipf boxed;     /* and this was its content */
};

/* Reads a record.  EFORMAT with e->offset: it is no BIPF, or no message. */
KITH_CHECK enum kith_err bipf_log_read(struct kith_slice record,
				       struct bipf_log_message *out,
				       struct kith_error *e);

/* Appends the value as JSON, as its author signed it: an opened one is boxed
 * again.  As bipf_print. */
KITH_CHECK enum kith_err bipf_log_print(const struct bipf_log_message *m,
					struct kith_buf *out,
					struct kith_error *e);

#endif
