/*
 * The messages of a source in a temporary file, to be had by their number in
 * the walk.  One thread.
 */
#ifndef SOURCE_VALUES_H
#define SOURCE_VALUES_H

#include "src/source/source.h"

struct source_values;

/* Walks s from its start and copies the first count messages; s stands behind
 * them.  Gives; source_values_free.  As source_next; EFULL. */
KITH_CHECK enum kith_err source_values_new(struct source *s, size_t count,
					   struct source_values **out,
					   struct kith_error *e);
void source_values_free(struct source_values *v);

/* The message with this number, from 0, below count; borrowed until the next
 * call.  ENOENT: the source had fewer when it was copied. */
KITH_CHECK enum kith_err source_values_get(struct source_values *v,
					   size_t number,
					   struct source_message *out,
					   struct kith_error *e);

#endif
