#include "src/store/row.h"

#include "src/store/keys.h"

/* Of a row whose header stands at p. */
static uint32_t checksum(const struct crc32c *c, uint64_t rx,
			 const uint8_t *p, size_t n)
{
	struct key key = key_number(rx);

	return crc32c(c, crc32c(c, 0, key_slice(&key)),
		      (struct kith_slice){ p + 4, n - 4 });
}

void row_encode(const struct crc32c *c, const struct message_row *row,
		uint8_t *out)
{
	out[4] = (uint8_t)row->format;
	memset(out + 5, 0, 3);
	kith_put_be32(out + 8, row->feed_number);
	kith_put_be32(out + 12, row->source);
	kith_put_be64(out + 16, row->sequence);
	kith_put_be64(out + 24, (uint64_t)row->received_us);
	kith_put_be32(out + 32, row->units);
	memcpy(out + 36, row->id.b, KITH_ID_BYTES);
	memcpy(out + ROW_HEADER_BYTES, row->canon.p, row->canon.n);
	kith_put_be32(out, checksum(c, row->rx, out,
				    ROW_HEADER_BYTES + row->canon.n));
}

bool row_decode(const struct crc32c *c, uint64_t rx, struct kith_slice value,
		struct message_row *out)
{
	const uint8_t *p = value.p;

	if (value.n <= ROW_HEADER_BYTES ||
	    kith_be32(p) != checksum(c, rx, p, value.n))
		return false;
	*out = (struct message_row){
		.rx = rx,
		.format = (enum kith_format)p[4],
		.feed_number = kith_be32(p + 8),
		.source = kith_be32(p + 12),
		.sequence = kith_be64(p + 16),
		.received_us = (int64_t)kith_be64(p + 24),
		.units = kith_be32(p + 32),
		.id.format = (enum kith_format)p[4],
		.canon = { p + ROW_HEADER_BYTES, value.n - ROW_HEADER_BYTES },
	};
	memcpy(out->id.b, p + 36, KITH_ID_BYTES);
	return true;
}
