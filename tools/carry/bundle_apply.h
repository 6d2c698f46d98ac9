/*
 * kith bundle apply: a bundle on its way in.  Messages first, then blobs.
 */
#ifndef TOOLS_CARRY_BUNDLE_APPLY_H
#define TOOLS_CARRY_BUNDLE_APPLY_H

#include "tools/carry/bundle.h"
#include "tools/pass/depot_sink.h"
#include "tools/pass/expect.h"
#include "tools/pass/tally.h"
#include "tools/stream/spill.h"
#include "tools/text/progress.h"

/* Of messages that are out of reach, on disk. */
#define FAR_BYTES_MAX (UINT64_C(4) << 30)

struct apply {
	struct tool *tool;
	struct bundle_reach reach;
	struct bundle_file file;
	struct depot_way way; /* not for a trial */
	struct sink *sink;    /* its, or that of a trial */
	bool messages_over;
	struct expect *expect;
	/* Of feeds that are out of reach, unless what comes changes that. */
	struct spill *far;
	struct kith_decoder *decoder; /* of proofs */
	struct tally tally;
	struct progress progress;
	struct bundle_blob blob;
	bool trial, stopped; /* stopped: interrupted, or nothing can be
			      * written any more */
	char failure[KITH_ERROR_TEXT_BYTES]; /* why, in that case */
	uint64_t looked, under_way;
	/* The last feed that was asked for. */
	struct kith_feed_id feed;
	bool takes;

	uint64_t far_messages, far_lost; /* lost: not even kept for later */
	uint64_t proofs, blobs, blob_bytes, known_blobs;
	uint64_t damaged; /* pieces of the file, blobs and proofs */
	bool whole;
};

/* Counts and tells damage of the file. */
void apply_complain(struct apply *a, const struct bundle_item *item,
		    const char *what);

/* Where temporary files go. */
const char *apply_folder(const struct apply *a);

/* bundle_apply_messages.c: hands one in, or keeps it where it is out of reach;
 * hands in a proof; and waits for what became of all, those in reach by then
 * among them.  Exit codes after an error text. */
int apply_message(struct apply *a, const struct bundle_item *item);
int apply_proof(struct apply *a, const struct bundle_item *item);
int apply_end_messages(struct apply *a);

#endif
