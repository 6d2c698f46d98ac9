/*
 * One sync with a depot: takes in what is new there, leaves what others lack.
 *
 * Order, so that a pull at any byte costs nothing but work: the messages that
 * come in are committed before our memory of the depot moves; what is written
 * there is synced and read back before a head names it; the old head stays
 * whole until the new one is.  A depot is a hostile peer: everything is
 * verified by the sink as from the network.  Blocks; one thread.
 * Source: protocol/15; kith-depot(5).
 */
#ifndef DEPOT_SESSION_H
#define DEPOT_SESSION_H

#include "src/depot/memory.h"
#include "src/gossip/graph.h"
#include "src/gossip/keep.h"
#include "src/ingest/verdict.h"
#include "src/store/blob_rows.h"
#include "src/store/blobs.h"
#include "src/store/store.h"

/* What became of one message that was put into the sink. */
struct depot_verdict {
	uint32_t tag;
	enum ingest_verdict verdict;
	enum kith_err code;
	const char *why;
};

/* A blob that comes in. */
struct depot_blob {
	struct kith_blob_id id;
	uint64_t bytes;
	uint8_t hops;	/* of the nearest author who refers to it, 0: it is
			 * ours; BLOB_HOPS_NONE */
};

/* Where what comes in goes: the store's writer, which is this process or a
 * daemon.  Verdicts come after the commit. */
struct depot_sink {
	void *arg;
	enum kith_err (*put)(void *arg, struct kith_slice value, uint32_t tag,
			     struct kith_error *e);
	bool (*full)(void *arg);
	enum kith_err (*wait)(void *arg, struct kith_error *e);
	bool (*next)(void *arg, struct depot_verdict *out);
	/* Two messages for one place, to be kept as evidence. */
	enum kith_err (*proof)(void *arg, struct kith_slice one,
			       struct kith_slice other, struct kith_error *e);
	/* A whole blob, read from r until its end; EFORMAT: it is another;
	 * ETOOBIG.  It is not ours by that (blob_words.h: not ADDED). */
	enum kith_err (*blob)(void *arg, const struct depot_blob *blob,
			      struct folder_reader *r, struct kith_error *e);
};

enum depot_phase { DEPOT_LOOKING, DEPOT_TAKING, DEPOT_LEAVING, DEPOT_CHECKING };

struct depot_config {
	const struct home *home;
	struct store *store;
	struct blobs *blobs;
	/* Who we are.  The signer is needed by a depot that is sealed for us;
	 * without one, id is there. */
	const struct kith_signer *self;
	const struct kith_feed_id *id;
	struct graph *graph;
	int hops; /* in reach: taken in and carried */
	const struct depot_sink *sink;
	const struct depot_seal_for *seal; /* for a new depot; NULL: plain */
	struct kith_slice passphrase;	   /* of one that is sealed */
	bool remember; /* and its key is kept in the home, for kithd too */
	bool dry_run, import_only;
	/* What a scrub found to be gone; NULL: nothing was looked for. */
	const struct depot_ranges *lost;
	uint64_t budget_bytes; /* that we may take there; 0: what there is */
	uint64_t segment_bytes; /* of a file of messages, and then the next
				 * begins; 0: LEAVE_SEGMENT_BYTES */
	uint64_t blob_bytes_max; /* a blob has less */
	int blob_hops; /* authors whose blobs are wanted by themselves */
	const struct keep_quotas *blob_quotas; /* NULL: none */
	/* Brings graph up to what was committed: who came in may tell of
	 * others.  NULL: it stays as it is. */
	enum kith_err (*look)(void *arg, struct graph *graph);
	/* Called often: done and total of the phase in bytes, 0 where nobody
	 * knows.  False: stop, as if the stick were pulled. */
	bool (*progress)(void *arg, enum depot_phase phase, uint64_t messages,
			 uint64_t bytes, uint64_t total);
	/* A finding, for a person: where, and what. */
	void (*finding)(void *arg, const char *text);
	void *arg;
};

struct depot_counts { uint64_t messages, bytes, feeds, blobs, blob_bytes, proofs; };

/* Feeds out of reach that are named. */
enum { DEPOT_FAR_NAMED = 3 };

struct depot_report {
	struct depot_counts in, out;
	uint64_t known, refused, gaps, far; /* messages that did not come in */
	/* Whose they are that are far; and the first of them whom we do not
	 * block. */
	uint64_t far_feeds;
	struct kith_feed_id far_named[DEPOT_FAR_NAMED];
	size_t far_named_count;
	uint64_t damaged; /* pieces of files that no line could be read of */
	uint64_t lacking; /* messages that the depot lost and nobody gave */
	uint64_t bytes_read, bytes_written;
	uint64_t left_bytes; /* that did not fit */
	size_t writers;
	bool made;	  /* the depot is new */
	bool read_only;
	bool nothing_new; /* neither way: nothing was written */
	bool renamed;	  /* somebody else writes as we did: see warning */
};

/* EDENIED: a wrong passphrase, a newer version; EBUSY; EFULL: out is partial,
 * and the rest is in order; EIO: the medium went away or fails; e says what to
 * do.  *out is filled in in any case. */
KITH_CHECK enum kith_err depot_sync(struct folder *folder,
				    const struct depot_config *config,
				    struct depot_report *out,
				    struct kith_error *e);

/* --- parts, for depot_sync and the tools ---------------------------------- */

/* Reads what the folder is.  One that is sealed is opened by a key that the
 * home (or NULL) keeps, by our identity, or by the passphrase.  ENOENT: no
 * depot; EDENIED: by none of them.  Gives into *out; depot_leave. */
KITH_CHECK enum kith_err depot_enter(struct folder *folder,
				     const struct home *home,
				     const struct kith_signer *self,
				     struct kith_slice passphrase,
				     struct depot *out, struct kith_error *e);
void depot_leave(struct depot *d);

/* All writers that are there or named there. */
struct depot_writers {
	struct depot_writer_id ids[DEPOT_WRITERS_MAX];
	size_t count;
};
KITH_CHECK enum kith_err depot_writers_find(const struct depot *d,
					    struct depot_writers *out,
					    struct kith_error *e);

#endif
