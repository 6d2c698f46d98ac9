/* What gc.c and merge.c share: a session that moves lines from file to file. */
#ifndef DEPOT_GC_PRIVATE_H
#define DEPOT_GC_PRIVATE_H

#include "src/depot/gc.h"
#include "src/depot/leave.h"
#include "src/depot/survey.h"

struct gc {
	struct session s;
	struct depot_config config;
	struct leave out;
	const struct gc_plan *plan;
	struct gc_report *report;
	struct survey *survey;
	struct survey_writer *ours; /* NULL: we have written nothing */
	/* Files of ours that go, once the head names them no more. */
	uint32_t gone[DEPOT_SEGMENTS_MAX];
	size_t gone_count;
};

/* The row of our head goes; the file later.  i counts the segments. */
void gc_drop(struct gc *g, size_t i);

/* What a segment of a writer holds: by its index, else by its lines. */
KITH_CHECK enum kith_err gc_ranges(struct gc *g,
				   const struct depot_writer_id *w,
				   const struct depot_segment *segment,
				   struct depot_ranges *out);

/* Makes one large segment of our small ones. */
KITH_CHECK enum kith_err gc_merge(struct gc *g);

/* Writes what only that writer has into a segment of ours, and removes its
 * files. */
KITH_CHECK enum kith_err gc_adopt(struct gc *g,
				  const struct depot_writer_id *w);

/* Everything of a writer that is a file there but no head of it names (NULL:
 * everything); *count of them. */
KITH_CHECK enum kith_err gc_remove_files(struct gc *g,
					 const struct depot_writer_id *w,
					 const struct depot_head *named,
					 uint64_t *count);

#endif
