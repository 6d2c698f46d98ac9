/*
 * What the parts of a session share: session*.c, take*.c, leave*.c.
 *
 * Everything is as of now: what the memory says of writers is moved on while
 * their files are read, and saved only when all that came in is committed.
 * Beside the errors that are named EIO is the medium, EFULL its room, ENOMEM
 * ours.
 */
#ifndef DEPOT_SESSION_PRIVATE_H
#define DEPOT_SESSION_PRIVATE_H

#include "src/depot/session.h"
#include "src/depot/session_feeds.h"

enum {
	/* A writer that did nothing in so many sessions of others is counted
	 * on no more: nobody waits for what it has. */
	SESSION_LIVE_ROUNDS = 180,
	/* Findings told one by one; the others are counted. */
	SESSION_FINDINGS_MAX = 50,
	SESSION_FINDING_BYTES = 300
};

/* Beyond, a generation or a round is no count of sessions, but made up; and what
 * follows it could not be written any more. */
#define SESSION_GENERATION_MAX (DEPOT_NUMBER_MAX / 2)

struct session {
	const struct depot_config *config;
	struct depot_report *report;
	struct kith_error *e;
	struct folder *counted; /* the folder, and what goes over it */
	struct depot depot;
	struct depot_memory *memory;
	struct session_feeds *feeds;
	uint64_t graph; /* a hash of who is in reach */

	/* Ours. */
	struct depot_writer_id name; /* as its folder is called */
	struct depot_known *own;
	struct depot_head *head; /* as the depot has it, mended; to be written */
	int slot;		 /* that it was read from */
	bool head_there;
	bool lags; /* it is not the one that we wrote last: a session was
		    * pulled out, or the depot is an older copy */
	bool strange; /* our files are not as we left them: nothing is
		       * appended to them */

	uint32_t highest; /* number of a file of ours, there or before */

	struct depot_writers writers; /* others, in no order */
	uint64_t round;		      /* the highest of all */
	/* Someone else wrote messages, or said something new. */
	bool moved, notes_moved;
	bool stopped; /* by the user, while messages went out */
	bool taken; /* all that was handed in is decided and committed */
	struct depot_ranges *lost; /* claimed by an index, and not readable */
	unsigned findings;
};

static inline const struct kith_feed_id *session_id(const struct session *s)
{
	return s->config->id ? s->config->id : kith_signer_id(s->config->self);
}

/* --- session_enter.c ------------------------------------------------------ */

/* Opens the depot, or makes one. */
KITH_CHECK enum kith_err session_enter(struct session *s);

/* --- session_self.c ------------------------------------------------------- */

/* Who we are there, and our head. */
KITH_CHECK enum kith_err session_self(struct session *s);

/* --- session_writers.c ---------------------------------------------------- */

/* All that are there or that anybody in memory has met, but ourselves. */
KITH_CHECK enum kith_err session_writers(struct session *s);
/* Adds one; false: it is there or there are too many. */
bool session_writers_add(struct depot_writers *w,
			 const struct depot_writer_id *id);

/* A head as the files of a writer tell it, where it has no whole one, or not
 * all of them are in it: adds those above.  ENOENT: there is nothing. */
KITH_CHECK enum kith_err session_head_mend(const struct depot *d,
					   const struct depot_writer_id *w,
					   struct depot_head *head,
					   struct kith_error *e);

/* The row of a writer, with everything in it. */
KITH_CHECK enum kith_err session_known(struct session *s,
				       const struct depot_writer_id *id,
				       struct depot_known **out);
/* Nothing of its segments is known any more. */
KITH_CHECK enum kith_err session_forget(struct depot_known *k);

/* What we remember of its segment; NULL: nothing. */
struct depot_place *session_place(const struct depot_known *k,
				  uint32_t number);
KITH_CHECK enum kith_err session_place_put(struct depot_known *k,
					   const struct depot_place *at);

/* --- session_notes.c ------------------------------------------------------ */

/* Reads what is new in what a writer says of itself. */
KITH_CHECK enum kith_err session_notes_read(struct session *s,
					    struct depot_known *k,
					    const struct depot_head *head);

/* --- session.c ------------------------------------------------------------ */

/* Tells a person of something that is wrong there. */
void session_finding(struct session *s, const char *format, ...)
	__attribute__((format(printf, 2, 3)));

/* EBUSY: the user says stop. */
KITH_CHECK enum kith_err session_go_on(struct session *s,
				       enum depot_phase phase,
				       uint64_t messages, uint64_t bytes,
				       uint64_t total);

/* What stands in ranges for a proof of a fork that lies in the depot: an id that
 * no feed has, with the place. */
struct depot_range session_proof_mark(const struct kith_feed_id *feed,
				      uint64_t sequence);
/* Of a line DEPOT_FORK; false: it is none. */
bool session_proof_read(struct kith_slice json, struct kith_slice pair[2],
			struct kith_feed_id *feed, uint64_t *sequence);

/* --- session_count.c ------------------------------------------------------ */

/* inner, with the bytes that are read and written counted in *report.  Keeps
 * views of both.  Gives; folder_free leaves inner as it is. */
struct folder *session_count(struct folder *inner,
			     struct depot_report *report);

#endif
