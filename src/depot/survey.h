/*
 * What lies in a depot: its writers, what each has there and says of itself.
 *
 * Reads only.  Cheap: heads, notes, indexes and the ends of open segments;
 * scrub.h reads everything.  Blocks; one thread.  What can fail does so by EIO,
 * ENOMEM, or EBUSY: tick said stop.  Source: kith-depot(5).
 */
#ifndef DEPOT_SURVEY_H
#define DEPOT_SURVEY_H

#include "src/depot/session.h"

/* Something that is not as it should be. */
struct survey_finding {
	const struct depot_writer_id *writer; /* NULL: of no writer */
	char name[FOLDER_NAME_BYTES]; /* the file */
	uint64_t from, to; /* bytes of it; to 0: all, or nobody knows */
	struct depot_range range; /* messages; last 0: nobody knows which */
	bool lost;	   /* what was there cannot be read any more */
	const char *text;
};

/* Whom to tell; each may be NULL. */
struct survey_tell {
	void (*finding)(void *arg, const struct survey_finding *f);
	/* So many bytes more; false: stop, EBUSY. */
	bool (*tick)(void *arg, uint64_t bytes);
	void *arg;
};

struct survey_writer {
	struct depot_writer_id id;
	struct depot_head *head; /* made up from the files where slot is -1 */
	int slot;
	bool ours;
	bool live; /* did something in the last rounds */
	struct depot_notes *notes;
	struct depot_ranges *ranges; /* after survey_ranges */
	uint64_t segment_bytes, notes_bytes;
};

struct survey {
	const struct depot *depot;
	struct survey_tell tell;
	uint64_t round; /* the highest */
	size_t count;
	struct survey_writer *writers; /* sorted by name */
};

/* Reads heads and notes.  self: to know ours.  Keeps views of d and of
 * tell->arg.  Gives; survey_free.  ENOMEM, EIO, EBUSY. */
KITH_CHECK enum kith_err survey_new(const struct depot *d,
				  const struct kith_feed_id *self,
				  const struct survey_tell *tell,
				  struct survey **out, struct kith_error *e);
void survey_free(struct survey *l);

/* NULL: it is not there. */
struct survey_writer *survey_writer(const struct survey *l,
				    const struct depot_writer_id *id);

/* Fills in w->ranges, by indexes where they are whole. */
KITH_CHECK enum kith_err survey_ranges(const struct survey *l,
				     struct survey_writer *w,
				     struct kith_error *e);

/* Adds what the index of a closed segment says.  *whole: it is there, without
 * damage, and has an end. */
KITH_CHECK enum kith_err survey_index(const struct survey *l,
				    const struct depot_writer_id *w,
				    uint32_t number, struct depot_ranges *out,
				    bool *whole, struct kith_error *e);
/* Adds the messages that can be read in a segment; without another word. */
KITH_CHECK enum kith_err survey_segment(const struct survey *l,
				      const struct depot_writer_id *w,
				      uint32_t number,
				      struct depot_ranges *out,
				      struct kith_error *e);

/* Makes one message, whose feed and first are set, a range; false: it is
 * none that could be named. */
bool survey_is_range(struct depot_range *one);

/* The messages of a list of ranges, and how many feeds they are of. */
uint64_t survey_messages(const struct depot_ranges *r);
uint64_t survey_feeds(const struct depot_ranges *r);

/* Blobs that lie there under their own names, by the folder's list.  Each is
 * given as it is called: of a sealed depot no id.  EDENIED: nothing can be
 * listed. */
struct survey_blobs {
	uint64_t count, bytes, parts;
};
KITH_CHECK enum kith_err survey_blobs(const struct survey *l,
				    struct survey_blobs *out,
				    struct kith_error *e);

/* --- for scrub ------------------------------------------------------------ */

/* Tells of a finding, and of bytes that were read. */
void survey_found(const struct survey *l, const struct survey_finding *f);
KITH_CHECK enum kith_err survey_tick(const struct survey *l, uint64_t bytes,
				   struct kith_error *e);

#endif
