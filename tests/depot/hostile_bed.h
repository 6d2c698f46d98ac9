/*
 * A depot where somebody writes by hand, and one honest node at it.
 *
 * Failing is a failing test.
 */
#ifndef DEPOT_HOSTILE_BED_H
#define DEPOT_HOSTILE_BED_H

#include "tests/support/host.h"

enum { HOSTILE_POSTS = 20 };

struct hostile {
	struct host a; /* the node; it follows the author */
	struct author author, stranger;
	struct medium *medium;
	struct folder *folder;
	struct depot depot;
	struct depot_writer_id other; /* who writes by hand */
	struct depot_report report;   /* of the last session */
	struct kith_error e;
};

/* Around a test of cmocka, whose state it is. */
int hostile_open(void **state);
int hostile_close(void **state);

/* A session of a host; sync_at: it must go well. */
enum kith_err try_sync(struct hostile *f, struct host *h);
void sync_at(struct hostile *f, struct host *h);

/* Messages of the author that the node has. */
uint64_t hostile_has(struct hostile *f);

/* A file with these bytes. */
void put_text(struct hostile *f, const char *name, const void *text, size_t n);

/* A head of the other that names one segment. */
void put_head_of(struct hostile *f, uint64_t generation, uint64_t round,
		 const struct depot_segment *segment);

/* The other's first segment, and a head that names it. */
void put_segment(struct hostile *f, const struct kith_buf *lines);

/* As lines of a segment. */
void put_messages(struct kith_buf *to, const struct author *a, uint64_t first,
		  uint64_t last);

#endif
