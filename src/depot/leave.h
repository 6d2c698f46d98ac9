/*
 * Leaving: from the store into files of ours.
 *
 * Private to leave*.c and session.c.  EFULL: the medium, and what is on it is in
 * order; EIO: it, or the store; ENOMEM; s->e says why.
 */
#ifndef DEPOT_LEAVE_H
#define DEPOT_LEAVE_H

#include "src/depot/session_private.h"
#include "src/store/crc32c.h"

enum {
	LEAVE_SEGMENT_BYTES = 64 << 20,
	LEAVE_SYNC_BYTES = 8 << 20,
	LEAVE_INDEX_PROOFS_BYTES = 16 << 20,
	LEAVE_ROWS = 2000, /* of one look at the store */
	/* Kept free for what says what was left: notes, index, heads. */
	LEAVE_RESERVE_BYTES = 1 << 20,
	LEAVE_LINE_BYTES = 24, /* of a line, beside its message: about */
	/* The log is gone through once where that many of it go out. */
	LEAVE_LOG_SHARE = 8
};

/* Messages in a row of one feed that are to be left. */
struct leave_piece {
	struct kith_feed_id feed;
	uint32_t number;	 /* of the feed in the store */
	uint64_t next, last;
	uint64_t from;		 /* first in the file that is written; 0 */
	uint64_t bytes;		 /* about */
	unsigned wanted;	 /* by so many others */
	bool ours, told;
};

struct leave {
	struct session *s;
	struct leave_piece *pieces; /* by number and sequence */
	size_t count, piece_room;
	uint64_t messages, bytes; /* in all of them, about */
	uint64_t room;
	uint64_t spent;	/* of it */
	uint64_t segment_bytes; /* of a file, at most */
	bool begun;	/* something was written */
	bool full;	/* there is no room for more */
	bool torn;	/* the medium said so in the midst of a file */
	bool ripe; /* the file is long enough: leave_roll, out of any
		    * transaction */

	/* The file that is written. */
	struct depot_writer *writer;
	uint32_t number;
	uint64_t start;	    /* where we began to append */
	uint64_t synced;    /* bytes of it */
	uint32_t synced_sum; /* of the lines that were put until then */
	struct depot_counts put; /* in it, synced or not */
	uint64_t claimed; /* of them in lines DEPOT_RANGE */
	struct crc32c crc;
};

/* --- leave.c -------------------------------------------------------------- */

/* What others lack and we have. */
KITH_CHECK enum kith_err leave_find(struct leave *l);
/* Where there is no room for all: the most wanted and the smallest first. */
void leave_order(struct leave *l);

/* --- leave_write.c -------------------------------------------------------- */

/* Before the first byte is written there: the memory knows of it. */
KITH_CHECK enum kith_err leave_begin(struct leave *l);
/* Opens the file to write: our last one, or the next. */
KITH_CHECK enum kith_err leave_open(struct leave *l);
/* Our last file is made to end where what it says is readable. */
KITH_CHECK enum kith_err leave_mend(struct leave *l);
/* One line in the file that is written; EFULL: no more. */
KITH_CHECK enum kith_err leave_put(struct leave *l, char kind,
				   struct kith_slice json);
/* Our last file, where it can be gone on with; NULL: the next begins. */
const struct depot_place *leave_last(const struct leave *l);
/* Where the file is ripe: it is ended and closed, and a head names it. */
KITH_CHECK enum kith_err leave_roll(struct leave *l);
/* Ends the file for this session: it is synced and was read back. */
KITH_CHECK enum kith_err leave_end(struct leave *l);

/* --- leave_messages.c ----------------------------------------------------- */

/* Puts all pieces: by the log where it is much of it, else feed by feed. */
KITH_CHECK enum kith_err leave_messages(struct leave *l);

/* --- leave_check.c -------------------------------------------------------- */

/* Reads a file of ours again. */
struct leave_check {
	enum depot_file file;
	uint32_t number;
	/* From where on its lines are those whose sum this is; damage there is
	 * EIO.  What is before it is read only if all is asked for. */
	uint64_t start;
	uint32_t sum;
	bool all;
	/* From start on lines DEPOT_RANGE tell of all messages: these are not
	 * looked at. */
	bool claimed;
	/* Out. */
	struct depot_ranges *in; /* of messages: given, added to; or NULL */
	struct depot_ranges *marks; /* of proofs, likewise */
	struct kith_buf proofs; /* their lines' JSON, each with an LF */
	struct depot_counts counts; /* from start on */
	uint8_t sha256[32]; /* where all was read: as a head has it */
	struct depot_place end;
};
KITH_CHECK enum kith_err leave_check(struct leave *l, struct leave_check *c);

/* What is to be given and freed. */
KITH_CHECK enum kith_err leave_check_init(struct leave_check *c);
void leave_check_clear(struct leave_check *c);

/* --- leave_close.c -------------------------------------------------------- */

/* Closes a file that is open in our head and was read whole: index, hash. */
KITH_CHECK enum kith_err leave_close(struct leave *l,
				     struct depot_segment *segment,
				     const struct leave_check *c);
/* Every one that is open but that number; reads them. */
KITH_CHECK enum kith_err leave_close_others(struct leave *l, uint32_t number);

/* --- leave_say.c ---------------------------------------------------------- */

/* What is to be said of us: *out is to be freed. */
KITH_CHECK enum kith_err leave_words(struct session *s,
				     struct depot_notes **out);
/* Says it, if it is new or something was left: then words are s->own->notes. */
KITH_CHECK enum kith_err leave_say(struct leave *l, struct depot_notes *words);
/* Writes our head: what was left is there for others from now on. */
KITH_CHECK enum kith_err leave_head(struct leave *l);

/* --- leave_proofs.c ------------------------------------------------------- */

/* Puts the proofs of forks that no file of the depot has. */
KITH_CHECK enum kith_err leave_proofs(struct leave *l);

#endif
