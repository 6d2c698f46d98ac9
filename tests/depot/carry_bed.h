/*
 * A node with blobs, at a depot in a folder of this machine.
 *
 * Failing is a failing test.
 */
#ifndef DEPOT_CARRY_BED_H
#define DEPOT_CARRY_BED_H

#include "src/depot/carry.h"
#include "src/depot/carry_file.h"
#include "tests/support/node.h"

enum { PATH_BYTES = 64, BYTES_MAX = 1 << 20 };

struct carrier {
	struct node node;
	struct author friend, far;
	struct blobs *blobs;
	struct graph *graph;
	char path[PATH_BYTES];
	struct depot depot;
	struct depot_sink sink;
	struct depot_config config;
	struct depot_report report;
	struct depot_notes *own;
	struct depot_known other;
	struct depot_known *known[1];
	struct depot_carry carry;
	unsigned findings;
	bool stops;
	uint8_t hops; /* of what came last */
};

/* Around a test of cmocka, whose state it is. */
int carrier_open(void **state);
int carrier_close(void **state);

/* n bytes, others for each seed, until the next call; and their id. */
struct kith_slice carrier_bytes(unsigned seed, size_t n);
struct kith_blob_id carrier_id(unsigned seed, size_t n);

/* Such a blob is with the node, or at the depot. */
struct kith_blob_id add_here(struct carrier *f, unsigned seed, size_t n);
struct kith_blob_id add_there(struct carrier *f, unsigned seed, size_t n);
bool is_here(struct carrier *f, const struct kith_blob_id *id);
bool is_there(struct carrier *f, const struct kith_blob_id *id);

/* A file of the depot, whole or a part, with any bytes. */
void put_there(struct carrier *f, const struct kith_blob_id *id, bool part,
	       struct kith_slice s);

/* A message of the author that refers to the blob comes in. */
void refer(struct carrier *f, struct author *a, const struct kith_blob_id *id);

/* Somebody else wants it. */
void ask(struct carrier *f, const struct kith_blob_id *id, unsigned distance);

/* The distance in our notes; 0: we do not want it. */
unsigned wanted(struct carrier *f, const struct kith_blob_id *id);

/* A session goes well. */
void take(struct carrier *f);
void leave(struct carrier *f);

#endif
