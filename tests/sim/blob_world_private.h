/*
 * Inside the blob world: what will happen, sessions, and what is being fetched.
 * Only blob_*.c include this.
 */
#ifndef SIM_BLOB_WORLD_PRIVATE_H
#define SIM_BLOB_WORLD_PRIVATE_H

#include "tests/sim/blob_world.h"

enum { BLOB_ITEM_BYTES_MAX = 1 << 20 };

enum event_kind {
	ITEM,	  /* bytes of an item, or arguments of blobs.has, arrive */
	HAS,	  /* the answer to blobs.has arrives */
	CHUNK,	  /* of a transfer, at the one who fetches */
	FINISHED, /* the disk is done with what was fetched */
	WAKE
};

struct blob_event {
	int64_t at_ms;
	uint64_t order;
	enum event_kind kind;
	int node; /* WAKE */
	struct blob_session *session;
	int side; /* that it happens to */
	struct blob_transfer *transfer;
	uint64_t n;	 /* CHUNK: bytes */
	bool end, error; /* CHUNK: the stream ended */
	struct kith_buf bytes, asked;
};

struct blob_session {
	struct blob_link *link;
	struct wants_peer *peers[2]; /* as each side has the other */
	int64_t arrives_ms[2];	     /* items to this side stay in order */
	bool down;
	struct blob_session *next;
};

struct blob_transfer {
	struct wants_fetch *fetch; /* NULL: it ended */
	struct blob_session *session;
	int side; /* that fetches */
	int blob;
	uint64_t from, end, size, bytes;
	uint64_t sent;	    /* from the server, in all */
	int64_t began_ms;   /* the chunk under way, */
	uint64_t under_way; /* and its bytes */
	enum wants_verdict verdict;
	struct blob_transfer *next;
};

/* --- blob_world.c --------------------------------------------------------- */

/* Zeroed memory; there is always some. */
void *blob_take(size_t bytes);
void blob_event_add(struct blob_world *w, struct blob_event e);

/* --- blob_shell.c --------------------------------------------------------- */

struct kith_blob_id blob_id(int blob);
struct blob_node *blob_node_at(struct blob_world *w,
			       const struct blob_session *s, int side);

/* Does what the node's core says, and sends what it has to say. */
void blob_node_run(struct blob_world *w, struct blob_node *n);

void blob_transfer_end(struct blob_world *w, struct blob_node *n,
		       struct blob_transfer *t, enum wants_verdict verdict);
void blob_on_chunk(struct blob_world *w, const struct blob_event *e);
void blob_on_finished(struct blob_world *w, struct blob_transfer *t);

/* A legacy node was asked by blobs.has. */
void blob_answer_has(struct blob_world *w, struct blob_event *e);

#endif
