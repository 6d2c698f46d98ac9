/*
 * The option depots: a list of the depots that kithd syncs with by itself.
 */
#ifndef DAEMON_CONFIG_DEPOTS_H
#define DAEMON_CONFIG_DEPOTS_H

#include <jansson.h>

#include "src/daemon/config.h"

/* Reads the list; *out is untouched on failure.  EFORMAT: e says which member of
 * which depot, and what it must be. */
KITH_CHECK enum kith_err config_depots_read(const json_t *list,
					    struct config_depots *out,
					    struct kith_error *e);

#endif
