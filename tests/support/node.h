/*
 * A node for tests: a home with a store, a key that it made, and a way in.
 *
 * Failing is a failing test.
 */
#ifndef SUPPORT_NODE_H
#define SUPPORT_NODE_H

#include "src/ingest/ingest.h"
#include "tests/support/author.h"
#include "tests/support/home.h"

enum { NODE_SEED = 100, NODE_SOURCE = 7 };

struct node {
	struct test_home h;
	struct author self; /* the same key, writing in another place */
	struct ingest *in;
};

/* map_bytes: as in store_options. */
void node_open(struct node *n, uint64_t map_bytes);
void node_close(struct node *n);

/* Says that this store's init made the key; part of node_open. */
void node_own_key(struct node *n);

/* Starts the way in, with the key of self. */
void node_start(struct node *n);

/* Stops, closes all, and starts again as another run would. */
void node_restart(struct node *n);

/* Adds one value from NODE_SOURCE. */
void node_add(struct node *n, struct kith_slice value, uint32_t tag);

/* Collects everything under way; returns how many had this verdict. */
size_t node_collect(struct node *n, enum ingest_verdict verdict);

/* The outcome of one message alone. */
struct ingest_result node_try(struct node *n, struct kith_slice value);

/* The outcome of publishing one content alone. */
struct ingest_done node_publish(struct node *n, const char *content);

/* Messages in the log. */
uint64_t node_stored(struct node *n);

#endif
