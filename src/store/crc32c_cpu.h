/*
 * The checksum by the processor: crc32c_x86_64.c, or crc32c_portable.c for
 * processors that are not known to have it.
 */
#ifndef STORE_CRC32C_CPU_H
#define STORE_CRC32C_CPU_H

#include "feeds/bytes.h"

/* True if this processor can. */
bool crc32c_has_cpu(void);

/* Takes all whole steps of eight bytes from the front of bytes; crc as it is
 * between the steps. */
uint32_t crc32c_cpu(uint32_t crc, struct kith_slice *bytes);

#endif
