/*
 * The same packets as other machines and programs record them.
 */
#ifndef TESTS_TOOLS_RECORDING_WAYS_H
#define TESTS_TOOLS_RECORDING_WAYS_H

#include "feeds/bytes.h"

/* Their names: *at is 0 first; NULL at the end. */
const char *recording_way(size_t *at);

/* Appends what overheard_pcap wrote, in that way; false: there is none of that
 * name. */
bool recording_put(const char *way, struct kith_slice pcap,
		   struct kith_buf *out);

#endif
