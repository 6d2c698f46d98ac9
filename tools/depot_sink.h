/*
 * The way of a session with a depot into the store: tools/sink.h, with proofs
 * of forks and blobs.
 *
 * kithd writes where it runs, else this process.  One thread.
 */
#ifndef TOOLS_DEPOT_SINK_H
#define TOOLS_DEPOT_SINK_H

#include "src/depot/session.h"
#include "tools/sink.h"

/* Embedded; depot_sink_close after. */
struct depot_way {
	struct tool *tool;
	struct sink *sink;
	struct blobs *blobs;
	struct depot_sink ops;
	uint64_t blob_bytes_max;
	/* Proofs that wait for room: each two lines. */
	struct kith_buf proofs;
	uint64_t proofs_under_way;
};

/* An exit code after an error text; depot_way_close in any case. */
int depot_way_open(struct depot_way *w, struct tool *t);
void depot_way_close(struct depot_way *w);

#endif
