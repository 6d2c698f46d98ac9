/*
 * Brings TABLE_BLOBS in line with the folder, whoever changed that: files that
 * have no row get one, rows whose file is gone or damaged say so, and damaged
 * files go.  Runs in slices, on the writer's thread (ingest_run).
 *
 * Over kithd's socket: kith.blobsCheck, a source, with [{"dry":true,
 * "full":true}]; it tells {"done":n,"total":n} in bytes now and then, and at
 * the end {"blobs":n,"bytes":n,"new":n,"lost":n,"damaged":n,"strays":n,
 * "named":[{"id":"&...","fault":"lost"}],"parts":n,"freed":n,"removed":n,
 * "removedBytes":n}: of this check, then parts that are left and bytes of those
 * that went (blobs_tidy), and blobs and bytes that went by the quotas.
 */
#ifndef STORE_BLOB_CHECK_H
#define STORE_BLOB_CHECK_H

#include <stdatomic.h>

#include "src/store/blob_rows.h"
#include "src/store/blobs.h"

enum { BLOB_CHECK_NAMED = 100 };

enum blob_fault {
	BLOB_FAULT_NEW,	    /* a file without a row */
	BLOB_FAULT_LOST,    /* a row that says here, without a file */
	BLOB_FAULT_DAMAGED, /* a file that is not the blob */
	BLOB_FAULTS
};

struct blob_counts {
	uint64_t blobs, bytes;	    /* here, in the end */
	uint64_t found[BLOB_FAULTS]; /* "new", "lost", "damaged" */
	uint64_t strays;	    /* names that are none of a blob */
};

/* "new", "lost", "damaged". */
const char *blob_fault_name(enum blob_fault fault);

/* All zero but the first three members. */
struct blob_check {
	struct blobs *blobs;
	bool full; /* hash every file; else those of another size than noted */
	bool dry;  /* change nothing */

	struct blob_counts counts;
	/* The first of those found. */
	struct {
		enum blob_fault fault;
		struct kith_blob_id id;
	} named[BLOB_CHECK_NAMED];
	size_t named_count;
	/* Bytes looked at, and of all rows: from any thread. */
	_Atomic uint64_t done, total;

	struct blob_walk *walk;
	struct blob_entry entry; /* the next file */
	bool has_entry, has_row;
	struct blob_file *file; /* of it, while its hash is made; */
	uint64_t hashed;	/* so far */
	struct kith_blob_id row; /* the last row */
};

/* One slice, some 50 ms; *more: there are others to come.  EIO, EFULL, ENOMEM.
 * blob_check_clear after the last, and after an error. */
KITH_CHECK enum kith_err blob_check_some(struct store *s,
					 struct blob_check *c, bool *more,
					 struct kith_error *e);
void blob_check_clear(struct blob_check *c);

#endif
