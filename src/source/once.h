/*
 * What can be read only once, as standard input and any other pipe: copied to a
 * temporary file, so that it can be gone through more than once.
 *
 * A file is left where it is.  Opened once, and blocks until a pipe ends; one
 * thread.
 */
#ifndef SOURCE_ONCE_H
#define SOURCE_ONCE_H

#include "src/source/source.h"

enum { ONCE_NAME_BYTES = 4096 };

/* Embedded; once_open before, once_close after, which may be more often. */
struct once {
	char name[ONCE_NAME_BYTES]; /* by which it can be opened ever again */
	int copy;		    /* or -1: a file */
};

/* A file that can be opened and read again; false: a pipe, or not there. */
bool once_is_file(const char *name);

/* name: "-" is standard input.  EBUSY: with's tick stops it; ENOENT, EDENIED,
 * EIO, EFULL; nothing is open then. */
KITH_CHECK enum kith_err once_open(struct once *o, const char *name,
				   const struct source_with *with,
				   struct kith_error *e);

/* Before it is opened by its name.  EIO. */
KITH_CHECK enum kith_err once_rewind(const struct once *o,
				     struct kith_error *e);
void once_close(struct once *o);

#endif
