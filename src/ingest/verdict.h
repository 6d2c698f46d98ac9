/*
 * What becomes of a message that is handed in, and the name that it has where
 * a caller elsewhere is told: as the error of the RPC method `add`.
 */
#ifndef INGEST_VERDICT_H
#define INGEST_VERDICT_H

#include "feeds/bytes.h"

enum ingest_verdict {
	INGEST_ADDED,
	INGEST_KNOWN,	 /* held already */
	INGEST_GAP,	 /* an earlier one is missing */
	INGEST_FORK,	 /* contradicts one that we hold */
	INGEST_INVALID,	 /* shape, size or signature; code and text say why */
	INGEST_OWN,	 /* a fork of our own feed: publishing froze for good */
	INGEST_FAILED	 /* our fault: disk, memory */
};

/* "gap" and so on, for a log. */
const char *ingest_verdict_name(enum ingest_verdict v);

/* "GapError" and so on; "Error" for what is no refusal. */
const char *ingest_verdict_error(enum ingest_verdict v);

/* The refusal whose error has this name.  FAILED for any other: whoever tells
 * it has not said that the message is to blame. */
enum ingest_verdict ingest_verdict_of_error(struct kith_slice name);

#endif
