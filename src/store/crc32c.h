/*
 * The checksum of rows: Castagnoli, reflected, eight bytes a step, by the
 * processor where it can.
 *
 * Pure.
 */
#ifndef STORE_CRC32C_H
#define STORE_CRC32C_H

#include "feeds/bytes.h"

struct crc32c {
	bool hardware; /* the table is not made then */
	uint32_t table[8][256];
};

void crc32c_init(struct crc32c *c);
/* For any processor. */
void crc32c_init_table(struct crc32c *c);

/* The checksum of bytes that follow those of crc (0: none). */
uint32_t crc32c(const struct crc32c *c, uint32_t crc, struct kith_slice bytes);

#endif
