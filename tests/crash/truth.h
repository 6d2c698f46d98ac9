/*
 * What a workload said while it was recorded: the marks of a recording.
 *
 *	own FEED		publishing as FEED may begin, forever
 *	held FEED SEQUENCE ID	this message is acknowledged
 *	going FEED SEQUENCE	forgetting it up to there was asked for
 *	gone FEED SEQUENCE	and is acknowledged
 *	copied FEED		so is a backup
 *	blob ID			it is here, all of it
 *
 * in hexadecimal.  A promise stands from its mark on.
 */
#ifndef CRASH_TRUTH_H
#define CRASH_TRUTH_H

#include "feeds/id.h"
#include "tests/crash/disk.h"

enum { TRUTH_FEEDS_MAX = 64, TRUTH_BLOBS_MAX = 128 };

struct truth_feed {
	struct kith_feed_id id;
	/* The records of the marks; SIZE_MAX: none. */
	size_t own, going, gone, copied;
	uint64_t until; /* what goes */
	size_t *held;		 /* of message i + 1 */
	struct kith_msg_id *ids; /* the same */
	size_t count;
	bool more; /* messages behind these may be there too */
};

struct truth {
	struct truth_feed feeds[TRUTH_FEEDS_MAX];
	size_t count;
	struct {
		struct kith_blob_id id;
		size_t at; /* of its mark */
	} blobs[TRUTH_BLOBS_MAX];
	size_t blob_count;
};

/* Writes the marks. */
void truth_own(const struct kith_feed_id *feed);
void truth_held(const struct kith_feed_id *feed, uint64_t sequence,
		const struct kith_msg_id *id);
void truth_going(const struct kith_feed_id *feed, uint64_t until);
void truth_gone(const struct kith_feed_id *feed, uint64_t until);
void truth_copied(const struct kith_feed_id *feed);
void truth_blob(const struct kith_blob_id *id);

/* Reads those of a recording; early: each promise stands so many records
 * before its mark, as if a program promised too soon. */
void truth_read(struct truth *t, const struct disk *d, size_t early);
void truth_clear(struct truth *t);

/* What a mark would say, at a record; messages are noted in order. */
struct truth_feed *truth_feed(struct truth *t, const struct kith_feed_id *id);
void truth_note(struct truth_feed *f, const struct kith_msg_id *id, size_t at);

/* How many messages of the feed are promised once so many records are done. */
size_t truth_floor(const struct truth_feed *f, size_t done);

#endif
