/*
 * The way of a session with a depot into the store: tools/pass/sink.h, with
 * proofs of forks and blobs.
 *
 * kithd writes where it runs, else this process.  One thread.
 */
#ifndef TOOLS_PASS_DEPOT_SINK_H
#define TOOLS_PASS_DEPOT_SINK_H

#include "src/depot/session.h"
#include "src/store/blob_words.h"
#include "tools/pass/sink.h"

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

/* Says of blobs that came, whose files are there, that they are here. */
KITH_CHECK enum kith_err depot_way_came(struct depot_way *w,
					const struct blob_came *list,
					size_t count, struct kith_error *e);

#endif
