/*
 * What becomes known of blobs, on its way to their rows (store/blob_rows.h).
 *
 * Notes wait here and are written by one task of the writer's thread at a
 * time; then the loop hears what each row was and is (sharing_noted), so that
 * what it counts is what is stored.  A lost note is made up for by the next
 * look at the folder.
 */
#ifndef DAEMON_BLOBS_NOTES_H
#define DAEMON_BLOBS_NOTES_H

#include <sys/queue.h>

#include "src/daemon/intake.h"
#include "src/store/blob_rows.h"

struct blob_note;
struct daemon;

STAILQ_HEAD(blob_note_queue, blob_note);

/* How far messages were looked through for blobs: of the log, and of what was
 * opened (private.h). */
struct blob_seen {
	uint64_t rx, opened;
};

struct blob_notes {
	struct blob_note_queue waiting, writing;
	size_t count; /* that wait */
	struct intake_task task;
	struct blobs *files;
	bool busy;  /* the task has writing */
	bool sweep; /* among them is what a sweep removed */
	struct blob_seen seen; /* to be noted with the rest; zero: nothing */
	struct blob_seen seeing;
};

enum blob_note_kind {
	NOTE_CAME,	/* row: size, own, hops, from */
	NOTE_GONE,	/* row: why */
	NOTE_FAILED,	/* row: why it did not come */
	NOTE_USED,	/* row: used_us */
	NOTE_NAMED,	/* row: hops, own: an author refers to it */
	NOTE_ASKED,	/* wanted by the person */
	NOTE_PUSH,	/* to be spread; */
	NOTE_PUSHED	/* it is */
};

/* row says of which blob, and what is said above.  held: what was reserved for
 * it (keep.h) is released when it is written; may be NULL. */
struct keep_row;
void blobs_note(struct daemon *d, enum blob_note_kind kind,
		const struct blob_row *row, const struct keep_row *held);

/* It was used now, where t has it: what was used lately is removed last. */
void blobs_note_use(struct daemon *d, struct txn *t,
		    const struct kith_blob_id *id);

/* The log was looked through up to there, notes of it included. */
void blobs_note_seen(struct daemon *d, const struct blob_seen *seen);

/* Some are still to be written. */
bool blobs_notes_wait(const struct daemon *d);

/* They waited while the rows were counted. */
void blobs_notes_go_on(struct daemon *d);

void blobs_notes_start(struct daemon *d);
/* Writes what waits, on this thread.  The loop is gone. */
void blobs_notes_stop(struct daemon *d);

#endif
