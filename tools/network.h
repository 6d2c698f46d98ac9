/*
 * Which network a home belongs to, as its config file says.
 *
 * Only what a tool must know to write without kithd: the key that goes into
 * every message's signature.  kithd(8) reads the rest.
 */
#ifndef TOOLS_NETWORK_H
#define TOOLS_NETWORK_H

#include "tools/tool.h"

struct network {
	bool has_key; /* else the main network */
	uint8_t key[KITH_HMAC_BYTES];
};

/* EXIT_UNREADABLE after an error text: the file is there and unusable. */
int network_read(const struct home *h, struct network *out);

#endif
