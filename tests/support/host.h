/*
 * Hosts for tests of depots: real stores with the real way in, which meet at
 * media; and the messages that authors wrote, which they hold and miss.
 *
 * A host's folders lie in memory where the machine has a place for that.
 * Failing is a failing test.
 */
#ifndef SUPPORT_HOST_H
#define SUPPORT_HOST_H

#include "src/depot/session.h"
#include "src/ingest/ingest.h"
#include "tests/support/author.h"
#include "tests/support/home.h"
#include "tests/support/medium.h"

enum { HOST_FINDINGS_BYTES = 16 * 1024, HOST_BLOB_BYTES_MAX = 8192 };

struct host {
	struct test_home h;
	struct author self;
	struct ingest *in;
	struct blobs *blobs;
	struct graph *graph;
	struct depot_sink sink;
	struct depot_config config; /* may be changed between sessions */
	/* What ingest gave last, and how many of it were passed on. */
	struct ingest_done done;
	size_t given;
	unsigned proofs; /* that came in */
	/* Of the last session, a line each. */
	char findings[HOST_FINDINGS_BYTES];
	size_t findings_bytes;
};

/* Homes are made where files are kept in memory only, if such a place is
 * there: for all that is opened after. */
void host_in_memory(void);

/* Its key is of the seed n, as an author's. */
void host_open(struct host *h, uint8_t n);
void host_close(struct host *h);

/* It follows the author, so that the feed is within its reach. */
void host_follow(struct host *h, const struct kith_feed_id *feed);

/* It has these messages of an author from now on. */
void host_give(struct host *h, const struct author *a, uint64_t first,
	       uint64_t last);

/* It has this blob, of n bytes that follow from the seed; gives its id. */
struct kith_blob_id host_give_blob(struct host *h, size_t n, uint8_t seed);
struct kith_blob_id host_blob_id(size_t n, uint8_t seed);
bool host_has_blob(struct host *h, const struct kith_blob_id *id);

/* One session. */
enum kith_err host_sync(struct host *h, struct folder *f,
			struct depot_report *report, struct kith_error *e);
/* The same at a medium that can all. */
enum kith_err host_sync_at(struct host *h, struct medium *m,
			   struct depot_report *report, struct kith_error *e);

/* What it remembers of depots is gone. */
void host_forget(struct host *h);

/* Its last message of the feed, with all before; 0: none. */
uint64_t host_has(struct host *h, const struct kith_feed_id *feed);

/* True if both hold the same messages of the same feeds, each once. */
bool host_equal(struct host *a, struct host *b);

#endif
