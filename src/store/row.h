/*
 * The row of one message in the log: a fixed header, then canonical bytes.
 *
 * Pure.  The checksum covers the receive number too, so that a row found
 * under another key is noticed.
 *
 *	bytes  field
 *	0-3    crc32c of the receive number and of all that follows
 *	4      format
 *	5      flags, 0
 *	6-7    0
 *	8-11   feed number
 *	12-15  source
 *	16-23  sequence
 *	24-31  received_us
 *	32-35  units
 *	36-67  id
 *	68-    canonical bytes
 */
#ifndef STORE_ROW_H
#define STORE_ROW_H

#include "src/store/crc32c.h"
#include "src/store/messages.h"

enum { ROW_HEADER_BYTES = 68 };

/* Writes ROW_HEADER_BYTES + row->canon.n bytes to out. */
void row_encode(const struct crc32c *c, const struct message_row *row,
		uint8_t *out);

/* The id's bytes in a row, whose checksum is not looked at; empty if value is
 * too short for one. */
static inline struct kith_slice row_id(struct kith_slice value)
{
	if (value.n <= ROW_HEADER_BYTES)
		return (struct kith_slice){ NULL, 0 };
	return (struct kith_slice){ value.p + 36, KITH_ID_BYTES };
}

/* False if value is no row of receive number rx; out->canon borrows. */
KITH_CHECK bool row_decode(const struct crc32c *c, uint64_t rx,
			   struct kith_slice value, struct message_row *out);

#endif
