/*
 * Error codes and the one struct that explains an error to a person.
 *
 * Functions that can fail return enum kith_err and leave their results alone
 * on failure.  Where a person or a log will read why, the last parameter is a
 * struct kith_error, which may be NULL; the first error in it wins.
 */
#ifndef FEEDS_ERR_H
#define FEEDS_ERR_H

#include <stddef.h>

#include "feeds/export.h"

/* What the caller can do about it; a new code needs a new reaction. */
enum kith_err {
	KITH_OK,
	KITH_ENOMEM,  /* out of memory: try later */
	KITH_ETOOBIG, /* over a named limit */
	KITH_EFORMAT, /* malformed */
	KITH_ESIGN,   /* signature does not verify */
	KITH_EGAP,    /* messages before this one are missing */
	KITH_EFORK,   /* contradicts a message that we hold */
	KITH_EEXIST,  /* there already */
	KITH_ENOENT,  /* asked for by name and missing */
	KITH_EDENIED, /* not allowed */
	KITH_EIO,     /* the system failed to read or write */
	KITH_EFULL,   /* no room: disk, map or quota */
	KITH_EBUSY    /* in use by another; try later */
};

enum { KITH_ERROR_TEXT_BYTES = 160 };

struct kith_error {
	enum kith_err code;
	size_t offset; /* of the first bad byte, where there is one */
	char text[KITH_ERROR_TEXT_BYTES]; /* lower case, no full stop */
};

/* A static, lower-case text for e; never NULL. */
KITH_API const char *kith_strerror(enum kith_err e);

/* Fills in *e unless it is NULL or holds an earlier error; text is cut to
 * fit.  Returns code, so that callers can write return kith_fail(...). */
KITH_API enum kith_err kith_fail(struct kith_error *e, enum kith_err code,
				 size_t offset, const char *format, ...)
	__attribute__((format(printf, 4, 5)));

#endif
