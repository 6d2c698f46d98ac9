/*
 * LevelDB's files, read whole: the entries of a log or of a table.
 *
 * Enough to look into a small database at rest or in use: all its files are
 * read, and of each key the entry with the highest sequence counts, as in the
 * database.  What is damaged is left out, the rest is given.  Pure: takes
 * bytes; memory is bounded by LEVELDB_BLOCK_BYTES_MAX.
 * Format: log_format.md and table_format.md of LevelDB; format_description.txt
 * of Snappy.
 */
#ifndef SOURCE_LEVELDB_H
#define SOURCE_LEVELDB_H

#include "feeds/bytes.h"

enum { LEVELDB_BLOCK_BYTES_MAX = 4 << 20 };

struct leveldb_entry {
	struct kith_slice key, value; /* borrowed for the call */
	uint64_t sequence;
	bool deleted; /* and has no value */
};

typedef void (*leveldb_fn)(void *arg, const struct leveldb_entry *e);

/* Calls fn with each entry of a file called N.log, or N.ldb or N.sst.
 * EFORMAT: parts of it are damaged or cut off, and were left out; ENOMEM. */
KITH_CHECK enum kith_err leveldb_log(struct kith_slice file, leveldb_fn fn,
				     void *arg);
KITH_CHECK enum kith_err leveldb_table(struct kith_slice file, leveldb_fn fn,
				       void *arg);

/* Appends what a Snappy block unpacks to, at most out->limit.  EFORMAT,
 * ETOOBIG, ENOMEM. */
KITH_CHECK enum kith_err leveldb_unpack(struct kith_slice block,
					struct kith_buf *out);

#endif
