/*
 * What the readers of secret files share.
 */
#ifndef FEEDS_SECRET_PRIVATE_H
#define FEEDS_SECRET_PRIVATE_H

#include "feeds/secret.h"

/* Gives the text without comments and line ends in *out; secret_wipe it, also
 * after an error.  ETOOBIG, ENOMEM. */
KITH_CHECK enum kith_err secret_strip(struct kith_slice text,
				      struct kith_buf *out,
				      struct kith_error *e);
void secret_wipe(struct kith_buf *b);

#endif
