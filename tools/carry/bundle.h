/*
 * What the words of kith bundle share: whose messages go in and come in, what a
 * reader has already, and a bundle that is read item by item.
 */
#ifndef TOOLS_CARRY_BUNDLE_H
#define TOOLS_CARRY_BUNDLE_H

#include "src/depot/bundle.h"
#include "src/gossip/graph.h"
#include "src/source/unpack.h"
#include "tools/network.h"
#include "tools/stream/target.h"
#include "tools/tool.h"

/* --- bundle_reach.c: whose messages --------------------------------------- */

enum { BUNDLE_FEEDS_MAX = TOOL_OPTIONS_MAX };

/* Those that --feed names; or, with --all, everybody's; or those that are in
 * reach as in a sync: at most friends.hops follows away and not blocked. */
struct bundle_reach {
	struct network network;
	struct graph *graph;
	bool all;
	struct kith_feed_id named[BUNDLE_FEEDS_MAX];
	size_t named_count;
};

/* Reads the configuration and the options --all and --feed; opens the store for
 * reading.  An exit code after an error text; bundle_reach_end in any case. */
int bundle_reach_begin(struct bundle_reach *r, struct tool *t);
void bundle_reach_end(struct bundle_reach *r);

/* Reads who follows and blocks whom, anew if it was read.  EXIT_FAILED,
 * EXIT_UNREADABLE. */
int bundle_reach_read(struct bundle_reach *r, struct store *s,
		      const struct kith_feed_id *self);

bool bundle_reach_has(struct bundle_reach *r, const struct kith_feed_id *feed);

/* --- bundle_file.c: a bundle to read -------------------------------------- */

struct bundle_file {
	const char *name; /* for a person */
	struct unpack *unpack;
	struct bundle_reader *reader;
	struct kith_slice rest;
	bool cut; /* it could not be read to its end: that was said */
};

/* name: "-" is standard input.  An exit code after an error text;
 * bundle_file_close in any case. */
int bundle_file_open(struct bundle_file *f, const char *name);
void bundle_file_close(struct bundle_file *f);

/* *step: ITEM, DAMAGE, or MORE at the end.  EXIT_UNREADABLE after an error text:
 * it is no bundle. */
int bundle_file_next(struct bundle_file *f, enum bundle_step *step,
		     struct bundle_item *out);

/* It ended with its last line, and that is right. */
bool bundle_file_ended(const struct bundle_file *f);

/* --- bundle_out.c: a bundle to write -------------------------------------- */

enum { BUNDLE_MEMORY_BYTES = 1 << 20 };

struct bundle_out {
	struct bundle_writer *writer;
	struct target *target; /* NULL: memory */
	struct kith_buf memory;
	uint64_t bytes; /* so far */
	bool failed;	/* more is in vain */
};

/* name: NULL or "-" is standard output, if that is no terminal; packed as its
 * end says.  memory: into o->memory, of at most BUNDLE_MEMORY_BYTES; what does
 * not fit is only counted.  An exit code after an error text. */
int bundle_out_open(struct bundle_out *o, const char *name, bool memory);

/* Passes on what was put into the writer.  False: it fails, or did. */
bool bundle_out_flush(struct bundle_out *o);

/* Puts the last line and ends it.  An exit code after an error text. */
int bundle_out_finish(struct bundle_out *o);

/* Frees; what was not finished leaves nothing behind. */
void bundle_out_close(struct bundle_out *o);

/* --- bundle_clock.c: what a reader has ------------------------------------ */

/* By all options --for: in ranges from 1 on.  peer: who the reader is, format
 * NONE if that is not known.  An exit code after an error text. */
int bundle_clock_read(struct tool *t, struct depot_ranges *has,
		      struct kith_feed_id *peer);

/* bundle_depot.c: adds what all have who write to a depot, but us. */
int bundle_depot_read(struct tool *t, const char *where,
		      struct depot_ranges *has);

/* --- the words: with what is behind them ---------------------------------- */

int bundle_create(struct tool *t, int argc, char **argv);
int bundle_clock(struct tool *t, int argc, char **argv);
int bundle_verify(struct tool *t, int argc, char **argv);
int bundle_apply(struct tool *t, int argc, char **argv);

/* bundle_qr.c: draws what was written into memory on stdout.  EXIT_FAILED after
 * an error text that says how large it is, where a code or the terminal cannot
 * hold it. */
int bundle_draw(const struct bundle_out *o);

#endif
