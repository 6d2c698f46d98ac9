/*
 * What a person, or a program for them, says of one blob: each a task for the
 * store's writer (ingest_run), in kithd or in a tool that is alone.
 *
 * Over kithd's socket, by `kith blob` and --attach: blobs.add, which means
 * ADDED too; kith.blob (async) with [{"id":"&...","word":"pin"}], whose answer
 * is {"changed":true,"here":true,"pinned":true}; kith.blobWhy (async) with
 * [{"id":"&..."}], whose answer is {"stand":"offered","kept":0,"full":false,
 * "offers":[{"peer":"@...","size":1,"lied":false,"failures":0}]}, as
 * wants_fetch.h has them, full: of the disk; and kith.blobsCheck
 * (blob_check.h), which sweeps by the quotas, too.
 */
#ifndef STORE_BLOB_WORDS_H
#define STORE_BLOB_WORDS_H

#include "src/store/blob_rows.h"
#include "src/store/blobs.h"

/* The names on the wire are those of blob_word_name. */
enum blob_word {
	BLOB_WORD_ADDED, /* it was added here, and is ours */
	BLOB_WORD_WANT,
	BLOB_WORD_UNWANT,
	BLOB_WORD_PIN,
	BLOB_WORD_UNPIN,
	BLOB_WORD_RM, /* remove it, and do not look for it */
	BLOB_WORD_USED, /* it was read: what is used is removed last */
	BLOB_WORD_COUNT
};

/* "added", "want", "unwant", "pin", "unpin", "rm", "used". */
const char *blob_word_name(enum blob_word word);
/* False: none is named so. */
bool blob_word_by_name(struct kith_slice name, enum blob_word *out);

struct blob_task {
	struct blobs *blobs;
	struct kith_blob_id id;
	enum blob_word word;
	int64_t now_us;
	/* What came of it. */
	bool changed, here;
	struct blob_row row;
};

/* arg: a struct blob_task.  ENOENT: ADDED or RM, and it is not here; EBUSY: RM,
 * and it is pinned; EFULL, EIO. */
KITH_CHECK enum kith_err blob_say(struct store *s, void *arg,
				  struct kith_error *e);

/* Files that came, by no add of ours. */
struct blob_came {
	struct kith_blob_id id;
	uint64_t size;
	uint8_t hops; /* of the nearest author who refers to it, if known */
};

/* What is said of all of them in one transaction. */
struct blobs_came {
	const struct blob_came *list;
	size_t count;
	int64_t now_us;
};
/* arg: a struct blobs_came.  EFULL, EIO. */
KITH_CHECK enum kith_err blobs_say_came(struct store *s, void *arg,
					struct kith_error *e);

/* In a transaction of the caller's: the file is here, by an add of ours
 * (ADDED), or as row says.  Keeps pins, hops and whom it is of. */
void blob_row_came(struct txn *t, const struct kith_blob_id *id, uint64_t size,
		   int64_t now_us, struct blob_row *row);

#endif
