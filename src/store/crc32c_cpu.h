/*
 * The checksum by the processor: crc32c_x86_64.c, or crc32c_portable.c for
 * processors that are not known to have it.
 */
#ifndef STORE_CRC32C_CPU_H
#define STORE_CRC32C_CPU_H

#include "feeds/bytes.h"

/* True if this processor can. */
bool crc32c_has_cpu(void);

/* If it can: crc as it is between two bytes, before and behind these. */
uint32_t crc32c_cpu(uint32_t crc, struct kith_slice bytes);

#endif
