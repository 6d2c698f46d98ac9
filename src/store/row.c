#include "src/store/row.h"

#include "src/store/keys.h"

/* Castagnoli's polynomial, bits reversed (RFC 3720, appendix B.4). */
static const uint32_t POLYNOMIAL = 0x82f63b78;

static void make_tables(uint32_t table[8][256])
{
	for (uint32_t i = 0; i < 256; i++) {
		uint32_t crc = i;

		for (int bit = 0; bit < 8; bit++)
			crc = crc & 1 ? crc >> 1 ^ POLYNOMIAL : crc >> 1;
		table[0][i] = crc;
	}
	for (int k = 1; k < 8; k++)
		for (int i = 0; i < 256; i++) {
			uint32_t crc = table[k - 1][i];

			table[k][i] = crc >> 8 ^ table[0][crc & 0xff];
		}
}

static uint32_t little_endian(const uint8_t *p)
{
	return (uint32_t)p[3] << 24 | (uint32_t)p[2] << 16 |
	       (uint32_t)p[1] << 8 | p[0];
}

static uint32_t crc_of_eight(const uint32_t table[8][256], uint32_t crc,
			     const uint8_t *p)
{
	uint32_t low = crc ^ little_endian(p), high = little_endian(p + 4);

	return table[7][low & 0xff] ^ table[6][low >> 8 & 0xff] ^
	       table[5][low >> 16 & 0xff] ^ table[4][low >> 24] ^
	       table[3][high & 0xff] ^ table[2][high >> 8 & 0xff] ^
	       table[1][high >> 16 & 0xff] ^ table[0][high >> 24];
}

#ifdef __x86_64__
static bool has_hardware(void)
{
	return __builtin_cpu_supports("sse4.2");
}

/* All whole steps of eight bytes. */
__attribute__((target("sse4.2"))) static uint32_t
crc_in_hardware(uint32_t crc, struct kith_slice *bytes)
{
	uint64_t long_crc = crc, eight;

	for (; bytes->n >= 8; bytes->p += 8, bytes->n -= 8) {
		memcpy(&eight, bytes->p, sizeof(eight));
		long_crc = __builtin_ia32_crc32di(long_crc, eight);
	}
	return (uint32_t)long_crc;
}
#else
static bool has_hardware(void)
{
	return false;
}

static uint32_t crc_in_hardware(uint32_t crc, struct kith_slice *bytes)
{
	(void)bytes;
	return crc;
}
#endif

void crc32c_init(struct crc32c *c)
{
	make_tables(c->table);
	c->hardware = has_hardware();
}

uint32_t crc32c(const struct crc32c *c, uint32_t crc, struct kith_slice bytes)
{
	crc = ~crc;
	if (c->hardware)
		crc = crc_in_hardware(crc, &bytes);
	for (; bytes.n >= 8; bytes.p += 8, bytes.n -= 8)
		crc = crc_of_eight(c->table, crc, bytes.p);
	for (; bytes.n; bytes.p++, bytes.n--)
		crc = crc >> 8 ^ c->table[0][(crc ^ *bytes.p) & 0xff];
	return ~crc;
}

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
