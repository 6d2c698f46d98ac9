/*
 * What both kinds of secret files share.
 */
#ifndef FEEDS_SECRET_PRIVATE_H
#define FEEDS_SECRET_PRIVATE_H

#include "feeds/secret.h"

/* What a person who opens either reads above and below the key. */
#define SECRET_CARE                                                            \
	"# Use it in one place only.  Two copies that both publish fork the\n"  \
	"# feed, and everybody then stops replicating it, for good.\n"          \
	"# Do not edit it.\n"                                                   \
	"#\n"
#define SECRET_BOTTOM                                                          \
	"#\n"                                                                   \
	"# The name below is public; give it to whoever wants to follow you:\n" \
	"#\n"                                                                   \
	"#   "

/* Gives the text without comments and line ends in *out; secret_wipe it, also
 * after an error.  ETOOBIG, ENOMEM. */
KITH_CHECK enum kith_err secret_strip(struct kith_slice text,
				      struct kith_buf *out,
				      struct kith_error *e);
void secret_wipe(struct kith_buf *b);

#endif
