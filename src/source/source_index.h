/*
 * An index of a source that has none: which message of which feed it holds,
 * made by one walk over it.
 *
 * What is no message is passed over; with.finding hears of it.  48 bytes a
 * message, at most SOURCE_INDEX_MESSAGES_MAX of them.  The messages themselves
 * are copied to a temporary file when the first is asked for.  One thread.
 */
#ifndef SOURCE_INDEX_H
#define SOURCE_INDEX_H

#include "src/source/source.h"

struct source_index;

/* Walks s, which is kept as a view, from its start.  As source_next; ETOOBIG.
 * Gives; source_index_free. */
KITH_CHECK enum kith_err source_index_new(struct source *s,
					  const struct source_with *with,
					  struct source_index **out,
					  struct kith_error *e);
void source_index_free(struct source_index *x);

/* As the functions of source.h. */
void source_index_clock(const struct source_index *x,
			bool (*fn)(void *arg, const struct source_feed *f),
			void *arg);
KITH_CHECK enum kith_err source_index_id_at(const struct source_index *x,
					    const struct kith_feed_id *feed,
					    uint64_t sequence,
					    struct kith_msg_id *out);
KITH_CHECK enum kith_err source_index_at(struct source_index *x,
					 const struct kith_feed_id *feed,
					 uint64_t sequence,
					 struct source_message *out,
					 struct kith_error *e);
KITH_CHECK enum kith_err source_index_by_id(struct source_index *x,
					    const struct kith_msg_id *id,
					    struct source_message *out,
					    struct kith_error *e);

#endif
