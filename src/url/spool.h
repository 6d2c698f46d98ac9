/*
 * Temporary files without a name, in $TMPDIR or /var/tmp.
 */
#ifndef URL_SPOOL_H
#define URL_SPOOL_H

#include "feeds/bytes.h"

/* EIO: e names the folder.  Gives *fd; close. */
KITH_CHECK enum kith_err url_spool_open(int *fd, struct kith_error *e);

/* EFULL, EIO. */
KITH_CHECK enum kith_err url_spool_put(int fd, struct kith_slice bytes,
				       struct kith_error *e);
/* Up to n bytes from at on; -1: EIO. */
long url_spool_get(int fd, uint64_t at, uint8_t *to, size_t n);

#endif
