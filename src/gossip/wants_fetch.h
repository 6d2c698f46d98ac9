/*
 * Blob wants: one fetch, and what status asks.  Part of wants.h, which has the
 * contract.
 *
 * From 0: blobs.get, a partial file of it is emptied.  Else: blobs.getSlice of
 * from to end, appended to the partial file.  The shell hashes what stands in
 * the file from 0.  Source: protocol/06 section 4.
 */
#ifndef GOSSIP_WANTS_FETCH_H
#define GOSSIP_WANTS_FETCH_H

#include "src/gossip/wants.h"

struct wants_request {
	struct kith_blob_id id;
	struct wants_peer *peer; /* NULL: it left */
	uint64_t from;
	uint64_t end;  /* where the blob ends; if not known, one below the
			* limit: more bytes are WANTS_TOO_BIG */
	uint64_t size; /* as announced; 0: not known */
	uint8_t hops;  /* as in wants_want, WANTS_HOPS_UNKNOWN where carried */
	bool own;      /* else carried for others */
};
void wants_request(const struct wants_fetch *f, struct wants_request *out);

/* So many bytes of the blob came in this fetch, in all.  Once they reach end,
 * and size is known, the shell may look at the hash without awaiting the end
 * of the stream. */
void wants_progress(struct wants *w, struct wants_fetch *f, uint64_t bytes,
		    int64_t now_ms);

/* All bytes came, the disk is finishing: the peer has room for another. */
void wants_received(struct wants *w, struct wants_fetch *f);

enum wants_verdict {
	WANTS_OK,      /* whole, its hash is right, synced: as wants_came */
	WANTS_CUT,     /* an error or the end of the connection after some
			* bytes, or WANTS_STOP */
	WANTS_REFUSED, /* an error before any byte */
	WANTS_LIED,    /* a clean end and the wrong hash, or no binary chunk */
	WANTS_TOO_BIG, /* went on beyond end */
	WANTS_NO_ROOM, /* a quota: left until wants_hold is taken back */
	WANTS_FAILED   /* our fault (disk, memory): again after a while */
};

/* The fetch ended; frees f.  kept: bytes in the partial file now.  After OK,
 * LIED and TOO_BIG there is none: the caller removed it. */
void wants_fetched(struct wants *w, struct wants_fetch *f,
		   enum wants_verdict verdict, uint64_t kept, int64_t now_ms);

void wants_fetch_attach(struct wants_fetch *f, void *user);
void *wants_fetch_user(const struct wants_fetch *f);

void wants_peer_attach(struct wants_peer *p, void *user);
void *wants_peer_user(const struct wants_peer *p);

/* --- for status and `kith blob why` --------------------------------------- */

struct wants_counts {
	uint32_t own, told; /* of ours: all, and those that peers are told */
	uint32_t carried, pushed, fetching, offers;
	uint64_t fetched, cut, lied, refused, too_big; /* ever */
	uint64_t dropped; /* entries of peers that were over a limit */
};
void wants_counts(const struct wants *w, struct wants_counts *out);

enum wants_stand {
	WANTS_UNKNOWN,	/* nobody wants it here */
	WANTS_WAITING,	/* its turn to be told has not come */
	WANTS_ASKED,	/* told; nobody connected has it */
	WANTS_OFFERED,	/* waits for a fetch */
	WANTS_FETCHING,
	WANTS_ASIDE,	/* no room for it */
	WANTS_PUSHING	/* here, and being spread */
};
struct wants_state {
	enum wants_stand stand;
	uint8_t hops;
	bool own;
	uint32_t distance; /* 1: ours */
	uint64_t kept;	   /* bytes of a partial file */
	uint32_t offers;
};
void wants_state(const struct wants *w, const struct kith_blob_id *id,
		 struct wants_state *out);

/* Who offers it: i from 0; false at the end. */
struct wants_offer_of {
	struct kith_feed_id peer;
	uint64_t size; /* 0: not known */
	bool lied;
	uint32_t failures;
};
bool wants_offer_at(const struct wants *w, const struct kith_blob_id *id,
		    size_t i, struct wants_offer_of *out);

#endif
