/*
 * What a tool must know of a home's config file to write without kithd: the
 * key that goes into every message's signature, who is in reach, and how much is
 * kept, of messages and of blobs.
 * kithd(8) reads the rest.
 */
#ifndef TOOLS_NETWORK_H
#define TOOLS_NETWORK_H

#include "src/gossip/keep.h"
#include "src/wire/shs.h"
#include "tools/tool.h"

struct network {
	bool has_key; /* else the main network */
	uint8_t key[KITH_HMAC_BYTES];
	uint8_t app_key[SHS_APP_KEY_BYTES]; /* of connections to peers */
	uint64_t hops; /* feeds so many follows away are replicated */
	uint64_t store_limit;	 /* bytes; 0: none */
	uint64_t retention_days; /* 0: no rule */
	uint64_t retention_hops;
	uint64_t blob_max; /* bytes; a blob has less */
	struct keep_quotas blob_quotas;
};

enum { NETWORK_HOPS = 2, NETWORK_RETENTION_HOPS = 2 };

/* The main network. */
#define NETWORK_APP_KEY "1KHLiKZvAvjbY1ziZEHMXawbCEIM6qwjCDm3VYRan/s="

/* What holds where no home says anything. */
void network_main(struct network *out);

/* EXIT_UNREADABLE after an error text: the file is there and unusable. */
int network_read(const struct home *h, struct network *out);

#endif
